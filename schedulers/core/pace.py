"""How often a feed that answers is worth asking: half the average gap between its entries, within bounds. Pure.

The pace is estimated from when entries are found, not from the dates they claim; those only give the first guess.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schedulers.core.state import FeedState, changed
from schedulers.core.wishes import past_skips

if TYPE_CHECKING:
    from schedulers.core.policy import PollingPolicy
    from schedulers.core.values import Document

FIRST_GUESS = 2 * 3600.0  # between entries, for a feed without dates
UNKNOWN_COVERS = 4 * 3600.0  # seconds, for a feed that was never read
DATES = 20  # the newest ones show the pace of today


def observed(state: FeedState, document: Document | None, *, now: float, policy: PollingPolicy) -> FeedState:
    """The state after a good answer at `now`; without a document, nothing was new."""
    new = document.new if document else 0
    if not state.ok_at:
        return _guessed(state, document, now=now, policy=policy)
    elapsed = max(now - state.ok_at, 0.0)
    kept = 0.5 ** (elapsed / policy.rate_half_life)
    return changed(
        state,
        rate_entries=state.rate_entries * kept + new,
        rate_seconds=state.rate_seconds * kept + elapsed,
        new_at=now if new else state.new_at,
        window=document.entries if document and document.entries else state.window,
    )


def _guessed(state: FeedState, document: Document | None, *, now: float, policy: PollingPolicy) -> FeedState:
    """The first guess, from the dates of the entries that the first document carries."""
    dates = sorted(document.published if document else (), reverse=True)[:DATES]
    entries, seconds = (float(len(dates)), now - dates[-1]) if dates else (1.0, FIRST_GUESS)
    shrink = min(policy.rate_half_life / seconds, 1.0) if seconds > 0 else 1.0
    return changed(
        state,
        rate_entries=entries * shrink,
        rate_seconds=max(seconds, policy.floor) * shrink,
        new_at=min(dates[0], now) if dates else now,
        window=document.entries if document else 0,
    )


def gap(state: FeedState) -> float:
    """Average seconds between two entries; infinite for a feed that brings none."""
    return state.rate_seconds / state.rate_entries if state.rate_entries > 0 else float("inf")


def interval(state: FeedState, *, now: float, policy: PollingPolicy) -> float:
    """Seconds to the next poll by the feed's own pace, before jitter and the server's wishes.

    Where no 304 makes a poll cheap the floor is higher, unless entries would leave the document unseen: half of the
    time that the document holds is always short enough, and each gap that was seen halves what is left.
    """
    pace = gap(state)
    floor = policy.floor if state.proven and not state.lying else policy.floor_unproven
    ceiling = policy.ceiling_news if now - state.new_at < policy.idle_after else policy.ceiling_idle
    wait = min(max(pace / 2, floor), ceiling)
    if state.lease_until > now:
        wait = min(wait * policy.push_slowdown, ceiling)
    wait = min(wait, pace * max(state.window, 1) / 2) / (1 << state.squeeze)
    return max(wait, policy.floor)


def patience(state: FeedState, *, now: float) -> float:
    """The most seconds to wait after a failure so that what is in the document now is not gone by the next try.

    Half of the time that is left of what the last document covered, measured from the start of the trouble. When that
    is over, what was in it is lost anyway, and the wait may grow.
    """
    covers = gap(state) * state.window if state.window else UNKNOWN_COVERS
    covered = state.failing_since + covers if state.failing_since else 0.0
    return (covered - now) / 2 if covered > now else float("inf")


def next_poll(state: FeedState, *, fresh: float, now: float, random: float, policy: PollingPolicy) -> float:
    """When to poll a feed that has just answered well: at its pace, jittered, but not before the server wishes.

    `fresh` is how long the answer stays fresh by its headers. Jitter never cuts into a wish or the floor.
    """
    wait = interval(state, now=now, policy=policy) * (1 + policy.jitter * (2 * random - 1))
    wish = min(max(state.wish, fresh), policy.wish_most)
    at = now + max(wait, policy.floor, min(wish * (1 + policy.jitter * random), policy.wish_most * (1 + policy.jitter)))
    return past_skips(state, at, latest=max(at, now + policy.wish_most))
