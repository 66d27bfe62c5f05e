"""When a feed document itself asks to be polled: RSS `ttl`, the syndication module, `skipHours` and `skipDays`.

How far such a wish is granted is decided in `schedulers.core`.
"""

from __future__ import annotations

import re

PERIODS = {"hourly": 3600.0, "daily": 86_400.0, "weekly": 604_800.0, "monthly": 2_592_000.0, "yearly": 31_536_000.0}
MOST_DIGITS = 7
MIDNIGHT = 24  # as RSS 0.91 writes hour 0
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
# feedparser keeps only the last <hour> and <day>, so these two are read from the bytes; both lists are short by nature.
SKIP_HOURS = re.compile(rb"<skipHours\b", re.IGNORECASE)
SKIP_DAYS = re.compile(rb"<skipDays\b", re.IGNORECASE)
LONGEST_BLOCK = 4_000
HOUR = re.compile(rb"<hour>\s{0,20}(\d{1,2})\s{0,20}</hour>", re.IGNORECASE)
DAY = re.compile(rb"<day>\s{0,20}([a-z]{6,9})\s{0,20}</day>", re.IGNORECASE)


def longest(ttl: object, period: object = None, frequency: object = None) -> float | None:
    """Seconds: the longer of `ttl` (minutes) and `sy:updatePeriod` / `sy:updateFrequency`; None if there is neither."""
    asked = [seconds for seconds in (_ttl(ttl), _syndication(period, frequency)) if seconds]
    return max(asked, default=None)


def _ttl(text: object) -> float | None:
    number = _number(text)
    return number * 60.0 if number else None


def _syndication(period: object, frequency: object) -> float | None:
    if not isinstance(period, str) or (seconds := PERIODS.get(period.strip().lower())) is None:
        return None
    return seconds / (_number(frequency) or 1)


def _number(text: object) -> int | None:
    digits = text.strip() if isinstance(text, str) else ""
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) <= MOST_DIGITS else None


def skipped_hours(body: bytes) -> frozenset[int]:
    """The hours (GMT, 0..23) of `skipHours`; 24 is 0. All of them mean nothing."""
    numbers = [int(hour) for hour in HOUR.findall(_block(body, SKIP_HOURS))]
    hours = frozenset(number % MIDNIGHT for number in numbers if number <= MIDNIGHT)
    return hours if len(hours) < MIDNIGHT else frozenset()


def skipped_days(body: bytes) -> frozenset[int]:
    """The days of `skipDays`, 0 = Monday. All seven mean nothing."""
    names = (day.decode().lower() for day in DAY.findall(_block(body, SKIP_DAYS)))
    days = frozenset(DAYS.index(name) for name in names if name in DAYS)
    return days if len(days) < len(DAYS) else frozenset()


def _block(body: bytes, opening: re.Pattern[bytes]) -> bytes:
    """What follows the first of such tags, up to its end tag."""
    start = opening.search(body)
    return re.split(rb"</skip", body[start.end() : start.end() + LONGEST_BLOCK], maxsplit=1)[0] if start else b""
