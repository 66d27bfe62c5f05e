"""Keeps the log of a process from filling the disk: when it has grown, it is copied aside and emptied in place.

In place, because the process holds it open; it appends, so what it writes next stands at the beginning. A line that is
written between the copy and the emptying is lost.
"""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

MOST_BYTES = 20_000_000  # of one log; with the one before it, twice that


def shorten(log: Path, *, most: int = MOST_BYTES) -> bool:
    """Empty a log that has grown beyond `most` bytes; returns whether it was. The last one is kept as `NAME.log.1`.

    On a full disk the copy fails, and the log is emptied all the same: room is what is needed then.
    """
    with suppress(OSError):
        if log.stat().st_size <= most:
            return False
        with suppress(OSError):
            shutil.copyfile(log, log.with_name(f"{log.name}.1"))
        os.truncate(log, 0)
        return True
    return False
