"""The console's watch: one leads, tells once, sums up the feeds, and keeps the retention without losing a letter."""

from __future__ import annotations

import json

import pytest

from console.retention import keep_retention
from console.web.desk import make_desk
from console.web.watch import Watch
from shared.settings import Settings
from shared.stores.audit import AuditStore
from shared.stores.connection import connect
from shared.stores.dead_letters import DeadLetterStore
from shared.stores.notices import NoticeStore
from shared.stores.vitals import VitalStore
from shared.topology import Stage
from tests.world import bury, watch_feeds

DAY = 86_400


@pytest.fixture
def settings(tmp_path) -> Settings:
    return Settings(state_dir=tmp_path, dead_letter_days=30)


def live(database) -> None:
    for name in ("tick", "beat", *Stage):
        VitalStore(database).beat(name)


def test_of_two_consoles_one_watches(database, settings):
    first, second = (Watch(desk=make_desk(settings, database)) for _ in range(2))
    first.look()
    assert NoticeStore(database).lead(second.desk.boot, seconds=20) is False
    assert NoticeStore(database).lead(first.desk.boot, seconds=20) is True


def test_the_feeds_are_summed_up(database, settings):
    watch_feeds(database)
    Watch(desk=make_desk(settings, database)).look()
    found = VitalStore(database).feed_health()
    assert found["counts"] == {"failing": 1, "silent": 1, "parked": 0, "waiting": 1, "new": 0, "ok": 1, "paused": 1}
    assert found["silent"][0]["name"] == "Metalwire"


def test_a_silent_feed_is_told_once_and_a_new_watch_remembers_it(database, settings):
    database.now = database.time()
    watch_feeds(database)
    watch = Watch(desk=make_desk(settings, database))
    told = []
    for _ in range(40):
        live(database)
        database.redis.delete("rarewire:1:watch")
        told += [telling.rule for telling in watch.look()]
        watch = Watch(desk=make_desk(settings, database))  # as after a restart
        database.now += 10
    assert sorted(told) == ["FeedFailing", "FeedSilent"]
    kinds = [notice["kind"] for notice in NoticeStore(database).newest() if notice["kind"] == "alert"]
    assert kinds == ["alert", "alert"]


def test_a_server_that_is_gone_is_told_from_memory(settings):
    watch = Watch(desk=make_desk(settings, connect("redis://127.0.0.1:1/0", timeout=0.05)))
    assert watch.look() == []
    watch.memory["ServerSilent"]["since"] -= 60
    watch.memory["FeedSilent/f1"] = {"rule": "FeedSilent", "since": 0.0, "seen": 0.0, "told": True}
    assert [telling.rule for telling in watch.look()] == ["ServerSilent"]
    assert watch.look() == []
    assert watch.memory["FeedSilent/f1"]["seen"] > 0  # not over, only unknown


def test_a_server_that_is_back_is_told_too(database, settings):
    watch = Watch(desk=make_desk(settings, database))
    database.now = database.time()
    known = {"rule": "ServerSilent", "about": "", "severity": "critical", "title": "t", "detail": "d", "href": "/"}
    watch.memory = {"ServerSilent": {**known, "since": database.now - 300, "seen": database.now - 200, "told": True}}
    live(database)
    assert [(telling.rule, telling.recovered) for telling in watch.look()] == [("ServerSilent", True)]


def test_old_letters_go_to_a_file_and_their_going_is_on_record(database, settings):
    now = database.time()
    database.now = now - 40 * DAY
    old = {bury(database, number) for number in range(12)}
    database.now = now
    fresh = bury(database, 99)
    assert keep_retention(database, settings, now=now) == 12
    store = DeadLetterStore(database)
    assert store.names() == [fresh]
    lines = (settings.state_dir / "dead-letters.jsonl").read_text(encoding="utf-8").splitlines()
    assert {f"{letter['stage']}/{letter['id']}" for letter in map(json.loads, lines)} == old
    (act,) = AuditStore(database).acts()
    assert (act.who, act.what, act.count, act.ended) == ("rarewire", "failures discarded", 12, True)
    assert NoticeStore(database).newest()[0]["kind"] == "retention"
    assert keep_retention(database, settings, now=now) == 0
    assert AuditStore(database).count() == 1


def test_without_a_limit_nothing_ever_goes(database, tmp_path):
    database.now = 1_000.0
    bury(database, 1)
    assert keep_retention(database, Settings(state_dir=tmp_path), now=1_000.0 + 9_999 * DAY) == 0
    assert DeadLetterStore(database).count() == 1
