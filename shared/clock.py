"""The clock that all workers share: the server's, as machines' own clocks may be wrong. Not for measuring durations.

Feeds are planned, pages dated and hosts held by it. A worker whose own clock is an hour ahead would otherwise plan the
next poll of every feed it polls an hour late.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

READ_EVERY = 5.0  # seconds; between two readings this process's monotonic clock carries on


@dataclass(kw_only=True)
class SharedClock:
    """Epoch seconds by the server's clock, for less than a round trip each. `read` asks the server. Safe in threads."""

    read: Callable[[], float]
    monotonic: Callable[[], float] = time.monotonic
    _mark: tuple[float, float] | None = field(default=None, init=False)  # this process's reading, the server's

    def __call__(self) -> float:
        """Return the time now. Raises what `read` raises."""
        here, mark = self.monotonic(), self._mark
        if mark is None or not 0 <= here - mark[0] < READ_EVERY:
            mark = self._mark = here, self.read()
        return mark[1] + here - mark[0]
