"""What servers ask for in headers, in seconds from now: Retry-After, and how long an answer stays fresh. Pure."""

from __future__ import annotations

import re
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from schedulers.core.policy import DAY, HOUR

if TYPE_CHECKING:
    from collections.abc import Mapping

    from schedulers.core.state import FeedState

MAX_AGE = re.compile(r"(?:^|[,\s])max-age\s*=\s*\"?(\d{1,10})", re.IGNORECASE | re.ASCII)
SECONDS = re.compile(r"\d{1,10}", re.ASCII)
HOURS_A_DAY = 24
DAYS_A_WEEK = 7


def retry_after(headers: Mapping[str, str], *, now: float, most: float) -> float | None:
    """Seconds to wait by Retry-After (RFC 9110, 10.2.3), at most `most`; None without one, for garbage and the past.

    A date is measured against the server's own Date where it gives one, so that its clock need not agree with ours.
    """
    text = headers.get("retry-after", "").strip()
    if SECONDS.fullmatch(text):
        wait = float(text)
    else:
        until = http_date(text)
        if until is None:
            return None
        clock = http_date(headers.get("date", ""))
        wait = until - (now if clock is None else clock)
    return min(wait, most) if wait > 0 else None


def fresh_for(headers: Mapping[str, str], *, now: float) -> float:
    """Seconds that an answer stays fresh by `max-age`, else by `Expires` (RFC 9111, 4.2), less its Age; 0 if unsaid."""
    age = headers.get("age", "").strip()
    spent = float(age) if SECONDS.fullmatch(age) else 0.0
    directives = headers.get("cache-control", "").lower()
    if "no-store" in directives or "no-cache" in directives:
        return 0.0
    if match := MAX_AGE.search(directives):
        return max(float(match.group(1)) - spent, 0.0)
    expires = http_date(headers.get("expires", ""))
    if expires is None:
        return 0.0
    clock = http_date(headers.get("date", ""))
    return max(expires - (now if clock is None else clock) - spent, 0.0)


def http_date(text: str) -> float | None:
    """Epoch seconds of an HTTP date in any of its three forms, None for anything else."""
    if not text or len(text) > 64:  # noqa: PLR2004 - the longest form has 33 characters
        return None
    try:
        return parsedate_to_datetime(text.strip()).timestamp()
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def past_skips(state: FeedState, at: float, *, latest: float) -> float:
    """The first moment from `at` on that is in no skipped hour or day (GMT), but never later than `latest`."""
    if not state.skip_hours and not state.skip_days:
        return at
    moment = at
    while moment < latest and _skipped(state, moment):
        moment = (moment // HOUR + 1) * HOUR
    return max(min(moment, latest), at)


def delayed_until(state: FeedState, *, now: float, latest: float) -> float | None:
    """When to ask instead, if a poll that was due earlier has slipped into an hour that the feed asks to be spared.

    None when it may go out. A poll that was meant for such an hour may: its wish was granted in full, or an operator
    wants it.
    """
    if not state.ok_at or not _skipped(state, now) or _skipped(state, state.next_at):
        return None
    at = past_skips(state, now, latest=latest)
    return at if at > now else None


def _skipped(state: FeedState, at: float) -> bool:
    hour = int(at // HOUR) % HOURS_A_DAY
    weekday = (int(at // DAY) + 3) % DAYS_A_WEEK  # the epoch began on a Thursday
    return hour in state.skip_hours or weekday in state.skip_days
