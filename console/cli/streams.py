"""Standard streams that the caller closed (`rarewire status >&-`, a service manager's doing) are opened on nothing.

Python makes such a stream None, on which every write and question fails; worse, the next file or socket that is opened
would get its number and be taken for it by the processes that we start.
"""

from __future__ import annotations

import os
import sys

MODES = {"stdin": "r", "stdout": "w", "stderr": "w"}


def open_closed() -> None:
    """Open /dev/null in the place of each standard stream that is closed, lowest number first."""
    for number, (name, mode) in enumerate(MODES.items()):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # the lowest number that is free, which is this one
        if getattr(sys, name) is None:
            setattr(sys, name, open(number, mode, encoding="utf-8", closefd=False))  # noqa: SIM115 - stays open
