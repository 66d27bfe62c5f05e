"""What follows from a poll: the feed's new state, its next time, and what to tell. Pure: `now` and `random` come in.

an own outage  ─▶ nothing is held against the feed
304            ─▶ good; proof of a lie if the validators sent were known to be old
200, a feed    ─▶ good; pace, wishes, validators, redirects
410            ─▶ asked once more within a day, then parked with a monthly heartbeat
anything else  ─▶ weight, back-off, Retry-After; never the end
"""

from __future__ import annotations

from schedulers.core import errors, pace, redirects, wishes
from schedulers.core.outage import UNREACHED
from schedulers.core.policy import DEFAULT, PollingPolicy
from schedulers.core.state import FeedState, changed
from schedulers.core.validators import after_full, after_not_modified
from schedulers.core.values import Decision, EventKind, FeedEvent, PollResult
from shared.outcomes import Reason


def after_poll(
    state: FeedState, result: PollResult, *, now: float, random: float, policy: PollingPolicy = DEFAULT
) -> Decision:
    """Decide; `random` is in [0, 1)."""
    if result.ours:
        soon = now + policy.floor * (1 + random)
        at = wishes.past_skips(state, soon, latest=max(soon, state.ok_at + policy.wish_most))
        return _at(changed(state, uncharged=0.0), now, at - now)
    reason = errors.failure(result)
    if reason is None:
        return _after_good(state, result, now=now, random=random, policy=policy)
    return _after_failure(state, result, reason, now=now, random=random, policy=policy)


def deferred_until(state: FeedState, *, now: float, policy: PollingPolicy = DEFAULT) -> float | None:
    """None when a feed whose turn it is may be asked, else when: a late poll must not fall into a skipped hour."""
    return wishes.delayed_until(state, now=now, latest=state.ok_at + policy.wish_most)


def _at(
    state: FeedState, now: float, wait: float, events: tuple[FeedEvent, ...] = (), host_until: float | None = None
) -> Decision:
    at = now + wait
    asked = changed(state, asked_at=now, next_at=at)
    return Decision(state=asked, next_poll_at=at, events=events, host_wait_until=host_until)


def _after_good(state: FeedState, result: PollResult, *, now: float, random: float, policy: PollingPolicy) -> Decision:
    if result.status == errors.NOT_MODIFIED:
        after = after_not_modified(state, now=now, policy=policy)
    else:
        after = after_full(state, result, now=now, policy=policy)
    after = pace.observed(after, result.document, now=now, policy=policy)
    after = _with_document(after, result, now=now, policy=policy)
    after = redirects.confirmed(after, result.moved_to, now=now, policy=policy)
    after = changed(
        after,
        ok_at=now,
        errors=0.0,
        uncharged=0.0,
        reason="",
        failing_since=0.0,
        wait_until=0.0,
        gone_at=0.0,
        parked_at=0.0,
    )
    events = _good_events(state, after, result, policy=policy)
    if result.document and result.document.deferred:
        return _at(after, now, policy.floor * (1 + policy.jitter * random), events)
    fresh = wishes.fresh_for(result.headers, now=now)
    at = pace.next_poll(after, fresh=fresh, now=now, random=random, policy=policy)
    return _at(after, now, at - now, events)


def _with_document(state: FeedState, result: PollResult, *, now: float, policy: PollingPolicy) -> FeedState:
    """Gaps squeeze the interval, time without one relaxes it again; the document's wishes and hub are remembered."""
    document = result.document
    if document and document.gap:
        state = changed(state, squeeze=min(state.squeeze + 1, policy.squeeze_most), gap_at=now)
    elif state.squeeze and now - state.gap_at >= policy.squeeze_for:
        state = changed(state, squeeze=state.squeeze - 1, gap_at=now)
    if document is None:
        return state
    wish = document.ttl or 0.0
    said = (wish, document.skip_hours, document.skip_days, document.hub, document.topic)
    if said == (state.wish, state.skip_hours, state.skip_days, state.hub, state.topic):
        return state
    return changed(
        state,
        wish=wish,
        skip_hours=document.skip_hours,
        skip_days=document.skip_days,
        hub=document.hub,
        topic=document.topic,
    )


def _good_events(
    before: FeedState, after: FeedState, result: PollResult, *, policy: PollingPolicy
) -> tuple[FeedEvent, ...]:
    document = result.document
    told = (
        (before.parked_at or before.errors >= policy.failing_at, EventKind.HEALED, before.reason),
        (after.url != before.url, EventKind.MOVED, f"{before.url} -> {after.url}"),
        (after.lying and not before.lying, EventKind.LYING_VALIDATOR, "304 although the content had changed"),
        (document and document.gap, EventKind.GAP, "no entry in common with the last poll"),
        (document and document.deferred, EventKind.DEFERRED, f"{document.deferred if document else 0} entries wait"),
        (after.hub and after.hub != before.hub, EventKind.HUB_FOUND, after.hub),
    )
    return tuple(FeedEvent(kind=kind, detail=detail) for happened, kind, detail in told if happened)


def _after_failure(
    state: FeedState, result: PollResult, reason: Reason, *, now: float, random: float, policy: PollingPolicy
) -> Decision:
    after = _charged(state, reason, result, now=now)
    if result.status == errors.OK:
        after = changed(after, etag="", modified="", body_hash="", suspect=False)
    if reason is Reason.GONE or state.parked_at:
        return _after_gone(after, reason, now=now, random=random, policy=policy)
    floor = policy.floor if state.proven and not state.lying else policy.floor_unproven
    total = after.errors + after.uncharged
    wait = errors.backoff(reason, total, floor=floor, random=random, policy=policy)
    wait = max(min(wait, pace.patience(after, now=now)), floor)
    asked_for = wishes.retry_after(result.headers, now=now, most=policy.retry_after_most)
    events = _bad_events(state, after, reason, policy=policy)
    if asked_for is None:
        return _at(changed(after, gone_at=0.0, wait_until=0.0), now, wait, events)
    # The jitter on top spreads the feeds of one host; the host itself is asked by nobody before the time it gave.
    wait = max(asked_for + min(asked_for * policy.jitter, policy.floor) * random, policy.floor)
    waiting = FeedEvent(kind=EventKind.WAITING, detail=f"{asked_for:.0f} s by Retry-After")
    until = now + asked_for
    return _at(changed(after, gone_at=0.0, wait_until=until), now, wait, (*events, waiting), until)


def _charged(state: FeedState, reason: Reason, result: PollResult, *, now: float) -> FeedState:
    """The state with one more error. One without any answer is charged at the next failure only.

    And only if other hosts answered in between: so the first minutes of an outage of our own, which the guard needs to
    notice it, mark no feed either.
    """
    cost = errors.weight(reason, result.status)
    silent = reason in UNREACHED and not result.status
    others = result.others_reached_at
    owed = state.uncharged if others is None or others > state.asked_at else 0.0
    return changed(
        state,
        errors=state.errors + owed + (0.0 if silent else cost),
        uncharged=cost if silent else 0.0,
        reason=reason.value,
        failing_since=state.failing_since or now,
    )


def _after_gone(state: FeedState, reason: Reason, *, now: float, random: float, policy: PollingPolicy) -> Decision:
    """410: a second one within a day parks the feed; a parked feed keeps a slow heartbeat, because servers err."""
    much_later = policy.parked_heartbeat * (1 + policy.jitter * random)
    if state.parked_at:
        return _at(state, now, much_later)
    if state.gone_at and now - state.gone_at <= policy.gone_within:
        parked = FeedEvent(kind=EventKind.PARKED, detail=reason.value)
        return _at(changed(state, parked_at=now), now, much_later, (parked,))
    return _at(changed(state, gone_at=now), now, policy.gone_again * (1 + policy.jitter * random))


def _bad_events(before: FeedState, after: FeedState, reason: Reason, *, policy: PollingPolicy) -> tuple[FeedEvent, ...]:
    crossed = before.errors < policy.failing_at <= after.errors
    return (FeedEvent(kind=EventKind.FAILING, detail=reason.value),) if crossed else ()
