"""The server's clock in a worker, asked for now and then: what one worker plans, others must find due at the same time.

A machine whose own clock is behind would plan a feed's next poll for a time that has already come, and ask for it again
and again; one that is ahead would stay away from a host longer than it asked for.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

ASK_EVERY = 60.0  # seconds that clocks may drift apart
STEP = 0.5  # seconds by which this machine's clock was set, or the machine slept


@dataclass(kw_only=True)
class SharedClock:
    """Epoch seconds by the server, at the cost of a round trip a minute. Safe to share between threads.

    `ask` returns the server's time; `wall` and `steady` are this machine's clocks.
    """

    ask: Callable[[], float]
    wall: Callable[[], float] = time.time
    steady: Callable[[], float] = time.monotonic
    _asked: tuple[float, float, float] | None = field(default=None, init=False)  # wall, steady and skew at that time

    def now(self) -> float:
        """Return the time. Raises what `ask` raises."""
        wall, steady = self.wall(), self.steady()
        asked = self._asked
        if asked is None or self._is_stale(asked, wall, steady):
            asked = self._asked = (wall, steady, self.ask() - wall)
        return wall + asked[2]

    @staticmethod
    def _is_stale(asked: tuple[float, float, float], wall: float, steady: float) -> bool:
        passed = steady - asked[1]
        return passed > ASK_EVERY or abs((wall - asked[0]) - passed) > STEP
