"""The two date forms that almost every feed uses, read the way feedparser reads them; any other form is None."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

MONTHS = {
    name: number
    for number, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), start=1
    )
}
RFC_822 = re.compile(
    r"(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), )?(\d{1,2}) ([A-Z][a-z]{2}) (\d{4}) "
    r"(\d{2}):(\d{2}):(\d{2}) (?:GMT|UTC|Z|([+-])(\d{2})(\d{2}))",
    re.ASCII,
)
RFC_3339 = re.compile(
    r"(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})(?:\.\d{1,9})?(?:Z|([+-])(\d{2}):(\d{2}))", re.ASCII
)


def epoch(text: str) -> float | None:
    """Epoch seconds of an RFC 822 date with a four-digit year or an RFC 3339 date, both with a numeric zone or UTC."""
    if match := RFC_822.fullmatch(text):
        day, month, year, *rest = match.groups()
        return _seconds(year, str(MONTHS.get(month.lower(), 0)), day, *rest)
    if match := RFC_3339.fullmatch(text):
        return _seconds(*match.groups())
    return None


def _seconds(*parts: str | None) -> float | None:
    *moment, sign, hours, minutes = parts
    try:
        at = datetime(*(int(part or 0) for part in moment), tzinfo=UTC)  # type: ignore[arg-type,misc]
    except ValueError:
        return None
    if sign:
        shift = timedelta(hours=int(hours or 0), minutes=int(minutes or 0))
        at = at - shift if sign == "+" else at + shift
    return at.timestamp()
