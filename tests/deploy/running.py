"""Processes of roles, each with a state folder of its own, as containers and units have; and a press to read."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from shared.stores.streams import StreamStore

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from demo.press import Press
    from shared.stores.connection import Database
    from tests.deploy.places import Start

STREAM = "rarewire:rare-earth:v1"
BIN = Path(sys.executable).parent
# What a world on loopback needs beside what stands in the files.
LOOPBACK = {
    "RAREWIRE_ALLOW_LOOPBACK": "true", "RAREWIRE_PORTS": "[]", "RAREWIRE_HOST_GAP": "0", "RAREWIRE_POLL_FLOOR": "5",
    "RAREWIRE_POLL_FLOOR_UNPROVEN": "5", "RAREWIRE_POLL_CEILING": "10", "RAREWIRE_TEXT_PROCESSES": "1",
}  # fmt: skip


def wait(ready: Callable[[], Any], what: str, *, seconds: float = 90.0) -> None:
    """Wait until something is so; fails after so many seconds."""
    end = time.monotonic() + seconds
    while not ready():
        assert time.monotonic() < end, f"waited {seconds:.0f} s for {what}"
        time.sleep(0.2)


def articles(database: Database) -> int:
    """How many article events are on the stream; canaries are none."""
    return sum(".article." in fields["type"] for _, fields in StreamStore(database).range(STREAM))


def feeds_file(press: Press, path: Path) -> Path:
    """Write the press's feeds as a feeds file."""
    feeds = "\n".join(f'[[feed]]\nname = "{name}"\nurl = "{url}"\n' for name, url, _ in press.feeds())
    path.write_text(feeds, encoding="utf-8")
    return path


class Place:
    """All processes of a place; `common` are settings beside each one's own."""

    def __init__(self, starts: Iterable[Start], *, folder: Path, common: dict[str, str]) -> None:
        self.starts = {one.role: one for one in starts}
        self.common = common
        self._folder = folder
        self.processes: dict[str, subprocess.Popen[bytes]] = {}

    def start(self) -> None:
        for role, one in self.starts.items():
            with (self._folder / f"{role}.log").open("wb") as log:
                self.processes[role] = subprocess.Popen(
                    (str(BIN / one.command[0]), *one.command[1:]), env=self._environment(one), stdout=log, stderr=log,
                    stdin=subprocess.DEVNULL, start_new_session=True, cwd=self._folder,
                )  # fmt: skip

    def probe(self, role: str, command: tuple[str, ...] = ()) -> tuple[int, str]:
        """Run a role's own probe, or another one in its place; returns its exit code and what it said."""
        one = self.starts[role]
        program, *arguments = command or one.probe
        done = subprocess.run(
            (str(BIN / program), *arguments), env=self._environment(one), capture_output=True, text=True,
            check=False, cwd=self._folder,
        )  # fmt: skip
        return done.returncode, done.stderr

    def log(self, role: str) -> str:
        return (self._folder / f"{role}.log").read_text(encoding="utf-8", errors="replace")[-3000:]

    def close(self) -> None:
        for process in self.processes.values():
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def _environment(self, one: Start) -> dict[str, str]:
        ours = {name: value for name, value in os.environ.items() if not name.startswith("RAREWIRE_")}
        state = {"RAREWIRE_STATE_DIR": str(self._folder / "state" / one.role)}
        given = {name: value for name, value in one.environment.items() if name.startswith("RAREWIRE_")}
        return {**ours, **given, **self.common, **state}
