"""Processes whose clocks are an hour wrong, beside the right ones: a web and a text worker, a beat and a scheduler."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Protocol

    class System(Protocol):
        """A running system, as others reach it."""

        url: str

        @property
        def environment(self) -> dict[str, str]: ...


FAKETIME = Path("/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1")
SHIFTS = (("web", "+1h"), ("text", "-1h"), ("scheduler", "+1h"), ("beat", "-1h"))
COMMAND = "from console.cli.main import main; main()"


@contextmanager
def wrong_clocks(system: System) -> Iterator[dict[str, int]]:
    """Run them meanwhile, their pids by role; they are killed at the end, with what they have in their hands."""
    if not FAKETIME.exists():
        print("libfaketime is not installed: nobody with a wrong clock takes part", file=sys.stderr)
        yield {}
        return
    running = {role: start(system, role, shift) for role, shift in SHIFTS}
    try:
        yield {role: process.pid for role, process in running.items()}
    finally:
        for process in running.values():
            process.kill()
            process.wait()


def start(system: System, role: str, shift: str) -> subprocess.Popen[bytes]:
    """Run one role by itself, as a container would, under a shifted clock."""
    state = Path(system.environment["RAREWIRE_STATE_DIR"]).parent / f"{role}{shift}"
    environment = {
        **os.environ,
        **system.environment,
        "RAREWIRE_REDIS_URL": system.url,
        "RAREWIRE_STATE_DIR": str(state),
        "RAREWIRE_TEXT_PROCESSES": "1",
        "LD_PRELOAD": str(FAKETIME),
        "FAKETIME": shift,
    }
    command = (sys.executable, "-c", COMMAND, "run", role)
    return subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
