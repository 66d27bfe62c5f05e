"""`rarewire doctor`: is this machine and its server fit to run rarewire, and what to do where they are not.

Each check returns findings; what is judged by values alone is pure, so that every verdict has a test. Nothing is
changed and nothing outside is asked: the egress check connects to this machine only, and expects to be refused.
"""

from __future__ import annotations

import tempfile
import time
from dataclasses import dataclass
from enum import StrEnum
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from console.web.exposure import ExposureError, check_exposure
from schedulers.catalogue import DEFAULT, CatalogueError, load
from shared.http_client import HTTPClient, Reach, user_agent
from shared.settings import Settings
from shared.stores import keys
from shared.stores.admission import layout, refusal
from shared.stores.connection import RedisError, connect
from shared.stores.vitals import VitalStore
from workers.classify.rulesets import load_ruleset
from workers.deliver.catalogue import endpoints, keys_of
from workers.deliver.core import EndpointError, SecretError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from shared.stores.connection import Database

CLOCK_WARNS, CLOCK_FAILS = 2.0, 30.0  # seconds between this machine's clock and the server's
NEARLY_FULL = 0.8
# All keys matter: what is evicted is work, and an evicted record would let an article be published twice.
SAFE_POLICY = "noeviction"


class Level(StrEnum):
    """How bad a finding is. Only `bad` makes the command fail."""

    OK = "ok"
    WARNING = "warning"
    BAD = "bad"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What a check found; `do` says what to do about it, empty where all is well."""

    check: str
    level: Level
    found: str
    do: str = ""


def examine(settings: Settings) -> Iterator[Finding]:
    """Yield what every check finds, in an order that puts causes before effects."""
    yield from configuration(settings)
    yield state_folder(settings.state_dir)
    yield feeds_file(settings.feeds_file)
    yield from (rules(topic) for topic in settings.topics)
    yield from webhooks(settings)
    yield egress(settings)
    yield from server(settings)


def configuration(settings: Settings) -> Iterator[Finding]:
    """Judge settings that are valid by themselves and yet should not be as they are."""
    yield Finding(check="settings", level=Level.OK, found="they are valid")
    if settings.contact == Settings.model_fields["contact"].default:
        yield Finding(
            check="contact", level=Level.WARNING, found="sites cannot reach you: the contact is the example's",
            do="set RAREWIRE_CONTACT to a page or an e-mail address of yours; some sites block bots without one",
        )  # fmt: skip
    else:
        yield Finding(check="contact", level=Level.OK, found=settings.contact)
    if settings.allow_loopback:
        yield Finding(
            check="loopback", level=Level.WARNING, found="fetches may reach this machine's own services",
            do="unset RAREWIRE_ALLOW_LOOPBACK; it is for the demo and tests",
        )  # fmt: skip
    try:
        check_exposure(settings)
    except ExposureError as error:
        yield Finding(check="console", level=Level.BAD, found="the console refuses to start", do=str(error))


def state_folder(folder: Path) -> Finding:
    """Try to write where logs, marks of life and the beat's schedule go."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"x")
    except OSError as error:
        return Finding(
            check="state folder", level=Level.BAD, found=f"{folder} cannot be written: {error.strerror}",
            do="give it to the user that rarewire runs as, or set RAREWIRE_STATE_DIR",
        )  # fmt: skip
    return Finding(check="state folder", level=Level.OK, found=f"{folder} can be written")


def feeds_file(path: Path | None) -> Finding:
    """Load the feeds file."""
    try:
        count = len(load(path or DEFAULT))
    except CatalogueError as error:
        return Finding(check="feeds file", level=Level.BAD, found=str(error), do="mend the file, or unset FEEDS_FILE")
    return Finding(check="feeds file", level=Level.OK, found=f"{count} feeds in {path or 'the list that ships'}")


def rules(topic: str) -> Finding:
    """Load the rules of a topic."""
    try:
        load_ruleset(topic)
    except (ValueError, OSError, LookupError) as error:
        return Finding(
            check=f"rules: {topic}", level=Level.BAD, found=str(error),
            do="`rarewire rules validate` names file and line; RAREWIRE_TOPICS says which topics are loaded",
        )  # fmt: skip
    return Finding(check=f"rules: {topic}", level=Level.OK, found="they load")


def webhooks(settings: Settings) -> Iterator[Finding]:
    """Load the endpoints and the secrets that sign for them, where there are any; nothing is posted."""
    try:
        found = endpoints(settings)
    except EndpointError as error:
        yield Finding(
            check="webhooks", level=Level.BAD, found=str(error),
            do="mend the file that RAREWIRE_WEBHOOKS_FILE names; docs/webhooks.md has an example",
        )  # fmt: skip
        return
    for endpoint in found:
        try:
            keys_of(endpoint)
        except SecretError as error:
            yield Finding(
                check=f"webhook: {endpoint.name}", level=Level.BAD, found=f"its secret cannot be used: {error}",
                do="nothing is sent to it meanwhile; `rarewire webhooks secret` makes one",
            )  # fmt: skip
        else:
            told = f"{endpoint.shown_url}; `rarewire webhooks test {endpoint.name}` posts to it"
            yield Finding(check=f"webhook: {endpoint.name}", level=Level.OK, found=told)


def egress(settings: Settings) -> Finding:
    """Have the HTTP client try to reach this machine, which it must refuse."""
    reach = Reach(ports=frozenset(settings.ports), allow_loopback=settings.allow_loopback)
    try:
        with HTTPClient(agent=user_agent(version("rarewire"), settings.contact), reach=reach, threads=1) as client:
            client.self_test()
    except RuntimeError as error:
        return Finding(
            check="egress", level=Level.BAD, found=str(error),
            do="do not start workers with this installation: reinstall it with constraints.txt",
        )  # fmt: skip
    return Finding(check="egress", level=Level.OK, found="requests to private addresses are refused")


def server(settings: Settings) -> Iterator[Finding]:
    """Ask the server that holds the state, where there is one."""
    try:
        url = settings.redis()
    except LookupError as error:
        yield Finding(check="server", level=Level.WARNING, found="none is running", do=str(error))
        return
    try:
        database = connect(url, timeout=3.0, connections=2)
        yield from questions(database, managed=not settings.redis_url)
    except ValueError as error:
        yield Finding(check="server", level=Level.BAD, found=str(error), do="mend RAREWIRE_REDIS_URL")
    except RedisError as error:
        yield Finding(
            check="server", level=Level.BAD, found=f"it does not answer: {error}",
            do="see that it runs, and that RAREWIRE_REDIS_URL has its host, port, password, and rediss:// for TLS",
        )  # fmt: skip


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
