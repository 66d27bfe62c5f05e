"""Ids of stream entries, `<milliseconds>-<number>`. Pure. Their order is the stream's, their time the server's."""

from __future__ import annotations

import re

LAST = 2**64 - 1  # the largest number within a millisecond
FORM = re.compile(r"(\d{1,20})-(\d{1,20})")


def parts(entry: str) -> tuple[int, int]:
    """Return milliseconds and number; a bare number is taken as `<milliseconds>-0`. Raises ValueError."""
    found = FORM.fullmatch(entry if "-" in entry else f"{entry}-0")
    if not found:
        raise ValueError(f"{entry!r} is no entry id: <milliseconds>-<number>")
    return int(found[1]), int(found[2])


def before(entry: str) -> str:
    """Return the id just before one: a group that is set to it is given `entry` next."""
    milliseconds, number = parts(entry)
    if number:
        return f"{milliseconds}-{number - 1}"
    return f"{milliseconds - 1}-{LAST}" if milliseconds else "0-0"


def first_at(epoch: float) -> str:
    """Return the least id of a time (epoch seconds)."""
    return f"{max(int(epoch * 1000), 0)}-0"


def moment(entry: str) -> float:
    """Return when an entry was added, in epoch seconds."""
    return parts(entry)[0] / 1000
