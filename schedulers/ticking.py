"""How often a tick is worth running, whatever has piled up in the queue. Not when feeds are due (`schedulers.core`)."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class Pace:
    """Lets an act through once in so many seconds, by this process's own clock: a queue of stale ticks is one tick."""

    def __init__(self, gap: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._gap, self._clock = gap, clock
        self._last = float("-inf")

    def allows(self) -> bool:
        """Whether the act may be done now."""
        if self._clock() - self._last < self._gap:
            return False
        self._last = self._clock()
        return True
