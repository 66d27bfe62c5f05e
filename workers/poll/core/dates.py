"""Dates as feeds write them, to epoch seconds; what cannot be true is None. Pure: `now` is an argument."""

from __future__ import annotations

import calendar
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from time import struct_time

EARLIEST = 788_918_400.0  # 1995-01-01: before that there was no news on the web
TOLERANCE = 86_400.0  # a day: time zones left out, and clocks that run ahead


def believable(at: float | None, *, now: float) -> float | None:
    """`at` if it lies in [1995, now + 1 day], else None: then the time of the fetch is the only date there is."""
    return at if at is not None and EARLIEST <= at <= now + TOLERANCE else None


def from_struct(value: object) -> float | None:
    """Epoch seconds of the UTC tuple that feedparser gives."""
    if not isinstance(value, struct_time):
        return None
    try:
        return float(calendar.timegm(value))
    except (ValueError, OverflowError):
        return None


def from_text(text: object) -> float | None:
    """Epoch seconds of an RFC 3339 or RFC 822 date, UTC where it names no zone."""
    if not isinstance(text, str) or not (text := text.strip()):
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        try:
            moment = parsedate_to_datetime(text)
        except (ValueError, TypeError, IndexError, OverflowError):
            return None
    try:
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (OverflowError, ValueError):
        return None
