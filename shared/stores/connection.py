"""A connection to Redis or Valkey, and the Lua scripts that change its state atomically."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from redis import Redis
from redis.backoff import ExponentialWithJitterBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError, ResponseError
from redis.exceptions import TimeoutError as RedisTimeoutError
from redis.retry import Retry
from redis.sentinel import Sentinel

from shared.sentinel import SentinelAddress, parse

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Database", "RedisConnectionError", "RedisError", "ResponseError", "connect"]

Argument = str | int | float | bytes
# Scripts that only read a clock, a queue or a record: the prelude would take them a third of their time.
SHORT = frozenset({"claim", "cluster", "learn", "leave", "renew", "turn"})


@cache
def _source(name: str) -> str:
    folder = files("shared.stores") / "lua"
    parts = ("clock", name) if name in SHORT else ("clock", "prelude", name)
    return "\n".join((folder / f"{part}.lua").read_text(encoding="utf-8") for part in parts)


class Database:
    """One connection pool, safe to share between threads, made before or after a fork but not used across one.

    `now` is None in production: scripts then read the server's clock. A simulation sets it (epoch seconds).
    """

    def __init__(self, redis: Redis) -> None:
        self.redis: Any = redis
        self.now: float | None = None
        self._scripts: dict[str, Any] = {}

    def script(self, name: str, *arguments: Argument) -> Any:
        """Run `lua/<name>.lua` with the clock as its first argument."""
        script = self._scripts.get(name)
        if script is None:
            script = self._scripts[name] = self.redis.register_script(_source(name))
        return script(args=["" if self.now is None else repr(self.now), *arguments])

    def time(self) -> float:
        """Epoch seconds by the server's clock, which all workers share."""
        if self.now is not None:
            return self.now
        seconds, micros = self.redis.time()
        return float(seconds) + float(micros) / 1e6

    def blob(self, key: str) -> bytes | None:
        """Return a binary value as it is, whatever the client decodes otherwise."""
        value: bytes | None = self.redis.execute_command("GET", key, NEVER_DECODE=True)
        return value

    def blobs(self, keys: Sequence[str]) -> list[bytes | None]:
        """Return several binary values in one round trip."""
        if not keys:
            return []
        values: list[bytes | None] = self.redis.execute_command("MGET", *keys, NEVER_DECODE=True)
        return values


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
        "max_connections": connections,
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
