"""Whether a server can hold the state: asked before a process starts to work, and by `rarewire doctor`.

Refused are a Redis Cluster (every script changes keys of several slots), a server without the commands of Redis 7.0, a
read-only replica, and a state that a newer release has laid out in another way.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from redis.exceptions import AuthenticationError, NoPermissionError
from redis.sentinel import MasterNotFoundError

from shared.stores import keys

if TYPE_CHECKING:
    from shared.stores.connection import Database, RedisError

# One command for each release whose commands the scripts use: 7.0, 6.2, 5.0.
NEEDED = ("EVALSHA", "XADD", "XAUTOCLAIM", "ZMSCORE", "ZINTERCARD")


class UnusableServerError(RuntimeError):
    """The server cannot hold the state; the text says why and what to do."""


def admit(database: Database) -> None:
    """Return if the state may live here, and mark its layout. Raises UnusableServerError, RedisError."""
    if refused := refusal(database):
        raise UnusableServerError(refused)
    database.redis.set(keys.LAYOUT_KEY, keys.LAYOUT, nx=True)


def refusal(database: Database) -> str:
    """Return why the server cannot hold the state and what to do, or an empty text; changes nothing."""
    checks = (_cluster, _replica, _commands, _layout)
    return next((text for check in checks if (text := check(database))), "")


def silence(error: RedisError) -> tuple[str, str]:
    """Return why a server cannot be spoken to, and what to do about it, in an operator's words without secrets."""
    text = str(error)
    # A server that wants a password refuses the greeting, before it comes to that.
    if isinstance(error, AuthenticationError) or "HELLO must be called" in text or text.startswith("NOAUTH"):
        return "it wants another password or user", (
            "give RAREWIRE_REDIS_URL the right ones, as redis://user:password@host:6379/0; what is special in URLs "
            "is percent-encoded"
        )
    if isinstance(error, NoPermissionError):
        return f"our user lacks rights: {text}", "docs/deployment.md has the line for its ACL"
    if isinstance(error, MasterNotFoundError):
        return "no sentinel answers with a primary of that name", (
            "see that the sentinels run, and that RAREWIRE_REDIS_URL has their hosts, ports and the service's name"
        )
    return f"it does not answer: {text}", (
        "see that it runs, and that RAREWIRE_REDIS_URL has its host, port, password, and rediss:// for TLS"
    )


def layout(database: Database) -> int:
    """Return the version of the layout that the state is in; 0 where there is none yet."""
    return int(database.redis.get(keys.LAYOUT_KEY) or 0)


def _cluster(database: Database) -> str:
    if not int(database.redis.info("cluster").get("cluster_enabled", 0)):
        return ""
    return (
        "the server is a Redis Cluster, and one script here changes keys of several slots: use a single server, or a "
        "primary with replicas behind Sentinel (redis+sentinel://…, see docs/deployment.md)"
    )


def _replica(database: Database) -> str:
    info = database.redis.info("replication")
    if info.get("role") in {"master", "primary"}:
        return ""
    return f"the server is a replica of {info.get('master_host', 'another')}: set RAREWIRE_REDIS_URL to the primary"


def _commands(database: Database) -> str:
    """Ask one by one: what servers say of commands they do not know differs by client and version."""
    missing = [name for name in NEEDED if not any(database.redis.execute_command("COMMAND INFO", name) or ())]
    if not missing:
        return ""
    return f"the server does not know {', '.join(missing)}: it must be Redis 7.0 or newer, or any Valkey"


def _layout(database: Database) -> str:
    found = layout(database)
    if found <= keys.LAYOUT:
        return ""
    return (
        f"the state is in layout {found} and this release knows layout {keys.LAYOUT}: it was written by a newer "
        "release; run that one again, or restore a backup made before the upgrade into an empty server"
    )
