"""Whether an error is the server's trouble, or this machine's, which passes, and not the fault of the work. Pure."""

from __future__ import annotations

import errno

from redis.exceptions import BusyLoadingError, OutOfMemoryError, ReadOnlyError, RedisError
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

# How a server that is there, and refuses for a reason of its own, begins its answer.
REFUSALS = ("MISCONF", "OOM", "READONLY", "NOREPLICAS", "MASTERDOWN", "LOADING", "BUSY")


# What this machine lacks for a moment: file descriptors, memory, buffers, room on its disk.
LACKS = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.ENOBUFS, errno.ENOSPC, errno.EDQUOT})


def is_trouble(error: BaseException) -> bool:
    """Whether the server was away, silent, full, loading or not the primary, or this machine lacks something.

    The same may work in a moment.
    """
    if isinstance(error, OSError) and error.errno in LACKS:
        return True
    away = (RedisConnectionError, RedisTimeoutError, OutOfMemoryError, ReadOnlyError)
    return isinstance(error, away) or (isinstance(error, RedisError) and str(error).startswith(REFUSALS))


def is_loading(error: BaseException) -> bool:
    """Whether the server is there and reads its data yet: a large state takes minutes, and a restart begins anew."""
    return isinstance(error, BusyLoadingError) or "LOADING" in str(error)
