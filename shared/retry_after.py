"""The Retry-After header (RFC 9110, 10.2.3): seconds or a date. Pure."""

from __future__ import annotations

import re
from email.utils import parsedate_to_datetime

LONGEST = 31 * 86_400.0  # seconds; a host that asks for more is asked again after a month
_SECONDS = re.compile(r"\d{1,12}(?:\.\d{1,6})?", re.ASCII)


def retry_after(value: str | None, now: float) -> float | None:
    """Seconds to wait from `now` (epoch seconds), 0 to 31 days; None for no header or one that means nothing.

    A date in the past is 0: the server says that its time has come.
    """
    text = (value or "").strip()
    if _SECONDS.fullmatch(text):
        return min(float(text), LONGEST)
    if not text or len(text) > 64:  # noqa: PLR2004 - the longest of the three date forms has 33 characters
        return None
    try:
        wait = parsedate_to_datetime(text).timestamp() - now
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
    return min(max(wait, 0.0), LONGEST)
