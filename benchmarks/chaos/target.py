"""What the faults harm, and what they say of it."""

from __future__ import annotations

import os
import signal
import threading
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from shared.stores.connection import Database


class Target(Protocol):
    """A running system in a state folder, with a press beside it."""

    state: Path
    feeds_file: Path
    url: str

    @property
    def database(self) -> Database: ...
    @property
    def supervisor(self) -> int: ...
    @property
    def press_process(self) -> int: ...
    def pids(self, role: str) -> list[int]: ...
    def kill(self, role: str, *, child: bool = False, number: int = signal.SIGKILL) -> int: ...
    def start(self) -> None: ...
    def terminate(self) -> float: ...
    def cut_power(self) -> None: ...
    def wait(self, happened: Callable[[], bool], what: str, *, seconds: float = 60.0) -> float: ...


@dataclass(frozen=True, kw_only=True)
class Hit:
    """What a fault did. `what` is its kind, as it is counted; `left` a role that the watchdog has to find and replace.

    `took`: the seconds that an orderly stop took.
    """

    what: str
    detail: str = ""
    left: str = ""
    took: float = 0.0

    def __str__(self) -> str:
        return f"{self.what} {self.detail}".strip()


if TYPE_CHECKING:
    Fault = Callable[[Target, random.Random], Hit]


def later(seconds: float, act: Callable[[], object]) -> None:
    """Do something in a while, beside everything else."""
    timer = threading.Timer(seconds, act)
    timer.daemon = True
    timer.start()


def tell(pid: int, number: int) -> None:
    """Send a signal to a process that may be gone."""
    with suppress(ProcessLookupError):
        os.kill(pid, number)


@contextmanager
def stopped(pid: int) -> Iterator[None]:
    """Have a process stand still meanwhile."""
    tell(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        tell(pid, signal.SIGCONT)
