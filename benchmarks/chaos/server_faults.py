"""Faults of the server that holds the state. Those that last are over when the function returns."""

from __future__ import annotations

import errno
import os
import subprocess
import time
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from benchmarks.chaos.target import Hit, stopped
from shared.stores.connection import RedisError, connect

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator
    from pathlib import Path

    from benchmarks.chaos.target import Target

SHORT = (2.0, 9.0)  # seconds
LONG = (15.0, 25.0)  # beyond the watchdog's patience
AWAY = (5.0, 40.0)
OTHER = "another-password"
DISK = "4g"
FILLER = "filler"


def twice(target: Target, _rng: random.Random) -> Hit:
    """Killed again as soon as it is back."""
    first = target.kill("server")
    target.wait(lambda: target.pids("server")[:1] not in ([], [first]), "the server to come back")
    target.kill("server")
    return Hit(what="kill -9 server twice in a row")


def while_it_rewrites(target: Target, _rng: random.Random) -> Hit:
    """Killed while a child of it rewrites the append-only file."""
    with suppress(RedisError):
        target.database.redis.bgrewriteaof()
    target.kill("server")
    return Hit(what="kill -9 server while it rewrites its log")


def away(target: Target, rng: random.Random) -> Hit:
    """Killed, and for a while nobody starts it again."""
    seconds = rng.uniform(*AWAY)
    target.wait(lambda: bool(target.pids("server")), "the server")
    with stopped(target.supervisor):
        target.kill("server")
        time.sleep(seconds)
    return Hit(what="kill -9 server, away for a while", detail=f"{seconds:.0f} s")


def cut(target: Target, _rng: random.Random) -> Hit:
    """Every connection is closed under its client."""
    with suppress(RedisError):
        target.database.redis.execute_command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
    return Hit(what="connections cut")


def black_hole(target: Target, rng: random.Random, *, span: tuple[float, float] = SHORT) -> Hit:
    """It holds its connections and answers nobody, beyond its clients' patience."""
    seconds = rng.uniform(*span)
    with suppress(RedisError):
        target.database.redis.execute_command("CLIENT", "PAUSE", int(seconds * 1000), "ALL")
        time.sleep(seconds)
    return Hit(what="server silent", detail=f"for {seconds:.1f} s")


def long_black_hole(target: Target, rng: random.Random) -> Hit:
    """The same beyond the watchdog's patience, which kills it."""
    return replace(black_hole(target, rng, span=LONG), what="server silent for long")


def scripts_forgotten(target: Target, _rng: random.Random) -> Hit:
    """It forgets all scripts, as a failover does."""
    with suppress(RedisError):
        target.database.redis.script_flush()
    return Hit(what="SCRIPT FLUSH")


def password_changed(target: Target, rng: random.Random) -> Hit:
    """Somebody changes its password and closes every connection; in a while the old one is back."""
    address = urlsplit(target.url)
    other = connect(f"redis://default:{OTHER}@{address.hostname}:{address.port}/0", timeout=2.0).redis
    seconds = rng.uniform(*SHORT)
    with suppress(RedisError):
        target.database.redis.config_set("requirepass", OTHER)
        other.execute_command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
    time.sleep(seconds)
    with suppress(RedisError):  # the watchdog may have started it again, with the password of its file
        other.config_set("requirepass", str(address.password))
    return Hit(what="another password", detail=f"for {seconds:.1f} s")


def out_of_memory(target: Target, rng: random.Random) -> Hit:
    """Every command that needs memory is refused."""
    seconds = rng.uniform(*SHORT)
    with suppress(RedisError):
        target.database.redis.config_set("maxmemory", "1mb")
        time.sleep(seconds)
    _again(target, "0")
    return Hit(what="server out of memory", detail=f"for {seconds:.1f} s")


def _again(target: Target, limit: str) -> None:
    def done() -> bool:
        with suppress(RedisError):
            return bool(target.database.redis.config_set("maxmemory", limit))
        return False

    target.wait(done, "the server to take its limit back")


def disk_full(target: Target, rng: random.Random) -> Hit:
    """No byte more fits on the disk of the state folder: the server's file, the beat's, and all logs."""
    if not os.path.ismount(target.state):
        return Hit(what="disk full: not possible here")
    seconds = rng.uniform(*AWAY) / 2
    filler = target.state / FILLER
    try:
        _fill(filler)
        time.sleep(seconds)
    finally:
        filler.unlink(missing_ok=True)
    return Hit(what="disk full", detail=f"for {seconds:.1f} s")


def _fill(path: Path) -> None:
    size = 1 << 20
    with path.open("wb", buffering=0) as file:
        while size:
            try:
                file.write(bytes(size))
            except OSError as error:
                if error.errno != errno.ENOSPC:
                    raise
                size //= 2


@contextmanager
def small_disk(folder: Path) -> Iterator[bool]:
    """A file system of its own for a folder, so that it can be full; False where one must not mount (needs root)."""
    folder.mkdir(parents=True)
    command = ("mount", "-t", "tmpfs", "-o", f"size={DISK},mode=0700", "tmpfs", str(folder))
    with suppress(FileNotFoundError):
        mounted = subprocess.run(command, check=False, capture_output=True).returncode == 0
    try:
        yield mounted
    finally:
        if mounted:
            subprocess.run(("umount", "--lazy", str(folder)), check=False)
