"""What doctor asks the server that holds the state, and the broker; what INFO says is judged by pure functions."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from console.doctor.findings import Finding, Level
from console.up.server import find_binary
from shared.broker import refused_by
from shared.stores import keys
from shared.stores.admission import layout, refusal, silence
from shared.stores.connection import RedisError, connect
from shared.stores.vitals import VitalStore

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from shared.settings import Settings
    from shared.stores.connection import Database

CLOCK_WARNS, CLOCK_FAILS = 2.0, 30.0  # seconds between this machine's clock and the server's
NEARLY_FULL = 0.8
# All keys matter: what is evicted is work, and an evicted record would let an article be published twice.
SAFE_POLICY = "noeviction"


def broker(url: str) -> Finding:
    """Try to reach the broker for the doorbells, where it is not the server."""
    shown = urlsplit(url).hostname or urlsplit(url).scheme
    if refused := refused_by(url):
        return Finding(
            check="broker", level=Level.BAD, found=f"{shown} does not let us in: {refused}",
            do="see that it runs, and that RAREWIRE_BROKER_URL has its host, port, user, password and virtual host",
        )  # fmt: skip
    return Finding(check="broker", level=Level.OK, found=f"{shown} answers; it carries the doorbells")


def server(settings: Settings) -> Iterator[Finding]:
    """Ask the server that holds the state, where there is one."""
    try:
        url = settings.redis()
    except LookupError as error:
        yield Finding(check="server", level=Level.WARNING, found="none is running", do=str(error))
        try:
            find_binary()
        except FileNotFoundError as missing:
            yield Finding(check="server", level=Level.BAD, found="none can be started", do=str(missing))
        return
    try:
        database = connect(url, timeout=3.0, connections=2)
        yield from questions(database, managed=not settings.redis_url)
    except ValueError as error:
        yield Finding(check="server", level=Level.BAD, found=str(error), do="mend RAREWIRE_REDIS_URL")
    except RedisError as error:
        found, do = silence(error)
        yield Finding(check="server", level=Level.BAD, found=found, do=do)


def questions(database: Database, *, managed: bool = False) -> Iterator[Finding]:
    """Judge a server that answers; `managed`: `rarewire up` started it. Raises RedisError."""
    vitals = VitalStore(database)
    info = vitals.server()
    name = "Valkey" if "valkey_version" in info else "Redis"
    number = info.get("valkey_version") or info.get("redis_version")
    refused = refusal(database)
    yield Finding(
        check="server", level=Level.BAD if refused else Level.OK, found=f"{name} {number} answers", do=refused
    )
    if refused:
        return
    found = layout(database)
    told = f"layout {found}" if found else "the state is empty"
    yield Finding(check="layout", level=Level.OK, found=f"{told}; this release writes layout {keys.LAYOUT}")
    yield from persistence(info)
    yield from memory(info)
    yield clock(vitals.now() - time.time(), managed=managed)


def persistence(info: Mapping[str, Any]) -> Iterator[Finding]:
    """Judge by INFO whether a restart of the server would lose work. Pure."""
    if not int(info.get("aof_enabled", 0)):
        yield Finding(
            check="persistence", level=Level.WARNING,
            found="no append-only file: a crash loses what came since the last snapshot, or all",
            do="set `appendonly yes` and `appendfsync everysec` on the server",
        )  # fmt: skip
    else:
        yield Finding(check="persistence", level=Level.OK, found="the server keeps an append-only file")
    failed = [name for name in ("aof_last_write_status", "rdb_last_bgsave_status") if info.get(name, "ok") != "ok"]
    if failed:
        yield Finding(
            check="writing", level=Level.BAD, found=f"the server could not write its file ({', '.join(failed)})",
            do="see to the disk of the server: room, permissions, health; its log says more",
        )  # fmt: skip


def memory(info: Mapping[str, Any]) -> Iterator[Finding]:
    """Judge by INFO whether memory may run out, and what the server does then. Pure."""
    policy = info.get("maxmemory_policy", SAFE_POLICY)
    if policy != SAFE_POLICY:
        yield Finding(
            check="eviction", level=Level.BAD, found=f"maxmemory-policy {policy} throws work away when memory is short",
            do=f"set `maxmemory-policy {SAFE_POLICY}`, and do not share the server with a cache",
        )  # fmt: skip
    else:
        yield Finding(check="eviction", level=Level.OK, found=f"maxmemory-policy {policy}: nothing is thrown away")
    limit = int(info.get("maxmemory") or info.get("total_system_memory") or 0)
    share = int(info.get("used_memory", 0)) / limit if limit else 0.0
    if share > NEARLY_FULL:
        yield Finding(
            check="memory", level=Level.WARNING, found=f"{share:.0%} of the server's memory is used",
            do="give it more, or lower RAREWIRE_RETENTION_DAYS and RAREWIRE_STREAM_MEMORY_MB (docs/scaling.md)",
        )  # fmt: skip


def clock(ahead: float, *, managed: bool = False) -> Finding:
    """Judge by how many seconds the server's clock is ahead of ours. Pure."""
    off = abs(ahead)
    level = Level.OK if off < CLOCK_WARNS or managed else Level.WARNING if off < CLOCK_FAILS else Level.BAD
    do = "" if level is Level.OK else "let both machines keep time by NTP; dates of articles are judged by ours"
    return Finding(check="clock", level=level, found=f"{off:.1f} s between this machine and the server", do=do)
