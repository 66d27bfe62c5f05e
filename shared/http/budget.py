"""What one request may cost: time until a deadline, and bytes from the wire, over its whole redirect chain.

The budget travels where httpcore passes a timeout: into every connect, handshake, read and write. So a server that
drips headers, a status line or interim answers for ever runs out of time like one that says nothing, and one that
floods runs out of bytes, also where no limit on a body would see it.
"""

from __future__ import annotations

import time

from shared.errors import PermanentError, RetryableError
from shared.outcomes import Reason

HEAD = 256_000  # bytes for the status line, headers and interim answers of one exchange
FRAMING = 256_000  # bytes beyond the body for the whole chain


class Budget:
    """Counts down. Used by one thread, for one request with its redirects."""

    def __init__(self, *, seconds: float, body: int) -> None:
        """`seconds` to live; `body` is the most bytes the body may have, to which room for its framing is added."""
        self.started = time.monotonic()
        self._ends = self.started + seconds
        self._bytes = body + body // 4 + FRAMING
        self.connected = False  # a new connection was asked for in the exchange under way
        self._head = HEAD
        self.received = False  # bytes came in the exchange under way

    def left(self) -> float:
        """Seconds left; raises RetryableError(timeout) when there are none."""
        seconds = self._ends - time.monotonic()
        if seconds <= 0:
            raise RetryableError(Reason.TIMEOUT, "the deadline for the whole request has passed")
        return seconds

    def spend(self, size: int) -> None:
        """Count bytes that came; raises RetryableError(protocol) or PermanentError(too_large) for too many."""
        self.received = self.received or size > 0
        self._bytes -= size
        self._head -= size
        if self._head < 0:
            raise RetryableError(Reason.PROTOCOL, f"{HEAD} bytes and no end of the headers")
        if self._bytes < 0:
            raise PermanentError(Reason.TOO_LARGE, "more bytes on the wire than any answer may have")

    def begin_exchange(self) -> None:
        """A request is about to be sent."""
        self.connected = self.received = False
        self._head = HEAD

    def end_head(self) -> None:
        """The headers are there; what comes now is body."""
        self._head = self._bytes

    @property
    def elapsed(self) -> float:
        """Seconds since the request began."""
        return time.monotonic() - self.started
