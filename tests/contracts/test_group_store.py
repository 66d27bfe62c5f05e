"""Registered groups on the real servers: positions, lag, trim, the memory ceiling, replay and dead entries."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schedulers.housekeeping import keep_house
from shared.entry_ids import first_at, parts
from shared.settings import Settings
from shared.stores.connection import Database
from shared.stores.groups import NEW, OLDEST, GroupStore, SkipsUnreadError, TooOldError, UnknownGroupError, dead_stream
from shared.stores.streams import StreamStore
from tests.events import STREAM, fill

PLENTY = 10**12


@pytest.fixture
def groups(each_database: Database) -> GroupStore:
    return GroupStore(each_database)


def read(database: Database, group: str, number: int, *, ack: bool = True, consumer: str = "c") -> list[str]:
    answer = database.redis.xreadgroup(group, consumer, {STREAM: ">"}, count=number)
    ids = [entry for _, entries in answer for entry, _ in entries]
    if ack and ids:
        database.redis.xack(STREAM, group, *ids)
    return ids


def left(database: Database) -> list[str]:
    return [entry for entry, _ in StreamStore(database).range(STREAM)]


def test_a_group_is_registered_once_and_keeps_its_place(groups: GroupStore, each_database: Database) -> None:
    fill(each_database, 3)
    assert groups.add(STREAM, "desk", owner="News desk")
    fill(each_database, 2, first=4)
    assert not groups.add(STREAM, "desk", owner="The desk", start=OLDEST)
    state = groups.state(STREAM, "desk")
    assert (state.owner, state.lag, state.registered) == ("The desk", 2, True)


def test_a_group_may_start_at_the_oldest_at_an_entry_or_at_a_time(groups: GroupStore, each_database: Database) -> None:
    ids = fill(each_database, 10)
    groups.add(STREAM, "all", owner="x", start=OLDEST)
    groups.add(STREAM, "some", owner="x", start=ids[7])
    groups.add(STREAM, "time", owner="x", start=first_at(parts(ids[0])[0] / 1000 - 60))
    assert {one.name: one.lag for one in groups.states(STREAM)} == {"all": 10, "some": 3, "time": 10}
    assert read(each_database, "some", 10) == ids[7:]


def test_a_start_that_was_trimmed_is_refused_with_the_oldest_there_is(
    groups: GroupStore, each_database: Database
) -> None:
    ids = fill(each_database, 10)
    each_database.redis.xtrim(STREAM, minid=ids[4], approximate=False)
    with pytest.raises(TooOldError, match=f"the oldest is {ids[4]}"):
        groups.add(STREAM, "late", owner="x", start=ids[2])
    assert groups.add(STREAM, "late", owner="x", start=ids[4])


def test_lag_and_age_are_computed_where_the_server_does_not_know(groups: GroupStore, each_database: Database) -> None:
    groups.add(STREAM, "desk", owner="x", start=OLDEST)
    fill(each_database, 100)
    read(each_database, "desk", 30)
    stuck = read(each_database, "desk", 1, ack=False)
    each_database.redis.xdel(STREAM, left(each_database)[60])
    each_database.redis.xgroup_setid(STREAM, "desk", stuck[0])
    each_database.now = parts(stuck[0])[0] / 1000 + 90
    state = groups.state(STREAM, "desk")
    assert (state.lag, state.pending) == (69, 1)
    assert state.oldest_unacked == pytest.approx(90, abs=0.01)


def test_canaries_are_no_lag(groups: GroupStore, each_database: Database) -> None:
    groups.add(STREAM, "desk", owner="x", start=OLDEST)
    fill(each_database, 2)
    StreamStore(each_database).canary(STREAM)
    read(each_database, "desk", 2)
    state = groups.state(STREAM, "desk")
    assert state.lag == 0
    assert state.oldest_unacked is not None


def test_lag_of_entries_without_numbers_is_counted(groups: GroupStore, each_database: Database) -> None:
    groups.add(STREAM, "desk", owner="x", start=OLDEST)
    for number in range(1_500):
        each_database.redis.xadd(STREAM, {"n": number})
    read(each_database, "desk", 100)
    assert groups.state(STREAM, "desk").lag == 1_400


def test_the_trim_frees_exactly_what_every_group_has_acknowledged(groups: GroupStore, each_database: Database) -> None:
    groups.add(STREAM, "fast", owner="x")
    groups.add(STREAM, "slow", owner="x")
    ids = fill(each_database, 50)
    read(each_database, "fast", 50)
    read(each_database, "slow", 20)
    pending = read(each_database, "slow", 1, ack=False)
    read(each_database, "slow", 5)
    assert groups.trim(STREAM, retention=0, ceiling=PLENTY).trimmed == 20
    assert left(each_database) == ids[20:]
    each_database.redis.xack(STREAM, "slow", *pending)
    assert groups.trim(STREAM, retention=0, ceiling=PLENTY).trimmed == 6
    read(each_database, "slow", 50)
    assert groups.trim(STREAM, retention=0, ceiling=PLENTY).trimmed == 24
    assert left(each_database) == []


def test_what_is_acknowledged_is_kept_for_the_retention(groups: GroupStore, each_database: Database) -> None:
    groups.add(STREAM, "desk", owner="x")
    ids = fill(each_database, 5)
    read(each_database, "desk", 5)
    assert groups.trim(STREAM, retention=3_600, ceiling=PLENTY).trimmed == 0
    each_database.now = parts(ids[-1])[0] / 1000 + 3_601
    assert groups.trim(STREAM, retention=3_600, ceiling=PLENTY).trimmed == 5


def test_a_stream_without_groups_is_trimmed_by_time_alone(groups: GroupStore, each_database: Database) -> None:
    ids = fill(each_database, 5)
    each_database.now = parts(ids[-1])[0] / 1000 + 10
    assert groups.trim(STREAM, retention=5, ceiling=PLENTY).trimmed == 5
    assert groups.trim("rarewire:none:v1", retention=5, ceiling=PLENTY).trimmed == 0


def test_a_group_that_lags_by_a_hundred_thousand_loses_none_while_the_others_go_on(
    groups: GroupStore, each_database: Database
) -> None:
    groups.add(STREAM, "slow", owner="x")
    groups.add(STREAM, "fast", owner="x")
    ids: list[str] = []
    for start in range(0, 100_000, 20_000):
        ids += fill(each_database, 20_000, first=start + 1, slim=True)
        assert read(each_database, "fast", 20_000) == ids[-20_000:]
        assert groups.trim(STREAM, retention=0, ceiling=PLENTY).trimmed == 0
    states = {one.name: one.lag for one in groups.states(STREAM)}
    assert states == {"slow": 100_000, "fast": 0}
    got: list[str] = []
    while some := read(each_database, "slow", 20_000):
        got += some
        groups.trim(STREAM, retention=0, ceiling=PLENTY)
    assert got == ids
    assert left(each_database) == []


def test_the_ceiling_alarms_first_and_tells_each_group_what_it_lost(
    groups: GroupStore, each_database: Database
) -> None:
    groups.add(STREAM, "fast", owner="x")
    groups.add(STREAM, "slow", owner="x")
    fill(each_database, 5_000)
    read(each_database, "fast", 5_000)
    size = groups.trim(STREAM, retention=3_600, ceiling=PLENTY).bytes
    ceiling = int(size / 1.1)
    first = groups.trim(STREAM, retention=3_600, ceiling=ceiling)
    assert (first.alarm, first.cut) == ("over", 0)
    second = groups.trim(STREAM, retention=3_600, ceiling=ceiling)
    assert second.cut > 0
    assert second.bytes < ceiling
    slow, fast = groups.state(STREAM, "slow"), groups.state(STREAM, "fast")
    assert slow.lost == second.cut == second.lost["slow"]
    assert fast.lost == 0
    assert slow.lag == 5_000 - second.cut
    ((_, note),) = groups.dead(STREAM, "slow")
    assert note["deadreason"] == "trimmed"
    assert note["deadlast"] == left(each_database)[0]
    kinds = [text.count("stream_") for text in each_database.redis.lrange("rarewire:1:notices", 0, -1)]
    assert sum(kinds) == 2


def test_an_alarm_that_is_over_says_so_once(groups: GroupStore, each_database: Database) -> None:
    fill(each_database, 1_000)
    size = groups.trim(STREAM, retention=3_600, ceiling=PLENTY).bytes
    assert groups.trim(STREAM, retention=3_600, ceiling=int(size / 0.9)).alarm == "near"
    assert groups.alarm(STREAM) == "near"
    for _ in range(2):
        assert groups.trim(STREAM, retention=3_600, ceiling=PLENTY).alarm == ""
    notices = each_database.redis.lrange("rarewire:1:notices", 0, -1)
    assert len(notices) == 2
    assert "stream_memory_over" in notices[0]


def test_a_group_whose_redis_group_vanished_still_holds_the_trim_and_comes_back_where_it_was(
    groups: GroupStore, each_database: Database
) -> None:
    groups.add(STREAM, "desk", owner="x")
    ids = fill(each_database, 10)
    read(each_database, "desk", 4)
    groups.trim(STREAM, retention=3_600, ceiling=PLENTY)
    each_database.redis.xgroup_destroy(STREAM, "desk")
    assert not groups.state(STREAM, "desk").exists
    assert groups.trim(STREAM, retention=0, ceiling=PLENTY).trimmed == 4
    groups.add(STREAM, "desk", owner="x")
    assert read(each_database, "desk", 10) == ids[4:]


def test_a_removed_group_holds_nothing(groups: GroupStore, each_database: Database) -> None:
    groups.add(STREAM, "desk", owner="x")
    fill(each_database, 10)
    groups.remove(STREAM, "desk")
    assert groups.states(STREAM) == []
    assert groups.trim(STREAM, retention=0, ceiling=PLENTY).trimmed == 10
    with pytest.raises(UnknownGroupError, match="registered"):
        groups.remove(STREAM, "desk")


def test_a_replay_gives_one_group_everything_from_an_entry_on(groups: GroupStore, each_database: Database) -> None:
    for name in ("desk", "other"):
        groups.add(STREAM, name, owner="x")
    ids = fill(each_database, 10)
    for name in ("desk", "other"):
        read(each_database, name, 10)
    assert groups.replay(STREAM, "desk", ids[3]) == 7
    assert groups.state(STREAM, "other").lag == 0
    assert read(each_database, "desk", 20) == ids[3:]
    assert groups.replay(STREAM, "desk", OLDEST) == 10


def test_a_replay_from_what_is_trimmed_says_what_is_left(groups: GroupStore, each_database: Database) -> None:
    groups.add(STREAM, "desk", owner="x")
    ids = fill(each_database, 10)
    read(each_database, "desk", 10)
    each_database.redis.xtrim(STREAM, minid=ids[6], approximate=False)
    with pytest.raises(TooOldError) as caught:
        groups.replay(STREAM, "desk", ids[2])
    assert caught.value.oldest == ids[6]
    assert groups.state(STREAM, "desk").lag == 0


def test_a_replay_that_would_skip_unread_entries_must_be_meant(groups: GroupStore, each_database: Database) -> None:
    groups.add(STREAM, "desk", owner="x")
    ids = fill(each_database, 10)
    with pytest.raises(SkipsUnreadError):
        groups.replay(STREAM, "desk", ids[5])
    with pytest.raises(SkipsUnreadError):
        groups.replay(STREAM, "desk", NEW)
    assert groups.replay(STREAM, "desk", ids[5], skip=True) == 5
    assert groups.replay(STREAM, "desk", NEW, skip=True) == 0


def bury(database: Database, entry: str, fields: dict[str, str]) -> str:
    database.redis.xack(STREAM, "desk", entry)
    return str(database.redis.xadd(dead_stream(STREAM, "desk"), {**fields, "deadentry": entry, "deadreason": "failed"}))


def test_a_redrive_gives_dead_events_back_to_their_group_alone(groups: GroupStore, each_database: Database) -> None:
    for name in ("desk", "other"):
        groups.add(STREAM, name, owner="x")
    fill(each_database, 5)
    read(each_database, "other", 5)
    ids = read(each_database, "desk", 5, ack=False)
    buried = [bury(each_database, entry, {"id": entry}) for entry in ids[:3]]
    assert [entry for entry, _ in groups.dead(STREAM, "desk")] == buried
    assert groups.redrive(STREAM, "desk", buried[:2]) == (2, [])
    assert groups.redrive(STREAM, "desk", buried[:2]) == (0, [])
    assert len(list(groups.every_dead(STREAM, "desk"))) == 1
    _, claimed, _ = each_database.redis.xautoclaim(STREAM, "desk", "c2", min_idle_time=86_400_000)
    assert [entry for entry, _ in claimed] == ids[:2]
    assert each_database.redis.xpending(STREAM, "other")["pending"] == 0


def test_a_dead_event_that_was_trimmed_stays_where_it_is_whole(groups: GroupStore, each_database: Database) -> None:
    groups.add(STREAM, "desk", owner="x")
    fill(each_database, 3)
    ids = read(each_database, "desk", 3, ack=False)
    buried = bury(each_database, ids[0], {"id": "e"})
    each_database.redis.xtrim(STREAM, minid=ids[1], approximate=False)
    assert groups.redrive(STREAM, "desk", [buried]) == (0, [buried])
    assert groups.dead(STREAM, "desk")[0][1]["id"] == "e"


def test_redriven_events_hold_the_trim(groups: GroupStore, each_database: Database) -> None:
    groups.add(STREAM, "desk", owner="x")
    fill(each_database, 3)
    ids = read(each_database, "desk", 3, ack=False)
    buried = bury(each_database, ids[1], {})
    each_database.redis.xack(STREAM, "desk", *ids)
    groups.redrive(STREAM, "desk", [buried])
    groups.trim(STREAM, retention=0, ceiling=PLENTY)
    assert left(each_database) == ids[1:]


def test_names_of_consumers_that_hold_nothing_are_forgotten(groups: GroupStore, each_database: Database) -> None:
    groups.add(STREAM, "desk", owner="x")
    fill(each_database, 2)
    read(each_database, "desk", 1, consumer="done")
    read(each_database, "desk", 1, ack=False, consumer="holds")
    assert groups.prune(STREAM, idle=-1) == 1
    assert groups.state(STREAM, "desk").consumers == 1


def test_housekeeping_looks_after_every_stream(each_database: Database) -> None:
    chosen = Settings(facet_streams={"plants": ("event:plant_opening",)})
    names = {STREAM, f"{STREAM}:only:plants"}
    assert set(keep_house(each_database, chosen)) == names
    for name in names:
        assert each_database.redis.xlen(name) == 1
    each_database.now = each_database.time() + 15 * 86_400
    assert keep_house(each_database, chosen)[STREAM].trimmed == 2
    assert each_database.redis.xlen(STREAM) == 0


def test_a_stream_that_is_no_longer_written_is_still_trimmed(each_database: Database) -> None:
    fill(each_database, 3, stream="rarewire:rare-earth:v1:only:retired")
    each_database.now = each_database.time() + 15 * 86_400
    assert keep_house(each_database, Settings())["rarewire:rare-earth:v1:only:retired"].trimmed == 3
    assert each_database.redis.xlen("rarewire:rare-earth:v1:only:retired") == 0


ACTS = st.lists(
    st.tuples(
        st.sampled_from(["add", "read", "ack_oldest", "ack_newest", "trim"]),
        st.sampled_from(["a", "b"]),
        st.integers(1, 9),
    ),
    max_size=40,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=ACTS)
def test_whatever_happens_no_group_misses_an_entry_and_nothing_is_kept_that_all_have_acknowledged(
    each_database: Database, acts: list[tuple[str, str, int]]
) -> None:
    each_database.redis.flushall()
    groups, added = GroupStore(each_database), 0
    delivered: dict[str, list[str]] = {"a": [], "b": []}
    pending: dict[str, list[str]] = {"a": [], "b": []}
    for name in delivered:
        groups.add(STREAM, name, owner="x")
    every: list[str] = []
    for act, name, number in acts:
        if act == "add":
            every += fill(each_database, number, first=added + 1)
            added += number
        elif act == "read":
            some = read(each_database, name, number, ack=False)
            delivered[name] += some
            pending[name] += some
        elif act.startswith("ack") and pending[name]:
            entry = pending[name].pop(0 if act == "ack_oldest" else -1)
            each_database.redis.xack(STREAM, name, entry)
        elif act == "trim":
            groups.trim(STREAM, retention=0, ceiling=PLENTY)
            unread = [len(delivered[one]) for one in delivered]
            held = [every.index(pending[one][0]) for one in pending if pending[one]]
            assert left(each_database) == every[min([*unread, *held]) :]
    for name, some in delivered.items():
        assert some + read(each_database, name, 1_000) == every
