"""One server at a time on a state folder's files: a lock that the server itself holds, by inheritance, until it ends.

A supervisor that is killed leaves its server behind for a moment, or for long if that was stopped. Two servers that
append to the same file would ruin it; so the next one waits for the last, and ends it if it does not go.
"""

from __future__ import annotations

import fcntl
import os
import signal
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PATIENCE = 10.0  # seconds that a server is given to write its last bytes and go
PAUSE = 0.1


class StillHeldError(TimeoutError):
    """Another server works on the same files and could not be ended."""


@contextmanager
def held(folder: Path, *, patience: float = PATIENCE) -> Iterator[int]:
    """Hold the server's folder; yields a descriptor that the server must inherit. Raises StillHeldError."""
    descriptor = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        if not _locked(descriptor, patience):
            with suppress(OSError, ValueError):
                os.kill(int((folder / "server.pid").read_text(encoding="ascii")), signal.SIGKILL)
            if not _locked(descriptor, patience):
                raise StillHeldError(f"another server works on {folder} and does not end")
        yield descriptor
    finally:
        os.close(descriptor)


def _locked(descriptor: int, patience: float) -> bool:
    end = time.monotonic() + patience
    while time.monotonic() < end:
        with suppress(BlockingIOError):
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        time.sleep(PAUSE)
    return False
