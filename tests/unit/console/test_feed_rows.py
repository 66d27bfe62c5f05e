"""A feed's state in one word, and the summary of all."""

from __future__ import annotations

import pytest

from console.feed_rows import row, summary
from schedulers.core import FeedState

NOW, DAY = 1_700_000_000.0, 86_400.0
KNOWN = {"asked_at": NOW - 60, "ok_at": NOW - 60, "new_at": NOW - 600, "rate_entries": 20.0, "rate_seconds": 10 * DAY}


@pytest.mark.parametrize(
    ("change", "state", "word"),
    [
        ({}, "ok", "answers"),
        ({"asked_at": 0.0}, "new", "not polled"),
        ({"paused": True}, "paused", "operator"),
        ({"parked_at": NOW - 5}, "parked", "once a month"),
        ({"wait_until": NOW + 600}, "waiting", "in 10 min"),
        ({"errors": 3.0, "reason": "dns", "failing_since": NOW - DAY}, "failing", "1 d"),
        ({"new_at": NOW - 9 * DAY}, "silent", "no new entry for 9 d"),
        ({"new_at": NOW - 4 * DAY}, "ok", "answers"),
        ({"errors": 0.5, "reason": "timeout"}, "ok", "the last poll failed"),
    ],
)
def test_the_state_and_why(change, state, word):
    found = row("f", FeedState(url="https://a.example/f", **{**KNOWN, **change}).to_fields(), now=NOW)
    assert found["state"] == state
    assert word in found["why"]


def test_a_slow_feed_is_given_ten_of_its_own_gaps():
    slow = {**KNOWN, "rate_entries": 1.0, "rate_seconds": 20 * DAY, "new_at": NOW - 100 * DAY}
    assert row("f", FeedState(url="https://a.example/f", **slow).to_fields(), now=NOW)["state"] == "ok"


def test_the_summary_counts_all_and_lists_a_bounded_number():
    feeds = [
        (f"f{n}", FeedState(url=f"https://a.example/{n}", **{**KNOWN, "new_at": NOW - (n + 8) * DAY}).to_fields())
        for n in range(300)
    ]
    found, order = summary(feeds, now=NOW)
    assert order == sorted(order, key=lambda feed: f"a.example/{feed[1:]}")
    assert found["counts"]["silent"] == 300
    assert len(found["silent"]) == 50
    assert len(found["quiet"]) == 200
    assert found["quiet"][0] == ("f299", NOW - 307 * DAY)
