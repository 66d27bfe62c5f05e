"""Leases of threads are short and renewed while the work goes on, for as long as a piece of work may take."""

from __future__ import annotations

import pytest

from shared.messages import PageFound
from shared.outcomes import Disposition, Reason
from shared.stores.work import Completion, Wanted, WorkStore
from shared.topology import TOPOLOGY, Stage
from workers.keeping import KEEP_EVERY, SLACK, KeptWork

ROW = TOPOLOGY[Stage.FETCH]
T0 = 1_000_000.0


@pytest.fixture
def moment() -> list[float]:
    return [0.0]


@pytest.fixture
def work(database, moment) -> KeptWork:
    database.now = T0
    store = KeptWork(database, clock=lambda: moment[0])
    store._thread = object()  # renewals are the test's own
    store.add([PageFound(article_id=f"a{n}", url=f"https://example.org/{n}", feed_id="f", found_at=T0) for n in (1, 2)])
    return store


def passes(database, moment, seconds: float) -> None:
    database.now += seconds
    moment[0] += seconds


def test_work_that_takes_longer_than_its_lease_is_kept_while_its_process_lives(database, moment, work):
    work.claim(Stage.FETCH, most=2, lease=ROW.lease)
    for _ in range(int(ROW.item_limit / KEEP_EVERY)):
        passes(database, moment, KEEP_EVERY)
        assert work.keep() == 2
        assert work.sweep(Stage.FETCH).taken_back == 0


def test_work_of_a_process_that_was_killed_comes_back_within_its_short_lease(database, moment, work):
    work.claim(Stage.FETCH, most=2, lease=ROW.lease)
    passes(database, moment, ROW.lease + 0.1)
    assert WorkStore(database).sweep(Stage.FETCH).taken_back == 2


def test_work_that_is_taken_with_the_end_of_other_work_is_kept_and_the_ended_is_not(database, moment, work):
    batch = work.claim(Stage.FETCH, most=1, lease=ROW.lease)
    ended = [(one, Completion(disposition=Disposition.DROPPED, reason=Reason.NOT_HTML)) for one in batch]
    turned = work.turn_over(ended, then=Wanted(stage=Stage.FETCH, most=5, lease=ROW.lease))
    assert [one.id for one in turned.claimed] == ["a2"]
    assert work.keep() == 1


def test_a_worker_that_stops_ends_its_work_and_takes_no_more(database):
    stopping = [False]
    work = KeptWork(database, stopping=lambda: stopping[0])
    work.add([PageFound(article_id=f"a{n}", url=f"https://example.org/{n}", feed_id="f", found_at=T0) for n in (1, 2)])
    batch = work.claim(Stage.FETCH, most=1, lease=ROW.lease)
    stopping[0] = True
    ended = [(one, Completion(disposition=Disposition.DROPPED, reason=Reason.NOT_HTML)) for one in batch]
    turned = work.turn_over(ended, then=Wanted(stage=Stage.FETCH, most=5, lease=ROW.lease))
    assert (turned.held, turned.claimed) == ([True], [])


def test_a_thread_that_hangs_keeps_nothing_for_ever(database, moment, work):
    work.claim(Stage.FETCH, most=2, lease=ROW.lease)
    passes(database, moment, ROW.item_limit + SLACK + 0.1)
    assert work.keep() == 0


def test_the_next_piece_of_a_batch_gets_its_own_time(database, moment, work):
    batch = work.claim(Stage.FETCH, most=2, lease=ROW.lease)
    passes(database, moment, 10.0)
    work.renew(batch[1:], ROW.lease)
    passes(database, moment, ROW.item_limit)
    assert work.keep() == 1


def test_what_was_ended_or_put_back_is_kept_no_longer(database, work):
    first, second = work.claim(Stage.FETCH, most=2, lease=ROW.lease)
    work.complete(first, Completion(disposition=Disposition.DROPPED, reason=Reason.NOT_HTML))
    work.defer(second, T0 + 60)
    assert work.keep() == 0


def test_a_lease_that_another_worker_took_over_is_not_renewed(database, moment, work):
    work.claim(Stage.FETCH, most=2, lease=ROW.lease)
    passes(database, moment, ROW.lease + 1)
    heir = WorkStore(database)
    heir.sweep(Stage.FETCH)
    assert heir.claim(Stage.FETCH, most=2, lease=ROW.lease)
    assert work.keep() == 0


def test_a_worker_that_stops_claims_nothing_more(database):
    database.now = T0
    stopping = [False]
    store = KeptWork(database, stopping=lambda: stopping[0])
    store.add([PageFound(article_id="a", url="https://example.org/a", feed_id="f", found_at=T0)])
    stopping[0] = True
    assert store.claim(Stage.FETCH, most=1, lease=ROW.lease) == []
    stopping[0] = False
    assert len(store.claim(Stage.FETCH, most=1, lease=ROW.lease)) == 1


def test_what_is_given_back_is_at_once_there_for_others_before_what_came_later_and_costs_nothing(database, work):
    batch = work.claim(Stage.FETCH, most=2, lease=ROW.lease)
    database.now += 1
    work.add([PageFound(article_id="later", url="https://example.org/later", feed_id="f", found_at=T0)])
    assert work.give_back() == 2
    assert not work.complete(batch[0], Completion(disposition=Disposition.DROPPED, reason=Reason.GONE))
    again = WorkStore(database).claim(Stage.FETCH, most=2, lease=ROW.lease)
    assert {one.id for one in again} == {one.id for one in batch}
    assert {(one.deaths, one.tries) for one in again} == {(0, 0)}
    assert work.give_back() == 0
