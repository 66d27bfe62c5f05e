"""The commands of each place, run for real without containers: articles come out, probes say so, SIGTERM ends them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from console.conformance.server import ThrowAwayServer
from console.up.server import free_port
from console.web.exposure import user_line
from demo.press import Press
from shared.stores.streams import StreamStore
from tests.deploy.places import PLACES, Start, secrets_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(240)]
STREAM = "rarewire:rare-earth:v1"
BIN = Path(sys.executable).parent
TOKEN = "a-token-for-prometheus"
# What a world on loopback needs beside what stands in the files.
LOOPBACK = {
    "RAREWIRE_ALLOW_LOOPBACK": "true", "RAREWIRE_PORTS": "[]", "RAREWIRE_HOST_GAP": "0", "RAREWIRE_POLL_FLOOR": "5",
    "RAREWIRE_POLL_FLOOR_UNPROVEN": "5", "RAREWIRE_TEXT_PROCESSES": "1",
}  # fmt: skip


def wait(ready: Callable[[], Any], what: str, *, seconds: float = 90.0) -> None:
    end = time.monotonic() + seconds
    while not ready():
        assert time.monotonic() < end, f"waited {seconds:.0f} s for {what}"
        time.sleep(0.2)


class Place:
    """All processes of a place, each with a state folder of its own, as containers and units have."""

    def __init__(self, starts: list[Start], *, folder: Path, common: dict[str, str]) -> None:
        self.starts = {one.role: one for one in starts}
        self._folder, self._common = folder, common
        self.processes: dict[str, subprocess.Popen[bytes]] = {}

    def start(self) -> None:
        for role, one in self.starts.items():
            with (self._folder / f"{role}.log").open("wb") as log:
                self.processes[role] = subprocess.Popen(
                    (str(BIN / one.command[0]), *one.command[1:]), env=self._environment(one), stdout=log, stderr=log,
                    stdin=subprocess.DEVNULL, start_new_session=True, cwd=self._folder,
                )  # fmt: skip

    def probe(self, role: str) -> tuple[int, str]:
        one = self.starts[role]
        done = subprocess.run(
            (str(BIN / one.probe[0]), *one.probe[1:]), env=self._environment(one), capture_output=True, text=True,
            check=False, cwd=self._folder,
        )  # fmt: skip
        return done.returncode, done.stderr

    def log(self, role: str) -> str:
        return (self._folder / f"{role}.log").read_text(encoding="utf-8", errors="replace")[-2000:]

    def close(self) -> None:
        for process in self.processes.values():
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def _environment(self, one: Start) -> dict[str, str]:
        ours = {name: value for name, value in os.environ.items() if not name.startswith("RAREWIRE_")}
        state = {"RAREWIRE_STATE_DIR": str(self._folder / "state" / one.role)}
        given = {name: value for name, value in one.environment.items() if name.startswith("RAREWIRE_")}
        return {**ours, **given, **self._common, **state}


@pytest.fixture(params=PLACES)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Place, ThrowAwayServer]]:
    users = json.dumps([user_line("anna", "operator", "correct horse battery")])
    secrets = secrets_of({"RAREWIRE_CONSOLE_USERS": users, "RAREWIRE_CONSOLE_TOKEN": TOKEN})
    with ExitStack() as stack:
        server = stack.enter_context(ThrowAwayServer(tmp_path / "server"))
        press = stack.enter_context(Press(seed=4, stock=16, faults=False))
        feeds = "\n".join(f'[[feed]]\nname = "{name}"\nurl = "{url}"\n' for name, url, _ in press.feeds())
        (tmp_path / "feeds.toml").write_text(feeds, encoding="utf-8")
        common = {
            **LOOPBACK, "RAREWIRE_REDIS_URL": server.url, "RAREWIRE_FEEDS_FILE": str(tmp_path / "feeds.toml"),
            "RAREWIRE_CONSOLE_PORT": str(free_port(0)),
        }  # fmt: skip
        made = Place(PLACES[request.param](secrets), folder=tmp_path, common=common)
        stack.callback(made.close)
        yield made, server


def test_the_commands_of_a_place_bring_articles_and_end_cleanly(place):
    system, server = place
    system.start()
    stream = StreamStore(server.database())
    wait(lambda: stream.length(STREAM) > 0, "an article on the stream")
    for role in system.starts:
        assert system.processes[role].poll() is None, system.log(role)
        wait(lambda role=role: "showed life" in system.probe(role)[1], f"{role}: {system.probe(role)}", seconds=40)
        assert system.probe(role)[0] == 0
    _console_answers(system)
    _end(system)


def _console_answers(system: Place) -> None:
    """Prometheus reads the metrics with its token, as compose and the manifests have it do."""
    port = system._common["RAREWIRE_CONSOLE_PORT"]
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=10) as answer:
        assert answer.status == 200
    headers = {"Authorization": f"Bearer {TOKEN}", "Host": "console:8787"}
    asked = urllib.request.Request(f"http://127.0.0.1:{port}/metrics", headers=headers)
    with urllib.request.urlopen(asked, timeout=10) as answer:
        assert b"rarewire_stage_oldest_seconds" in answer.read()


def _end(system: Place) -> None:
    """SIGTERM goes to the first process alone, as a container's or unit's end does; children must not outlive it."""
    for process in system.processes.values():
        process.send_signal(signal.SIGTERM)
    for role, process in system.processes.items():
        code = process.wait(timeout=system.starts[role].grace)
        assert code in {0, -signal.SIGTERM}, f"{role} ended with {code}: {system.log(role)}"
        with pytest.raises(ProcessLookupError):
            os.killpg(process.pid, 0)
