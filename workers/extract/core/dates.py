"""Dates as pages write them: an instant out of a machine's or a human's text. Pure; knows no clock."""

from __future__ import annotations

import re
import tomllib
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime
from functools import cache
from pathlib import Path

EARLIEST = datetime(1995, 1, 1, tzinfo=UTC).timestamp()
LATEST = datetime(2100, 1, 1, tzinfo=UTC).timestamp()
ISO = re.compile(
    r"(?<!\d)(\d{4})-(\d{1,2})-(\d{1,2})"
    r"(?:[T ]+(\d{1,2}):(\d{2})(?::(\d{2}))?(?:[.,]\d+)?\s*(Z|UTC|GMT|[+-]\d{2}:?\d{2})?)?",
    re.IGNORECASE,
)
EPOCH = re.compile(r"1\d{9}(?:\d{3})?")  # seconds or milliseconds
HALF_DAY = re.compile(r"\s*([ap])\.?m\b", re.IGNORECASE)
COMPACT = re.compile(r"(?<!\d)(\d{4})(\d{2})(\d{2})(?:T?(\d{2})(\d{2})(\d{2}))?(?!\d)")
IN_URL = re.compile(r"/((?:19|20)\d{2})[/_-](0?[1-9]|1[0-2])[/_-](0?[1-9]|[12]\d|3[01])(?=[/_.-]|$)")
IN_URL_COMPACT = re.compile(r"(?<!\d)(20[0-3]\d)-?(0[1-9]|1[0-2])-?(0[1-9]|[12]\d|3[01])(?!\d)")
HAN = re.compile(r"((?:19|20)\d{2})\s*[年년]\s*(\d{1,2})\s*[月월]\s*(\d{1,2})\s*[日일]")
DOTTED = re.compile(r"(?<![\d.])(\d{1,2})\.\s?(\d{1,2})\.\s?((?:19|20)\d{2})(?!\d)")
# The year first is unambiguous; of day and month only those tell themselves apart of which one is beyond 12.
YEAR_FIRST = re.compile(r"(?<!\d)((?:19|20)\d{2})[/.](\d{1,2})[/.](\d{1,2})(?!\d)")
SLASHED = re.compile(r"(?<![\d/-])(\d{1,2})([/-])(\d{1,2})\2((?:19|20)\d{2})(?!\d)")
NAMED_DAY_FIRST = re.compile(
    r"(?<!\d)(\d{1,2})(?:st|nd|rd|th|\.|er|º)?\s+(?:de\s+|of\s+)?([^\W\d][^\s\d,.]{2,15})\.?,?\s+(?:de\s+|del\s+)?((?:19|20)\d{2})"
)
NAMED_MONTH_FIRST = re.compile(r"([^\W\d][^\s\d,.]{2,15})\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+((?:19|20)\d{2})")
MONTHS = NOON = 12
HALF_DAY_SECONDS = 43_200.0
# Arabic, Persian and Devanagari digits: the patterns look for a year by its first two.
DIGITS = {zero + digit: str(digit) for zero in (0x660, 0x6F0, 0x966) for digit in range(10)}
NAMES = Path(__file__).parent.parent / "data" / "months.toml"


@cache
def months() -> dict[str, int]:
    """Month names and abbreviations of the languages we monitor, lower case, to 1..12."""
    table = tomllib.loads(NAMES.read_text("utf-8"))
    return {name: number for names in table.values() for number, both in enumerate(names, 1) for name in both.split()}


def machine_date(text: str) -> float | None:
    """Epoch seconds of an ISO 8601 or RFC 2822 date, else of a human one; a naive time is taken as UTC."""
    text = text.strip()[:80]
    if EPOCH.fullmatch(text):
        return _sane(datetime.fromtimestamp(int(text[:10]), UTC))
    for pattern in (ISO, COMPACT):
        if match := pattern.match(text):
            at = _instant(*(match[i] for i in range(1, 7)), zone=match[7] if pattern is ISO else None)
            return _in_half(at, match[4], HALF_DAY.match(text, match.end()))
    try:
        parsed = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return human_date(text)
    return _sane(parsed.replace(tzinfo=parsed.tzinfo or UTC))


def _in_half(at: float | None, hour: str | None, half: re.Match[str] | None) -> float | None:
    """An instant whose hour was written with "am" or "pm" after it."""
    if at is None or half is None or hour is None:
        return at
    late, twelve = half[1].lower() == "p", int(hour) == NOON
    return at + HALF_DAY_SECONDS * (late and int(hour) < NOON) - HALF_DAY_SECONDS * (twelve and not late)


def human_date(text: str) -> float | None:
    """Epoch seconds of the first date written out in a text; midnight UTC unless it has ISO form with a time."""
    text = text if text.isascii() else text.translate(DIGITS)
    if match := ISO.search(text):
        return _instant(*(match[i] for i in range(1, 7)), zone=match[7])
    for pattern in (HAN, YEAR_FIRST):
        if match := pattern.search(text):
            return _instant(match[1], match[2], match[3])
    if match := DOTTED.search(text):
        return _instant(match[3], match[2], match[1])
    if (match := SLASHED.search(text)) and (at := _told_apart(match[4], match[1], match[3])) is not None:
        return at
    return _with_month_name(text)


def _with_month_name(text: str) -> float | None:
    for pattern, (day, month) in ((NAMED_DAY_FIRST, (1, 2)), (NAMED_MONTH_FIRST, (2, 1))):
        for match in pattern.finditer(text):
            if number := months().get(match[month].lower()):
                return _instant(match[3], str(number), match[day])
    return None


def _told_apart(year: str, one: str, other: str) -> float | None:
    """A date of which only the year's place is known; None where day and month could be either."""
    if int(one) > MONTHS or one == other:
        return _instant(year, other, one)
    return _instant(year, one, other) if int(other) > MONTHS else None


def url_date(url: str) -> float | None:
    """Epoch seconds (midnight UTC) of the date in an address's path."""
    path = url.split("?", 1)[0]
    match = IN_URL.search(path) or IN_URL_COMPACT.search(path)
    return _instant(match[1], match[2], match[3]) if match else None


def _instant(
    year: str | None,
    month: str | None,
    day: str | None,
    hour: str | None = None,
    minute: str | None = None,
    second: str | None = None,
    *,
    zone: str | None = None,
) -> float | None:
    numbers = [int(part or 0) for part in (year, month, day, hour, minute, second)]
    try:
        return _sane(datetime(*numbers, tzinfo=_zone(zone)))  # type: ignore[arg-type, misc]
    except (ValueError, OverflowError):
        return None


def _zone(text: str | None) -> timezone:
    if not text or text[0] not in "+-":
        return UTC
    digits = text[1:].replace(":", "")
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(-offset if text[0] == "-" else offset)


def _sane(moment: datetime) -> float | None:
    try:
        seconds = moment.timestamp()
    except (ValueError, OverflowError):
        return None
    return seconds if EARLIEST <= seconds <= LATEST else None
