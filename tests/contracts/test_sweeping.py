"""Sweeping: what a dead worker held comes back; what ran out because nobody could renew it is given a moment."""

from __future__ import annotations

import pytest

from shared.messages import PageFound
from shared.stores import keys
from shared.stores.work import WorkStore
from shared.topology import Stage

T0 = 1_000_000.0


@pytest.fixture
def work(database) -> WorkStore:
    database.now = T0
    store = WorkStore(database)
    store.add([PageFound(article_id="a1", url="https://example.org/1", feed_id="f", found_at=T0)])
    store.sweep(Stage.FETCH)
    return store


def passes(database, work: WorkStore, seconds: int) -> int:
    """Ticks, a second each; returns what they took back."""
    back = 0
    for _ in range(seconds):
        database.now += 1
        back += work.sweep(Stage.FETCH).taken_back
    return back


def test_a_lease_that_ran_out_under_ticks_is_taken_back_at_once(database, work):
    work.claim(Stage.FETCH, most=1, lease=10)
    assert passes(database, work, 9) == 0
    assert passes(database, work, 2) == 1


def test_a_lease_that_ran_out_while_the_server_was_away_can_still_be_renewed_by_the_living(database, work):
    (held,) = work.claim(Stage.FETCH, most=1, lease=10)
    database.now += 60
    assert work.sweep(Stage.FETCH).taken_back == 0
    assert work.renew([held], 10) == 1
    assert passes(database, work, 9) == 0


def test_what_a_dead_worker_held_comes_back_a_moment_after_the_outage(database, work):
    work.claim(Stage.FETCH, most=1, lease=10)
    database.now += 60
    assert work.sweep(Stage.FETCH).taken_back == 0
    assert passes(database, work, 9) == 1
    (again,) = work.claim(Stage.FETCH, most=1, lease=10)
    assert again.deaths == 1


def test_where_ticks_are_always_slow_leases_are_taken_back_all_the_same(database, work):
    work.claim(Stage.FETCH, most=1, lease=10)
    back = 0
    for _ in range(5):
        database.now += 7
        back += work.sweep(Stage.FETCH).taken_back
    assert back == 1


def test_what_was_taken_back_stands_before_all_that_came_after_it(database, work):
    work.claim(Stage.FETCH, most=1, lease=10)
    database.now += 1
    work.add(
        [PageFound(article_id=f"b{n}", url=f"https://example.org/b{n}", feed_id="f", found_at=T0) for n in range(5)]
    )
    assert passes(database, work, 11) == 1
    assert [one.id for one in work.claim(Stage.FETCH, most=1, lease=10)] == ["a1"]


def test_work_that_does_not_say_since_when_it_waits_comes_back_all_the_same(database, work):
    database.redis.hset(keys.WORK(Stage.FETCH, "a1"), "f", "")
    work.claim(Stage.FETCH, most=1, lease=10)
    assert passes(database, work, 12) == 1
    assert [one.id for one in work.claim(Stage.FETCH, most=1, lease=10)] == ["a1"]


def test_a_clock_that_was_set_back_by_an_hour_stops_nothing(database, work):
    work.add([PageFound(article_id="due", url="https://example.org/due", feed_id="f", found_at=T0)])
    work.add([PageFound(article_id="soon", url="https://example.org/s", feed_id="f", found_at=T0)], at=T0 + 20)
    assert [one.id for one in work.claim(Stage.FETCH, most=1, lease=10)] == ["a1"]
    database.now -= 3600
    assert work.sweep(Stage.FETCH).due == 1
    assert [one.id for one in work.claim(Stage.FETCH, most=5, lease=100)] == ["due"]
    assert passes(database, work, 12) == 1
    assert [one.id for one in work.claim(Stage.FETCH, most=5, lease=100)] == ["a1"]
    passes(database, work, 10)
    assert [one.id for one in work.claim(Stage.FETCH, most=5, lease=100)] == ["soon"]
    assert max(float(at) for at in database.redis.hvals(keys.PULSE())) <= database.now
