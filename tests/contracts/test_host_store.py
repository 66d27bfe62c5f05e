"""Pacing on the real server: one request a gap, whoever asks; nothing bursts after a standstill."""

from __future__ import annotations

import threading
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.stores import keys
from shared.stores.connection import Database
from shared.stores.hosts import ARTICLES, FEEDS, HostStore, Lane

T0 = 1_800_000_000.0
GAP = 2.0


@pytest.fixture
def hosts(database: Database) -> HostStore:
    database.now = T0
    return HostStore(database)


def test_the_first_request_to_a_host_goes_at_once(hosts: HostStore) -> None:
    assert hosts.turn("a.example", gap=GAP) is None


def test_hosts_do_not_wait_for_each_other(hosts: HostStore) -> None:
    assert [hosts.turn(f"{name}.example", gap=GAP) for name in "abc"] == [None] * 3


def test_turns_are_handed_out_a_gap_apart(hosts: HostStore) -> None:
    assert [hosts.turn("a.example", gap=GAP) for _ in range(4)] == [None, T0 + 2, T0 + 4, T0 + 6]


def test_a_turn_that_has_come_goes(hosts: HostStore, database: Database) -> None:
    hosts.turn("a.example", gap=GAP)
    slot = hosts.turn("a.example", gap=GAP)
    database.now = T0 + GAP
    assert hosts.turn("a.example", gap=GAP, slot=slot) is None


def test_a_turn_that_comes_late_makes_the_next_one_wait_its_gap(hosts: HostStore, database: Database) -> None:
    slots = [hosts.turn("a.example", gap=GAP) for _ in range(3)]
    database.now = T0 + 3.5
    assert hosts.turn("a.example", gap=GAP, slot=slots[1]) is None
    database.now = T0 + 4.0
    assert hosts.turn("a.example", gap=GAP, slot=slots[2]) == pytest.approx(T0 + 5.5)


def test_turns_that_piled_up_do_not_burst(hosts: HostStore, database: Database) -> None:
    slots = [hosts.turn("a.example", gap=GAP) for _ in range(50)]
    database.now = T0 + 1_000.0
    turns = [hosts.turn("a.example", gap=GAP, slot=slot) for slot in slots]
    assert turns[0] is None
    later = sorted(turn for turn in turns if turn is not None)
    assert len(later) == 49
    assert all(second - first >= GAP - 1e-6 for first, second in pairwise([T0 + 1_000.0, *later]))


def test_a_host_that_is_held_lets_nobody_else_hold_it_until_it_is_released(
    hosts: HostStore, database: Database
) -> None:
    assert hosts.turn("a.example", gap=GAP, lane=ARTICLES) is None
    slot = hosts.turn("a.example", gap=GAP, lane=ARTICLES)
    database.now = T0 + 5.0
    waits = hosts.turn("a.example", gap=GAP, slot=slot, lane=ARTICLES)
    assert waits is not None
    assert waits > database.now
    hosts.leave("a.example", ARTICLES)
    database.now = waits
    assert hosts.turn("a.example", gap=GAP, slot=waits, lane=ARTICLES) is None


def test_one_that_does_not_hold_goes_beside_one_that_does(hosts: HostStore, database: Database) -> None:
    hosts.turn("a.example", gap=GAP, lane=ARTICLES)
    database.now = T0 + GAP
    assert hosts.turn("a.example", gap=GAP) is None


def test_a_host_has_two_feeds_and_one_article_to_answer_at_once(hosts: HostStore, database: Database) -> None:
    def goes(lane: Lane) -> bool:
        assert database.now is not None
        database.now += GAP
        return hosts.turn("a.example", gap=0.0, slot=database.now, lane=lane) is None

    assert [goes(FEEDS), goes(FEEDS), goes(FEEDS)] == [True, True, False]
    assert [goes(ARTICLES), goes(ARTICLES)] == [True, False]
    hosts.leave("a.example", FEEDS)
    assert [goes(FEEDS), goes(FEEDS), goes(ARTICLES)] == [True, False, False]


def test_a_place_is_given_back_without_a_further_turn(hosts: HostStore, database: Database) -> None:
    hosts.turn("a.example", gap=0.0, lane=ARTICLES)
    hosts.turn("b.example", gap=0.0, lane=ARTICLES)
    hosts.leave("a.example", ARTICLES)
    hosts.leave("b.example", ARTICLES)
    database.now = T0 + 1.0
    others = HostStore(database)
    assert others.turn("a.example", gap=0.0, lane=ARTICLES) is not None
    hosts.settle()
    database.now = T0 + 2.0
    assert [others.turn(f"{name}.example", gap=0.0, lane=ARTICLES) for name in "ab"] == [None, None]
    hosts.settle()
    database.now = T0 + 3.0
    assert hosts.turn("a.example", gap=0.0, lane=ARTICLES) is not None


def test_a_place_is_given_back_by_the_thread_that_left_it(hosts: HostStore, database: Database) -> None:
    hosts.turn("a.example", gap=0.0, lane=ARTICLES)
    hosts.leave("a.example", ARTICLES)
    other = threading.Thread(target=hosts.settle)
    other.start()
    other.join()
    assert database.redis.hexists(keys.HOST("a.example"), "article:1")
    hosts.settle()
    assert not database.redis.hexists(keys.HOST("a.example"), "article:1")


def test_leaving_an_empty_lane_changes_nothing(hosts: HostStore) -> None:
    hosts.leave("a.example", FEEDS)
    assert hosts.turn("a.example", gap=GAP, lane=FEEDS) is None


def test_a_host_whose_holder_died_is_free_after_the_hold(hosts: HostStore, database: Database) -> None:
    hosts.turn("a.example", gap=GAP, lane=ARTICLES)
    database.now = T0 + 31.0
    assert hosts.turn("a.example", gap=GAP, lane=ARTICLES) is None


def test_a_blocked_host_hands_out_turns_for_the_time_after(hosts: HostStore, database: Database) -> None:
    hosts.block("a.example", T0 + 3_600)
    assert hosts.turn("a.example", gap=GAP) == T0 + 3_600
    assert hosts.turn("a.example", gap=GAP) == T0 + 3_602
    assert hosts.blocked_until("a.example") == T0 + 3_600
    assert hosts.unblock("a.example")
    assert hosts.blocked_until("a.example") is None


def test_a_clock_that_was_set_back_shuts_no_host(hosts: HostStore, database: Database) -> None:
    hosts.turn("a.example", gap=GAP)
    database.now = T0 - 86_400.0
    turn = hosts.turn("a.example", gap=GAP)
    assert turn is not None
    database.now = T0 + GAP
    assert hosts.turn("a.example", gap=GAP, slot=turn) is None


def test_many_threads_at_once_get_one_go_between_them(hosts: HostStore) -> None:
    turns: list[float | None] = []
    threads = [threading.Thread(target=lambda: turns.append(hosts.turn("a.example", gap=GAP))) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert turns.count(None) == 1
    assert len({turn for turn in turns if turn is not None}) == 15


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(delays=st.lists(st.floats(0.0, 9.0), min_size=1, max_size=25), waiting=st.integers(1, 6))
def test_no_two_requests_go_within_the_gap_however_late_the_workers_are(
    database: Database, delays: list[float], waiting: int
) -> None:
    database.redis.flushall()
    hosts, went = HostStore(database), []
    due = dict.fromkeys(range(waiting), (T0, None))
    database.now = T0
    for delay in delays:
        item = min(due, key=lambda one: due[one][0])
        at, slot = due[item]
        database.now = max(database.now, at) + delay
        turn = hosts.turn("a.example", gap=GAP, slot=slot)
        if turn is None:
            went.append(database.now)
            due[item] = (database.now, None)
        else:
            due[item] = (turn, turn)
    assert all(second - first >= GAP - 1e-6 for first, second in pairwise(went))


def test_what_a_robots_txt_means_is_kept_for_its_lifetime(hosts: HostStore, database: Database) -> None:
    assert hosts.robots("https://a.example") is None
    hosts.keep_robots("https://a.example", "open\n", seconds=600.0)
    assert hosts.robots("https://a.example") == "open\n"
    assert hosts.robots("http://a.example") is None
    assert 0 < database.redis.ttl("rarewire:1:robots:https://a.example") <= 600


def test_robots_are_read_once_in_a_while(hosts: HostStore, database: Database) -> None:
    HostStore(database).keep_robots("https://a.example", "open\n", seconds=600.0)
    assert hosts.robots("https://a.example") == "open\n"
    database.redis.flushall()
    assert hosts.robots("https://a.example") == "open\n"
    assert HostStore(database).robots("https://a.example") is None


def test_a_clock_that_was_set_back_moves_the_waits_of_a_host_with_it(database: Database) -> None:
    database.now = T0
    hosts = HostStore(database)
    lane = Lane(name="article", most=1)
    assert hosts.turn("h", gap=2.0, lane=lane) is None
    hosts.block("h", T0 + 30)
    assert hosts.turn("h", gap=2.0, lane=lane) == T0 + 30
    database.now = T0 - 3600
    assert hosts.turn("h", gap=2.0, lane=lane) <= database.now + 40
    database.now += 45
    assert hosts.turn("h", gap=2.0, lane=lane) is None
