"""Conditional requests: what is sent, and how a server that answers 304 for ever is found out. Pure.

Validators are echoed byte for byte and never made up. When only 304s came for a day, one GET is sent without them. If
it brings news under the validators we hold, the server lies: it would have called that unchanged. If it brings news
under new validators, the old ones are kept for the next requests: an honest server answers 200 to them, a liar 304,
also when an hour has passed in which a cache may have been behind.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schedulers.core.policy import DEFAULT, PollingPolicy
from schedulers.core.state import FeedState, changed

if TYPE_CHECKING:
    from schedulers.core.values import PollResult

LONGEST = 1_000  # characters; a longer validator is not kept, because a cut one would be an invented one


def request_headers(state: FeedState, *, now: float, policy: PollingPolicy = DEFAULT) -> dict[str, str]:
    """The conditional headers of the next request; none when there is nothing to echo or a full answer is due."""
    if state.lying or (_full_due(state, now=now, policy=policy) and not state.suspect):
        return {}
    headers = {"If-None-Match": state.etag, "If-Modified-Since": state.modified}
    return {name: value for name, value in headers.items() if value}


def _full_due(state: FeedState, *, now: float, policy: PollingPolicy) -> bool:
    return state.unchanged > 0 and now - state.full_at >= policy.full_every


def after_not_modified(state: FeedState, *, now: float, policy: PollingPolicy) -> FeedState:
    """The state after a 304 to a conditional request."""
    if state.suspect and now - state.full_at < policy.lag:
        return state
    if state.suspect:
        return changed(state, lying=True, suspect=False, proven=False, etag="", modified="", unchanged=0)
    return changed(state, unchanged=state.unchanged + 1, proven=True)


def after_full(state: FeedState, result: PollResult, *, now: float, policy: PollingPolicy) -> FeedState:
    """The state after a 200 with a feed in it (or with the body that we know)."""
    document = result.document
    read = changed(state, full_at=now, unchanged=0, suspect=False, body_hash=result.body_hash)
    if document and document.deferred:
        # The rest must not hide behind a 304 or an equal body.
        return changed(read, etag="", modified="", body_hash="")
    if state.lying:
        return read
    etag, modified = (_kept(result.headers.get(name, "")) for name in ("etag", "last-modified"))
    news = bool(document and document.new) and bool(state.etag or state.modified)
    if news and not result.conditional and _full_due(state, now=now, policy=policy):
        if (etag, modified) == (state.etag, state.modified):
            return changed(read, lying=True, proven=False, etag="", modified="")
        return changed(read, suspect=True)
    wasted = result.conditional and result.body_hash == state.body_hash and bool(state.body_hash)
    return changed(read, etag=etag, modified=modified, proven=state.proven and not wasted and bool(etag or modified))


def _kept(value: str) -> str:
    return value if len(value) <= LONGEST and value.strip() else ""
