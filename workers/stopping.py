"""An orderly stop within seconds: nothing more is claimed, and what is still in hands after a moment is given back.

A page may take 25 seconds, and whoever stops us waits for less: what a killed worker held lies until its lease is over.
"""

from __future__ import annotations

import mmap
import os
import threading
from typing import TYPE_CHECKING

import structlog

if TYPE_CHECKING:
    from collections.abc import Callable

GRACE = 5.0  # seconds that work in hands is given to end by itself

log = structlog.get_logger()


class Stop:
    """Whether this worker is to stop; made before it forks, so that its pool children see it as well."""

    def __init__(self, *, leave: Callable[[int], object] = os._exit) -> None:
        """`leave` ends the process at once: a thread cannot be ended otherwise."""
        self._flag = mmap.mmap(-1, 1)
        self._leave = leave

    def __call__(self) -> bool:
        """Return whether it was told."""
        return self._flag[0] != 0

    def tell(self) -> None:
        """Have nothing more claimed. Safe in a signal handler."""
        self._flag[0] = 1

    def leave_in(self, seconds: float, give_back: Callable[[], int]) -> threading.Thread:
        """Give back what is still in hands after so long, and end the process; one that ends before is not held up."""
        thread = threading.Thread(target=self._end, args=(seconds, give_back), name="stopping", daemon=True)
        thread.start()
        return thread

    def _end(self, seconds: float, give_back: Callable[[], int]) -> None:
        threading.Event().wait(seconds)
        try:
            log.warning("stopped_at_work", given_back=give_back())
        finally:
            self._leave(0)
