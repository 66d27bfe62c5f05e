"""The consumer helper on the real servers: at least once, dead after its deliveries, nothing lost by a death or a restart."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from redis import Redis

from console.conformance.server import ThrowAwayServer
from shared.consumer import Consumer, Delivery, GroupMissingError, Policy
from shared.events import CANARY_TYPE, PUBLISHED
from shared.stores.connection import Database
from shared.stores.groups import OLDEST, GroupStore
from shared.stores.streams import StreamStore
from tests.events import STREAM, fill, publish, tagged

pytestmark = pytest.mark.integration

QUICK = Policy(waits=(30.0, 30.0, 30.0), batch=4, block=0.01)
LONG = 10_000_000  # milliseconds


@pytest.fixture
def groups(each_database: Database) -> GroupStore:
    store = GroupStore(each_database)
    store.add(STREAM, "desk", owner="tests", start=OLDEST)
    return store


def member(database: Database, name: str = "one", policy: Policy = QUICK) -> Consumer:
    return Consumer(database.redis, stream=STREAM, group="desk", name=name, policy=policy)


def drained(consumer: Consumer) -> list[Delivery]:
    """What a consumer is given until nothing is left, all acknowledged."""
    got: list[Delivery] = []
    consumer.run(got.append, drain=True)
    return got


def articles(deliveries: list[Delivery]) -> list[str]:
    return [delivery.event.subject for delivery in deliveries]


def make_stale(database: Database) -> None:
    """Let everything that is pending have been so for long."""
    for row in database.redis.xpending_range(STREAM, "desk", "-", "+", 1_000):
        database.redis.xclaim(
            STREAM, "desk", row["consumer"], 0, [row["message_id"]], idle=LONG,
            retrycount=row["times_delivered"], justid=True,
        )  # fmt: skip


def pending(database: Database) -> int:
    return int(database.redis.xpending(STREAM, "desk")["pending"])


def test_events_come_in_the_order_of_the_stream_typed_and_are_acknowledged(
    groups: GroupStore, each_database: Database
) -> None:
    fill(each_database, 10)
    got = drained(member(each_database))
    assert articles(got) == [f"x{number}" for number in range(1, 11)]
    assert got[0].article is not None
    assert got[0].article.title.startswith("Separation plant")
    assert (pending(each_database), groups.state(STREAM, "desk").lag) == (0, 0)


def test_canaries_and_unknown_types_are_passed_over(groups: GroupStore, each_database: Database) -> None:
    StreamStore(each_database).canary(STREAM)
    each_database.redis.xadd(STREAM, {"id": "n", "type": "rarewire.article.translated.v7", "data": "{}"})
    publish(each_database, tagged())
    consumer = member(each_database)
    assert articles(drained(consumer)) == ["a1"]
    assert consumer.seen_canary is not None
    assert (consumer.skipped, pending(each_database)) == (1, 0)


def test_unknown_fields_are_no_obstacle(groups: GroupStore, each_database: Database) -> None:
    fields = tagged().fields()
    fields["data"] = fields["data"][:-1] + ',"mood":"good"}'
    each_database.redis.xadd(STREAM, {**fields, "traceparent": "00-1"})
    (got,) = drained(member(each_database))
    assert '"mood":"good"' in got.event.raw


def test_a_duplicate_is_done_once_even_by_another_consumer(groups: GroupStore, each_database: Database) -> None:
    fields = tagged().fields()
    for _ in range(2):
        each_database.redis.xadd(STREAM, fields)
    assert len(drained(member(each_database))) == 1
    each_database.redis.xadd(STREAM, fields)
    other = member(each_database, "two")
    assert drained(other) == []
    assert (other.skipped, pending(each_database)) == (1, 0)


def test_a_consumer_that_wants_duplicates_gets_them(groups: GroupStore, each_database: Database) -> None:
    for _ in range(2):
        each_database.redis.xadd(STREAM, tagged().fields())
    forgetful = Policy(waits=(30.0,), block=0.01, remember=0)
    assert len(drained(member(each_database, policy=forgetful))) == 2


def test_a_replay_is_done_again_and_is_no_duplicate(groups: GroupStore, each_database: Database) -> None:
    ids = fill(each_database, 700)
    assert len(drained(member(each_database))) == 700
    assert groups.replay(STREAM, "desk", ids[1]) == 699
    again = member(each_database, "two")
    assert articles(drained(again)) == [f"x{number}" for number in range(2, 701)]
    assert again.skipped == 0


def test_what_a_dead_consumer_held_is_taken_over(groups: GroupStore, each_database: Database) -> None:
    fill(each_database, 6)
    each_database.redis.xreadgroup("desk", "dead", {STREAM: ">"}, count=3)
    consumer = member(each_database)
    assert articles(drained(consumer)) == ["x4", "x5", "x6"]
    make_stale(each_database)
    got = drained(member(each_database, "two"))
    assert articles(got) == ["x1", "x2", "x3"]
    assert {delivery.held.number for delivery in got} == {2}


def test_work_that_fails_comes_again_and_is_dead_after_its_last_delivery(
    groups: GroupStore, each_database: Database
) -> None:
    fill(each_database, 2)
    tried: list[str] = []

    def handle(delivery: Delivery) -> None:
        tried.append(delivery.event.subject)
        if delivery.event.subject == "x1":
            raise ValueError("no room")

    for _ in range(5):
        member(each_database).run(handle, drain=True)
        make_stale(each_database)
    assert tried == ["x1", "x2", "x1", "x1"]
    ((_, dead),) = groups.dead(STREAM, "desk")
    assert dead["subject"] == "x1"
    assert (dead["deadreason"], dead["deaderror"], dead["deaddeliveries"]) == ("failed", "ValueError: no room", "3")
    assert pending(each_database) == 0


def test_an_event_that_kills_its_consumers_is_dead_after_its_last_delivery(
    groups: GroupStore, each_database: Database
) -> None:
    fill(each_database, 1)
    for _ in range(3):
        next(iter(member(each_database)))
        make_stale(each_database)
    assert drained(member(each_database)) == []
    ((_, dead),) = groups.dead(STREAM, "desk")
    assert (dead["deadreason"], dead["deaddeliveries"]) == ("deliveries", "3")


def test_redriven_events_are_given_to_the_group_again(groups: GroupStore, each_database: Database) -> None:
    fill(each_database, 1)
    one_try = Policy(waits=(30.0,), block=0.01)
    member(each_database, policy=one_try).run(lambda _delivery: 1 // 0, drain=True)
    ((entry, _),) = groups.dead(STREAM, "desk")
    assert groups.redrive(STREAM, "desk", [entry]) == (1, [])
    (got,) = drained(member(each_database, policy=one_try))
    assert (got.event.subject, got.held.number) == ("x1", 1)


def test_poison_is_buried_at_once_and_stops_nothing(groups: GroupStore, each_database: Database) -> None:
    each_database.redis.xadd(STREAM, {"id": "p1", "type": PUBLISHED, "data": "{not json"})
    each_database.redis.xadd(STREAM, {"rubbish": "yes"})
    each_database.redis.xadd(STREAM, {"id": "p2", "type": PUBLISHED, "data": "{}"})
    publish(each_database, tagged())
    assert articles(drained(member(each_database))) == ["a1"]
    assert [fields["deadreason"] for _, fields in groups.dead(STREAM, "desk")] == ["unreadable"] * 3
    assert pending(each_database) == 0


def test_pending_entries_that_were_trimmed_are_counted_and_dropped(groups: GroupStore, each_database: Database) -> None:
    ids = fill(each_database, 4)
    each_database.redis.xreadgroup("desk", "dead", {STREAM: ">"}, count=4)
    make_stale(each_database)
    each_database.redis.xtrim(STREAM, minid=ids[2], approximate=False)
    consumer = member(each_database)
    assert articles(drained(consumer)) == ["x3", "x4"]
    assert (consumer.lost, pending(each_database)) == (2, 0)


def test_a_stop_hands_the_rest_back_without_counting_a_delivery(groups: GroupStore, each_database: Database) -> None:
    fill(each_database, 4)
    consumer = member(each_database)
    for delivery in consumer:
        delivery.ack()
        consumer.stop()
    got = drained(member(each_database, "two"))
    assert articles(got) == ["x2", "x3", "x4"]
    assert {delivery.held.number for delivery in got} == {1}


def test_no_more_than_a_batch_is_in_a_consumers_hands(groups: GroupStore, each_database: Database) -> None:
    fill(each_database, 50)
    for delivery in member(each_database).deliveries(drain=True):
        assert pending(each_database) <= QUICK.batch
        delivery.ack()


def test_a_slow_batch_keeps_what_it_has_not_begun_and_lets_go_what_was_taken(
    groups: GroupStore, each_database: Database
) -> None:
    ids = fill(each_database, 4)
    impatient = Policy(waits=(1e-6, 30.0), batch=4, block=0.01)
    taken = iter(member(each_database, policy=impatient))
    next(taken).ack()
    each_database.redis.xclaim(STREAM, "desk", "thief", 0, [ids[1]])
    delivery = next(taken)
    assert delivery.event.subject == "x3"


def test_two_consumers_share_a_group_and_do_nothing_twice(groups: GroupStore, each_database: Database) -> None:
    fill(each_database, 300)
    done: list[list[str]] = [[], []]

    def work(index: int) -> None:
        consumer = member(each_database, f"c{index}")
        consumer.run(lambda delivery: done[index].append(delivery.event.subject), drain=True)

    threads = [threading.Thread(target=work, args=(index,)) for index in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(done[0] + done[1]) == sorted(f"x{number}" for number in range(1, 301))


def test_a_group_that_is_not_registered_is_an_error_that_says_what_to_do(each_database: Database) -> None:
    fill(each_database, 1)
    with pytest.raises(GroupMissingError, match="rarewire consumers add desk"):
        drained(member(each_database))


def test_a_client_that_does_not_decode_is_refused(server_url: str) -> None:
    with Redis.from_url(server_url) as raw, pytest.raises(ValueError, match="decode_responses"):
        Consumer(raw, stream=STREAM, group="desk")


@pytest.mark.parametrize("waits", [(), (0.0,)])
def test_a_policy_without_time_is_refused(waits: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match="positive"):
        Policy(waits=waits)


def test_a_killed_server_costs_nothing_but_time(tmp_path: Path) -> None:
    with ThrowAwayServer(tmp_path) as server:
        database = server.database()
        GroupStore(database).add(STREAM, "desk", owner="tests", start=OLDEST)
        fill(database, 20)
        got: list[str] = []
        consumer = member(database)
        restart = threading.Timer(0.3, server.start)

        def handle(delivery: Delivery) -> None:
            got.append(delivery.event.subject)
            if len(got) == 5:
                server.kill()
                restart.start()
            if len(got) >= 20:
                consumer.stop()

        consumer.run(handle)
        restart.join()  # or the server would be killed under its feet
        database.redis.close()
        assert set(got) == {f"x{number}" for number in range(1, 21)}


def test_a_canary_type_is_known() -> None:
    assert CANARY_TYPE == "rarewire.canary.v1"
