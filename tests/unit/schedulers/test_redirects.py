"""When a feed's address is changed."""

from __future__ import annotations

import pytest

from schedulers.core import EventKind, FeedState, PollResult, after_poll
from schedulers.core.redirects import may_move

NOW = 1_790_000_000.0
HOUR, DAY = 3600.0, 86_400.0
OLD, NEW, OTHER = "https://old.example.com/f", "https://new.example.com/f", "https://other.example.com/f"


def polled(*answers: tuple[float, str]) -> tuple[FeedState, list[EventKind]]:
    """Good answers at hours, each by permanent redirects to an address or to none."""
    state, told = FeedState(url=OLD), []
    for hours, moved_to in answers:
        result = PollResult(status=304, conditional=True, moved_to=moved_to)
        decision = after_poll(state, result, now=NOW + hours * HOUR, random=0.5)
        state = decision.state
        told += [event.kind for event in decision.events]
    return state, told


def test_three_equal_answers_over_a_day_move_a_feed() -> None:
    state, told = polled((0, NEW), (12, NEW), (24, NEW))
    assert state.url == NEW
    assert told == [EventKind.MOVED]
    assert not state.moved_to


@pytest.mark.parametrize(
    "answers",
    [
        [(0, NEW), (1, NEW), (2, NEW), (3, NEW)],
        [(0, NEW), (25, NEW)],
        [(0, NEW), (12, OTHER), (25, NEW)],
        [(0, NEW), (12, ""), (25, NEW), (26, NEW)],
        [(0, NEW), (12, NEW), (25, OTHER)],
        [(0, OLD), (12, OLD), (30, OLD)],
    ],
)
def test_anything_less_does_not(answers: list[tuple[float, str]]) -> None:
    state, told = polled(*answers)
    assert state.url == OLD
    assert told == []


def test_an_error_in_between_does_not_start_the_count_again() -> None:
    state, _ = polled((0, NEW), (12, NEW))
    state = after_poll(state, PollResult(status=500), now=NOW + 13 * HOUR, random=0.5).state
    result = PollResult(status=304, conditional=True, moved_to=NEW)
    assert after_poll(state, result, now=NOW + 25 * HOUR, random=0.5).state.url == NEW


@pytest.mark.parametrize(
    "target",
    [
        "http://old.example.com/f",
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://10.1.2.3/",
        "https://169.254.169.254/latest",
        "https://localhost/",
        "https://printer.local/",
        "https://db.internal./",
        "https://router/",
        "file:///etc/passwd",
        "https://me:pw@new.example.com/",
        "nonsense",
    ],
)
def test_some_addresses_are_never_moved_to(target: str) -> None:
    assert not may_move(OLD, target)
    state, _ = polled((0, target), (12, target), (25, target), (48, target))
    assert state.url == OLD


def test_a_feed_may_move_to_https_and_stay_on_http() -> None:
    assert may_move("http://old.example.com/f", NEW)
    assert may_move("http://old.example.com/f", "http://new.example.com/f")
