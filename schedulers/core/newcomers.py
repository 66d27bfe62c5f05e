"""Feeds that were never polled, and what an operator does to one. Pure."""

from __future__ import annotations

from schedulers.core.state import FeedState, changed

SPREAD_EACH = 0.5  # seconds of spread for each feed that is new at the same time
SPREAD_MOST = 3600.0


def new_feed(url: str, *, now: float, random: float, together: int = 1) -> FeedState:
    """The state of a feed at a canonical URL that is one of `together` new ones: they are spread, one alone is not."""
    return FeedState(url=url, next_at=now + random * min((together - 1) * SPREAD_EACH, SPREAD_MOST))


def polled_now(state: FeedState, *, now: float) -> FeedState:
    """An operator wants it now, over a Retry-After or a back-off; the caller logs that it was overridden."""
    return changed(state, next_at=now, wait_until=0.0)


def resumed(state: FeedState, *, now: float) -> FeedState:
    """An operator takes a pause or a parking back."""
    return changed(state, paused=False, parked_at=0.0, gone_at=0.0, next_at=now)
