"""Whether an error is the server's trouble, which passes, and not the fault of what was asked of it. Pure."""

from __future__ import annotations

from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import OutOfMemoryError, ReadOnlyError, RedisError
from redis.exceptions import TimeoutError as RedisTimeoutError

# How a server that is there, and refuses for a reason of its own, begins its answer.
REFUSALS = ("MISCONF", "OOM", "READONLY", "NOREPLICAS", "MASTERDOWN", "LOADING", "BUSY")


def is_trouble(error: BaseException) -> bool:
    """Whether the server was away, silent, full, loading or not the primary; the same may work in a moment."""
    away = (RedisConnectionError, RedisTimeoutError, OutOfMemoryError, ReadOnlyError)
    return isinstance(error, away) or (isinstance(error, RedisError) and str(error).startswith(REFUSALS))
