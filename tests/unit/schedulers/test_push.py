"""When a WebSub subscription is asked for or renewed."""

from __future__ import annotations

from dataclasses import replace

from schedulers.core import FeedState
from schedulers.core.push import asked, granted, renewal_at, subscription_due

NOW, DAY, HOUR = 1_790_000_000.0, 86_400.0, 3600.0
FEED = FeedState(url="https://e.example.com/f", hub="https://hub.example.com/", topic="https://e.example.com/f")


def test_a_feed_with_a_hub_is_subscribed_and_one_without_is_not() -> None:
    assert subscription_due(FEED, now=NOW)
    assert not subscription_due(replace(FEED, hub=""), now=NOW)
    assert not subscription_due(replace(FEED, paused=True), now=NOW)
    assert not subscription_due(replace(FEED, parked_at=NOW), now=NOW)


def test_a_hub_that_does_not_verify_is_asked_again_after_hours() -> None:
    waiting = asked(FEED, now=NOW)
    assert not subscription_due(waiting, now=NOW + 5 * HOUR)
    assert subscription_due(waiting, now=NOW + 6 * HOUR)


def test_a_lease_is_renewed_while_a_fifth_of_it_is_left() -> None:
    state = granted(asked(FEED, now=NOW), lease=10 * DAY, now=NOW)
    assert renewal_at(state) == NOW + 8 * DAY
    assert not subscription_due(state, now=NOW + 8 * DAY - 1)
    assert subscription_due(state, now=NOW + 8 * DAY)
    assert state.lease_until == NOW + 10 * DAY
