"""The whole system as a user runs it (`rarewire up`, real processes) against the demo's press, and what became of it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import psutil

from shared.outcomes import Disposition
from shared.stores.articles import ArticleStore
from shared.stores.connection import Database, RedisError, connect
from shared.stores.streams import StreamStore
from shared.stores.work import WorkStore
from shared.topology import Stage
from shared.urls import article_id

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

STREAM = "rarewire:rare-earth:v1"
COMMAND = "from console.cli.main import main; main()"
ROLES = {
    "server": "valkey-server",
    "beat": "schedulers.app beat",
    "scheduler": "schedulers.app worker",
    "web": "web@%h",
    "text": "text@%h",
    "console": "console.web",
}


class World:
    """A press and a running system in a folder of their own. `press` are the fake press's options."""

    def __init__(self, folder: Path, *, press: dict[str, str | int], settings: dict[str, str] | None = None) -> None:
        self.state = folder / "state"
        self.feeds_file = folder / "feeds.toml"
        self._folder = folder
        self._press_options = press
        self._settings = settings or {}
        self._database: Database | None = None
        self.url = ""

    def __enter__(self) -> Self:
        self._start_press()
        feeds = "\n".join(f'[[feed]]\nname = "{one["name"]}"\nurl = "{one["url"]}"\n' for one in self.press["feeds"])
        self.feeds_file.write_text(feeds, encoding="utf-8")
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        with self._press:
            self._press.terminate()

    def start(self) -> None:
        """Run `rarewire up` and wait until its server answers."""
        (self.state / "running.json").unlink(missing_ok=True)  # a system that was killed leaves it behind
        with (self._folder / "up.log").open("ab") as log:
            self._up = subprocess.Popen(
                [sys.executable, "-c", COMMAND, "up", "--no-tail"],
                stdout=log,
                stderr=log,
                env={**os.environ, **self.environment},
            )
        self.wait(lambda: (self.state / "running.json").exists() or self._up.poll() is not None, "the system to start")
        assert self._up.poll() is None, (self._folder / "up.log").read_text(encoding="utf-8")
        running = json.loads((self.state / "running.json").read_text(encoding="utf-8"))
        self.url, self.console = running["redis_url"], running["console_url"]
        self._database = connect(self.url)

    @property
    def environment(self) -> dict[str, str]:
        """The settings that the system runs with."""
        return {
            "RAREWIRE_STATE_DIR": str(self.state),
            "RAREWIRE_FEEDS_FILE": str(self.feeds_file),
            "RAREWIRE_ALLOW_LOOPBACK": "true",
            "RAREWIRE_PORTS": "[]",
            "RAREWIRE_HOST_GAP": "0",
            "RAREWIRE_SERVER_PORT": "0",
            "RAREWIRE_CONSOLE_PORT": "0",
            **self._settings,
        }

    def stop(self) -> int:
        """Press Ctrl-C and wait; returns the exit code."""
        if self._up.poll() is None:
            self._up.send_signal(signal.SIGINT)
        return self._up.wait(timeout=60)

    def terminate(self) -> float:
        """Send SIGTERM, as a service manager does, and wait; returns the seconds it took."""
        begin = time.monotonic()
        self._up.terminate()
        assert self._up.wait(timeout=60) == 0, (self._folder / "up.log").read_text(encoding="utf-8")
        return time.monotonic() - begin

    def cut_power(self) -> None:
        """Kill everything at once, the supervisor and the server included."""
        supervisor = psutil.Process(self._up.pid)
        everything = [supervisor, *supervisor.children(recursive=True)]
        for process in everything:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        self._up.wait(timeout=60)
        psutil.wait_procs(everything, timeout=60)

    @property
    def supervisor(self) -> int:
        """The pid of `rarewire up`."""
        return self._up.pid

    @property
    def press_process(self) -> int:
        """The pid of the press."""
        return self._press.pid

    @property
    def database(self) -> Database:
        assert self._database is not None
        return self._database

    def work(self) -> WorkStore:
        """The work of all stages."""
        return WorkStore(self.database)

    def pids(self, role: str) -> list[int]:
        """The role's process first, then its pool children, oldest first."""
        for child in psutil.Process(self._up.pid).children():
            with suppress(psutil.NoSuchProcess):
                if ROLES[role] in " ".join(child.cmdline()):
                    return [child.pid, *(one.pid for one in child.children(recursive=True))]
        return []

    def kill(self, role: str, *, child: bool = False, number: int = signal.SIGKILL) -> int:
        """Send a signal to a role's process, or to its first pool child; waits until there is one. Returns its pid."""
        wanted = 1 if child else 0
        self.wait(lambda: len(self.pids(role)) > wanted, f"a {role} process to kill")
        pid = self.pids(role)[wanted]
        os.kill(pid, number)
        return pid

    def ids(self, urls: Iterable[str]) -> set[str]:
        """The article ids of URLs."""
        return {article_id(url) for url in urls}

    def truth(self) -> list[dict[str, Any]]:
        """What the press has published so far."""
        with urllib.request.urlopen(self.press["truth"], timeout=30) as answer:
            return json.loads(answer.read())

    def statuses(self) -> dict[str, str]:
        """URL of each published article -> the stage, outcome and reason it ended with; empty while unknown."""
        articles = ArticleStore(self.database)
        return {one["url"]: articles.get(article_id(one["url"])).get("status", "") for one in self.truth()}

    def events(self) -> list[dict[str, Any]]:
        """Every article event on the stream, its data decoded."""
        rows = StreamStore(self.database).range(STREAM)
        return [{**fields, "data": json.loads(fields["data"])} for _, fields in rows if ".article." in fields["type"]]

    def ended(self) -> bool:
        """Whether every article has come to its end in classification, or earlier for good."""
        with suppress(RedisError):
            return all(self.is_end(status) for status in self.statuses().values())
        return False

    @staticmethod
    def is_end(status: str) -> bool:
        """Whether an article's status is its last."""
        stage, _, rest = status.partition(":")
        outcome = rest.partition(":")[0]
        return outcome in {Disposition.DROPPED, Disposition.DEAD} or (
            stage == Stage.CLASSIFY and outcome != Disposition.RETRIED
        )

    def imbalances(self) -> dict[str, tuple[int, int]]:
        """Stages whose books do not balance: what went in, and what came out or is still there."""
        work = WorkStore(self.database)
        books, backlog = work.books(), work.backlog()
        sums = {
            stage.value: (
                books.get(f"{stage}:in", 0),
                sum(books.get(f"{stage}:{kind}", 0) for kind in Disposition)
                + int(backlog[stage]["waiting"] + backlog[stage]["leased"]),
            )
            for stage in Stage
        }
        return {name: pair for name, pair in sums.items() if pair[0] != pair[1]}

    def balance(self, *, looks: int = 100) -> dict[str, tuple[int, int]]:
        """What balances in none of some moments: books and backlog are read one after the other, while work moves."""
        for _ in range(looks):
            if not (found := self.imbalances()):
                break
            time.sleep(0.1)
        return found

    def doubled(self) -> list[str]:
        """Event ids that are on the stream more than once."""
        return [event for event, count in Counter(one["id"] for one in self.events()).items() if count > 1]

    def wait(self, happened: Callable[[], bool], what: str, *, seconds: float = 60.0) -> float:
        """Poll until something has happened; returns the seconds it took, fails after `seconds`."""
        start = time.monotonic()
        while not happened():
            if time.monotonic() - start > seconds:
                raise AssertionError(f"waited {seconds:.0f} s for {what}; {self.report()}")
            time.sleep(0.1)
        return time.monotonic() - start

    def done(self) -> int:
        """How many articles have come out of classification; 0 while the server is away."""
        with suppress(RedisError):
            return sum(status.startswith("classify:") for status in self.statuses().values())
        return 0

    def report(self) -> str:
        """What a failed test should say of the system's state."""
        if self._database is None:
            return (self._folder / "up.log").read_text(encoding="utf-8")
        with suppress(RedisError):
            waiting = Counter(status or "unknown" for status in self.statuses().values())
            return f"articles {dict(waiting)}; {WorkStore(self.database).backlog()}"
        return "the server does not answer"

    def _start_press(self) -> None:
        options = [text for name, value in self._press_options.items() for text in _option(name, value)]
        self._press = subprocess.Popen(
            [sys.executable, "-m", "demo.press", "--port", "0", *options], stdout=subprocess.PIPE
        )
        assert self._press.stdout is not None
        self.press: dict[str, Any] = json.loads(self._press.stdout.readline())


def _option(name: str, value: str | int) -> tuple[str, ...]:
    return (f"--{name}",) if value == "" else (f"--{name}", str(value))
