"""When a WebSub subscription is asked for or renewed. Pure; the protocol itself is in `workers.poll.core.websub`."""

from __future__ import annotations

from schedulers.core.state import FeedState, changed

RENEW_AT = 0.2  # of the lease is left: hubs are down for hours at times
ASK_AGAIN = 6 * 3600.0  # seconds after a request that no verification followed


def subscription_due(state: FeedState, *, now: float) -> bool:
    """Whether to ask the feed's hub for pushes now: there is a hub, and no lease that lasts long enough."""
    if not state.hub or not state.topic or state.paused or state.parked_at:
        return False
    return now >= max(renewal_at(state), state.hub_asked_at + ASK_AGAIN if state.hub_asked_at else 0.0)


def renewal_at(state: FeedState) -> float:
    """When the lease has to be renewed: while a fifth of it is left; 0 without a lease."""
    return state.lease_until - RENEW_AT * state.lease_seconds


def asked(state: FeedState, *, now: float) -> FeedState:
    """The state after the hub was asked."""
    return changed(state, hub_asked_at=now)


def granted(state: FeedState, *, lease: float, now: float) -> FeedState:
    """The state after the hub verified a subscription for `lease` seconds; 0 ends it."""
    return changed(state, lease_until=now + lease if lease else 0.0, lease_seconds=lease, hub_asked_at=0.0)
