"""How often a feed that answers is worth asking."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schedulers.core import Document, FeedState, PollingPolicy, PollResult, after_poll
from schedulers.core.pace import gap, interval, next_poll, observed

NOW = 1_790_000_000.0 - 1_790_000_000.0 % 86_400  # midnight
MINUTE, HOUR, DAY = 60.0, 3600.0, 86_400.0
POLICY = PollingPolicy()


def paced(every: float, **changes: object) -> FeedState:
    """A feed with an entry `every` so many seconds and cheap polls."""
    state = FeedState(
        url="https://e.example.com/",
        ok_at=NOW,
        new_at=NOW,
        window=50,
        proven=True,
        rate_entries=10,
        rate_seconds=10 * every,
    )
    return replace(state, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("every", "wait"),
    [(MINUTE, 10 * MINUTE), (HOUR, 30 * MINUTE), (4 * HOUR, 2 * HOUR), (DAY, 6 * HOUR), (30 * DAY, 6 * HOUR)],
)
def test_the_wait_is_half_the_gap_between_its_bounds(every: float, wait: float) -> None:
    assert interval(paced(every), now=NOW, policy=POLICY) == wait


def test_without_working_validators_the_floor_is_an_hour() -> None:
    assert interval(paced(20 * MINUTE, proven=False), now=NOW, policy=POLICY) == HOUR
    assert interval(paced(20 * MINUTE, lying=True), now=NOW, policy=POLICY) == HOUR


def test_but_not_where_entries_would_leave_unseen() -> None:
    assert interval(paced(4 * MINUTE, proven=False, window=20), now=NOW, policy=POLICY) == 40 * MINUTE
    assert interval(paced(MINUTE, proven=False, window=5), now=NOW, policy=POLICY) == 10 * MINUTE


def test_an_idle_feed_is_asked_once_a_day() -> None:
    assert interval(paced(30 * DAY, new_at=NOW - 15 * DAY), now=NOW, policy=POLICY) == DAY


def test_a_pushing_hub_makes_polls_rarer_within_the_ceiling() -> None:
    assert interval(paced(HOUR, lease_until=NOW + DAY), now=NOW, policy=POLICY) == 2 * HOUR
    assert interval(paced(12 * HOUR, lease_until=NOW + DAY), now=NOW, policy=POLICY) == 6 * HOUR
    assert interval(paced(HOUR, lease_until=NOW - 1), now=NOW, policy=POLICY) == 30 * MINUTE


def test_each_gap_halves_what_is_left() -> None:
    assert interval(paced(8 * HOUR, squeeze=2), now=NOW, policy=POLICY) == HOUR


@given(st.floats(0, 0.999), st.floats(MINUTE, 60 * DAY), st.booleans(), st.floats(0, 1e9), st.floats(0, 1e9))
def test_jitter_is_a_tenth_and_cuts_into_neither_floor_nor_wish(
    random: float, every: float, proven: bool, wish: float, fresh: float
) -> None:
    state = paced(every, proven=proven, wish=wish)
    wait = next_poll(state, fresh=fresh, now=NOW, random=random, policy=POLICY) - NOW
    base = interval(state, now=NOW, policy=POLICY)
    asked = min(max(wish, fresh), DAY)
    assert wait >= max(10 * MINUTE, asked)
    assert 0.9 * base - 1e-3 <= wait <= max(1.1 * base, 1.1 * asked, 10 * MINUTE) + 1e-3


def test_a_wish_is_granted_up_to_a_day() -> None:
    at = next_poll(paced(HOUR, wish=30 * DAY), fresh=0.0, now=NOW, random=0.0, policy=POLICY)
    assert at == NOW + DAY


def test_skipped_hours_and_days_are_spared_up_to_a_day() -> None:
    noon = NOW + 12 * HOUR
    state = paced(4 * HOUR, skip_hours=frozenset({14, 15}))
    assert next_poll(state, fresh=0.0, now=noon, random=0.5, policy=POLICY) == NOW + 16 * HOUR
    weekend = frozenset({5, 6})
    days = [
        next_poll(paced(4 * HOUR, skip_days=weekend), fresh=0.0, now=noon + DAY * day, random=0.5, policy=POLICY)
        for day in range(7)
    ]
    assert all(at - (noon + DAY * day) <= DAY for day, at in enumerate(days))
    assert sum(at - (noon + DAY * day) > 3 * HOUR for day, at in enumerate(days)) == 2


def test_the_first_guess_comes_from_believable_dates() -> None:
    dates = tuple(NOW - HOUR * number for number in range(1, 21))
    state = observed(FeedState(url="u"), Document(entries=20, new=20, published=dates), now=NOW, policy=POLICY)
    assert gap(state) == pytest.approx(HOUR)
    assert state.new_at == NOW - HOUR


def test_a_feed_without_dates_starts_in_the_middle() -> None:
    state = observed(FeedState(url="u"), Document(entries=20, new=20), now=NOW, policy=POLICY)
    assert gap(state) == 2 * HOUR


def test_an_archive_is_idle_from_the_start() -> None:
    dates = tuple(NOW - 400 * DAY - DAY * number for number in range(20))
    state = observed(FeedState(url="u"), Document(entries=20, new=20, published=dates), now=NOW, policy=POLICY)
    assert interval(state, now=NOW, policy=POLICY) == DAY


def test_a_feed_that_falls_silent_is_asked_ever_less() -> None:
    state, waits, now = paced(HOUR), [], NOW
    for _ in range(400):
        state = after_poll(state, PollResult(status=304, conditional=True), now=now, random=0.5).state
        waits.append(state.next_at - now)
        now = state.next_at
    assert waits[0] == pytest.approx(30 * MINUTE, rel=0.05)
    assert waits[-1] == DAY
    assert waits == sorted(waits)


def test_a_feed_that_wakes_up_is_followed_within_days() -> None:
    state, now = paced(7 * DAY, new_at=NOW - 60 * DAY, rate_entries=1.0, rate_seconds=7 * DAY), NOW
    for number in range(60):
        new = max(round((now - state.ok_at) / HOUR), 0)
        result = PollResult(
            status=200, headers={"etag": f'"{number}"'}, document=Document(entries=50, new=new, known=50 - new)
        )
        state = after_poll(replace(state, proven=True), result, now=now, random=0.5).state
        now = state.next_at
        if now > NOW + 5 * DAY:
            break
    assert state.next_at - state.asked_at < 2 * HOUR


@given(st.lists(st.tuples(st.floats(0, 40 * DAY), st.integers(0, 100)), max_size=30))
def test_the_estimate_stays_sane(polls: list[tuple[float, int]]) -> None:
    state, now = FeedState(url="u"), NOW
    for elapsed, new in polls:
        now += elapsed
        state = replace(observed(state, Document(entries=100, new=new), now=now, policy=POLICY), ok_at=now)
        assert POLICY.floor <= interval(state, now=now, policy=POLICY) <= POLICY.ceiling_idle
