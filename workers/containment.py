"""Making a pool child killable: hostile bytes end one child, never the worker."""

from __future__ import annotations

import resource
import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


def contain(memory_mb: int) -> None:
    """Limit this process's address space, and let an alarm end it even inside a C library."""
    limit = memory_mb * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    signal.signal(signal.SIGALRM, signal.SIG_DFL)


@contextmanager
def deadline(seconds: float) -> Iterator[None]:
    """End this process unless the block is left within `seconds`.

    Not an exception: hostile markup keeps lxml's C code busy, where no Python handler runs. The work's lease runs out,
    it is tried alone, and after three such deaths it is buried.
    """
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
