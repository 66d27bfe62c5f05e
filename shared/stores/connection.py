"""A connection to Redis or Valkey, and the Lua scripts that change its state atomically."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from redis import Redis
from redis.backoff import ExponentialWithJitterBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import NoScriptError, RedisError, ResponseError
from redis.exceptions import TimeoutError as RedisTimeoutError
from redis.retry import Retry
from redis.sentinel import Sentinel

from shared.sentinel import SentinelAddress, parse
from shared.stores.wire import Argument, Command, Wire

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Database", "RedisConnectionError", "RedisError", "ResponseError", "connect"]

# What stands before a script. A run makes all functions anew, so the prelude would take some a third of their time.
FULL = ("clock", "parts", "prelude")
BEFORE = {
    "claim": ("clock", "claiming"),
    "cluster": ("clock",),
    "complete": (*FULL, "claiming"),
    "learn": ("clock", "parts"),
    "leave": ("clock", "leaving"),
    "renew": ("clock",),
    "turn": ("clock", "leaving"),
}
SOURCES: dict[str, str] = {}  # of the scripts that were called, by their digests


@cache
def _source(name: str) -> str:
    folder = files("shared.stores") / "lua"
    parts = (*BEFORE.get(name, FULL), name)
    return "\n".join((folder / f"{part}.lua").read_text(encoding="utf-8") for part in parts)


@cache
def _digest(name: str) -> str:
    """What a server knows a script by."""
    source = _source(name)
    digest = hashlib.sha1(source.encode(), usedforsecurity=False).hexdigest()
    SOURCES[digest] = source
    return digest


class Database:
    """A connection pool, safe to share between threads, made before or after a fork but not used across one.

    `now` is None in production: scripts then read the server's clock. A simulation sets it (epoch seconds).
    `script` and `ask` are the short way to the server, for what each article needs; `redis` is the client for all else.
    """

    def __init__(self, redis: Redis) -> None:
        self.redis: Any = redis
        self.now: float | None = None
        self._wire = Wire(redis.connection_pool)

    def script(self, name: str, *arguments: Argument) -> Any:
        """Run `lua/<name>.lua` with the clock as its first argument."""
        return self.ask(self.call(name, *arguments))[0]

    def call(self, name: str, *arguments: Argument) -> Command:
        """Return the command that runs `lua/<name>.lua`, for `ask`."""
        return ("EVALSHA", _digest(name), 0, "" if self.now is None else repr(self.now), *arguments)

    def ask(self, *commands: Command) -> list[Any]:
        """Return the replies to several commands in one round trip; a script that the server has lost is sent whole.

        Raises the first ResponseError among them, when all are done.
        """
        replies = self._wire.ask(commands) if commands else []
        for at, reply in enumerate(replies):
            if isinstance(reply, NoScriptError):
                (replies[at],) = self._wire.ask([_whole(commands[at])])
        return _sound(replies)

    def time(self) -> float:
        """Epoch seconds by the server's clock, which all workers share."""
        if self.now is not None:
            return self.now
        ((seconds, micros),) = self.ask(("TIME",))
        return float(seconds) + float(micros) / 1e6

    def blob(self, key: str) -> bytes | None:
        """Return a binary value as it is, whatever the client decodes otherwise."""
        return self.blobs([key])[0]

    def blobs(self, keys: Sequence[str]) -> list[bytes | None]:
        """Return several binary values in one round trip."""
        if not keys:
            return []
        values: list[bytes | None] = _sound(self._wire.ask([("MGET", *keys)], decode=False))[0]
        return values


def _whole(command: Command) -> Command:
    """A script's call with its source instead of its digest."""
    return ("EVAL", SOURCES[str(command[1])], *command[2:])


def _sound(replies: list[Any]) -> list[Any]:
    for reply in replies:
        if isinstance(reply, ResponseError):
            raise reply
    return replies


def connect(url: str, *, timeout: float = 5.0, connections: int = 100) -> Database:
    """Make a Database for a redis://, rediss://, unix:// or redis+sentinel:// URL; nothing is opened before it is used.

    A command is tried 3 times within about a second: every script is idempotent, so a doubled one changes nothing.
    """
    retry = Retry(
        ExponentialWithJitterBackoff(base=0.05, cap=0.5), 3, (RedisConnectionError, RedisTimeoutError, OSError)
    )
    options: dict[str, Any] = {
        "decode_responses": True,
        "socket_timeout": timeout,
        "socket_connect_timeout": timeout,
        "health_check_interval": 30,
        "retry": retry,
        "max_connections": 2 * connections,  # the short way holds its own
    }
    if behind := parse(url):
        return Database(_behind_sentinel(behind, options))
    alive = {} if url.startswith("unix:") else {"socket_keepalive": True}  # a socket of this machine needs none
    return Database(Redis.from_url(url, **alive, **options))


def _behind_sentinel(address: SentinelAddress, options: dict[str, Any]) -> Redis:
    """Ask the sentinels who the primary is, at each new connection: so a failover is followed by itself."""
    tls: dict[str, Any] = {"ssl": True} if address.tls else {}
    if address.ca_file:
        tls["ssl_ca_certs"] = address.ca_file
    # A sentinel that is away is not asked again: the next one is. By default redis-py would try each for seconds.
    patience = {
        "socket_timeout": options["socket_timeout"],
        "socket_connect_timeout": options["socket_timeout"],
        "retry": None,
    }
    sentinel: Any = Sentinel(  # type: ignore[no-untyped-call]
        list(address.hosts),
        sentinel_kwargs={**patience, **tls, "password": address.sentinel_password or None},
    )
    found: Redis = sentinel.master_for(
        address.service,
        db=address.db,
        username=address.username or None,
        password=address.password or None,
        socket_keepalive=True,
        **options,
        **tls,
    )
    return found
