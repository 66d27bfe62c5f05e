"""What an HTTP status means for a page that a feed announced. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.errors import PermanentError, RetryableError
from shared.outcomes import Drop, Reason
from shared.retry_after import retry_after

if TYPE_CHECKING:
    from collections.abc import Mapping

GOOD = frozenset({200, 203})
# What the page's owner says no to is a normal result. A feed's own text may still serve (`walls.FEED_TEXT_SERVES`).
REFUSED = {
    401: Reason.LOGIN_WALL,
    402: Reason.PAYWALL,
    403: Reason.FORBIDDEN,
    410: Reason.GONE,
    451: Reason.FORBIDDEN,
}
# Feeds announce pages that their site's caches do not have yet, so a page not found is asked for again.
SOON = {404: Reason.NOT_FOUND, 408: Reason.TIMEOUT, 425: Reason.RATE_LIMITED, 429: Reason.RATE_LIMITED}
EMPTY = frozenset({204, 205})
SERVER_ERRORS = range(500, 600)
CLIENT_ERRORS = range(400, 500)


def judge_status(status: int, headers: Mapping[str, str], *, now: float) -> Drop | None:
    """None to go on with the body, a Drop for a normal end; raises RetryableError or PermanentError otherwise.

    `headers` finds names in lower case; `now` is in epoch seconds. A Retry-After is passed on in full.
    """
    if status in GOOD:
        return None
    if challenged(headers):
        return Drop(reason=Reason.CAPTCHA, detail=f"status {status} with a challenge")
    if status in REFUSED:
        return Drop(reason=REFUSED[status], detail=f"status {status}")
    if status in EMPTY:
        return Drop(reason=Reason.NO_ARTICLE, detail=f"status {status}")
    wish = retry_after(headers.get("retry-after"), now)
    if status in SOON:
        raise RetryableError(SOON[status], f"status {status}", retry_after=wish)
    if status in SERVER_ERRORS:
        reason = Reason.RATE_LIMITED if status == 503 and wish is not None else Reason.SERVER_ERROR  # noqa: PLR2004
        raise RetryableError(reason, f"status {status}", retry_after=wish)
    if status in CLIENT_ERRORS:
        raise PermanentError(Reason.CLIENT_ERROR, f"status {status}")
    raise RetryableError(Reason.PROTOCOL, f"status {status} to a plain request")


def challenged(headers: Mapping[str, str]) -> bool:
    """Whether a protection service says in the headers that a browser has to prove itself first."""
    return (
        headers.get("cf-mitigated", "").lower() == "challenge"
        or headers.get("x-amzn-waf-action", "").lower() in {"challenge", "captcha"}
        or headers.get("x-datadome", "").lower() == "protected"
    )
