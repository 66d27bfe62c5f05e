"""The faults: each takes the world and a random number generator, does its harm and returns what it did."""

from __future__ import annotations

import os
import resource
import signal
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

import psutil

from shared.stores.connection import RedisError

if TYPE_CHECKING:
    import random
    from collections.abc import Callable
    from typing import Protocol

    from shared.stores.connection import Database

    class Target(Protocol):
        """What can be harmed: a running system."""

        @property
        def database(self) -> Database: ...
        def pids(self, role: str) -> list[int]: ...
        def kill(self, role: str, *, child: bool = False, number: int = signal.SIGKILL) -> int: ...

    Fault = Callable[[Target, random.Random], str]

LEFT = "left to the watchdog"
STOPPED_FOR = (2.0, 9.0)  # seconds a short SIGSTOP lasts; a long one lasts until the watchdog ends it
SILENT_FOR = (2_000, 8_000)  # milliseconds the server answers nobody


def killing(role: str, *, child: bool = False) -> Fault:
    def fault(target: Target, _rng: random.Random) -> str:
        target.kill(role, child=child)
        return f"kill -9 {role}{' child' if child else ''}"

    return fault


def stopping(role: str, *, for_good: bool = False) -> Fault:
    """SIGSTOP: continued after a while, or left to the watchdog."""

    def fault(target: Target, rng: random.Random) -> str:
        pid = target.kill(role, number=signal.SIGSTOP)
        if for_good:
            return f"SIGSTOP {role}, {LEFT}"
        seconds = rng.uniform(*STOPPED_FOR)
        timer = threading.Timer(seconds, _continue, (pid,))
        timer.daemon = True
        timer.start()
        return f"SIGSTOP {role} for {seconds:.1f} s"

    return fault


def cut(target: Target, _rng: random.Random) -> str:
    """Every connection to the server is closed under its clients."""
    with suppress(RedisError):
        target.database.redis.execute_command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
    return "connections cut"


def black_hole(target: Target, rng: random.Random) -> str:
    """The server holds its connections and answers nobody, beyond its clients' patience."""
    milliseconds = rng.randint(*SILENT_FOR)
    with suppress(RedisError):
        target.database.redis.execute_command("CLIENT", "PAUSE", milliseconds, "ALL")
    return f"server silent for {milliseconds / 1000:.1f} s"


def disk_full(target: Target, rng: random.Random) -> str:
    """The server can write no further byte to its files for a while."""
    seconds = rng.uniform(*STOPPED_FOR)
    for pid in target.pids("server")[:1]:
        hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)[1]
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (0, hard))
        timer = threading.Timer(seconds, _room, (pid, hard))
        timer.daemon = True
        timer.start()
    return f"disk full for {seconds:.1f} s"


def _continue(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGCONT)


def _room(pid: int, hard: int) -> None:
    with suppress(ProcessLookupError, psutil.NoSuchProcess):
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (hard, hard))


# How often each is drawn. Kills lead, as the count of kills is what a run is asked for.
FAULTS: tuple[tuple[int, Fault], ...] = (
    (22, killing("text", child=True)),
    (10, killing("text")),
    (14, killing("web")),
    (8, killing("scheduler")),
    (8, killing("beat")),
    (12, killing("server")),
    (3, killing("console")),
    (3, stopping("text")),
    (3, stopping("web")),
    (3, stopping("scheduler")),
    (3, stopping("beat")),
    (2, stopping("server")),
    (1, stopping("web", for_good=True)),
    (1, stopping("text", for_good=True)),
    (4, cut),
    (3, black_hole),
    (3, disk_full),
)


def draw(rng: random.Random) -> Fault:
    """Choose a fault by its weight."""
    return rng.choices([fault for _, fault in FAULTS], [weight for weight, _ in FAULTS])[0]
