"""Webhook senders on a real server against a real receiver: signed, at least once, tried again, each by itself."""

from __future__ import annotations

import json
import threading
import time
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from shared.events import RETRACTED
from shared.settings import Settings
from shared.stores.groups import OLDEST, GroupStore
from shared.stores.notices import NoticeStore
from shared.stores.streams import StreamStore
from shared.stores.webhooks import WebhookStore
from tests.events import STREAM, fill
from tests.receiver import SECRET, Answer, Receiver
from workers.deliver import catalogue, fleet, step
from workers.deliver.core import Endpoint
from workers.deliver.sender import Sender, register

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from shared.stores.connection import Database

pytestmark = pytest.mark.integration

SCALE = 0.001  # of the schedule's waits


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as started:
        yield started


@pytest.fixture
def endpoint(receiver: Receiver, tmp_path: Any, database: Database) -> Callable[..., Endpoint]:
    """Make and register an endpoint of the receiver; its name is its path."""
    (tmp_path / "secret").write_text(SECRET)

    def make(name: str = "desk", **changes: Any) -> Endpoint:
        given = {
            "name": name, "url": f"{receiver.base}/{name}", "owner": "tests", "secret": f"file:{tmp_path}/secret",
            "topic": "rare_earth", "timeout": 1.0, "allow_networks": ("127.0.0.0/8",), "start": "oldest",
        }  # fmt: skip
        made = Endpoint.model_validate(given | changes)
        register(database, made)
        return made

    return make


@contextmanager
def sending(database: Database, *endpoints: Endpoint, scale: float = SCALE) -> Iterator[None]:
    """Run a sender for each endpoint."""
    with ExitStack() as stack:
        senders: list[Sender] = []
        for one in endpoints:
            http = stack.enter_context(fleet.client(one, Settings()))
            ports = step.Ports(http=http, keys_of=catalogue.keys_of, clock=time.time)
            senders += [
                Sender(database=database, endpoint=one, ports=ports, member=f"m{number}", scale=scale, block=0.02)
                for number in range(one.parallel)
            ]
        threads = [threading.Thread(target=one.run) for one in senders]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            for one in senders:
                one.stop()
            for thread in threads:
                thread.join()


def wait(what: Callable[[], Any], seconds: float = 60.0) -> Any:
    """Wait until something is so."""
    end = time.monotonic() + seconds
    while not (found := what()):
        assert time.monotonic() < end, "it did not come to be so"
        time.sleep(0.01)
    return found


def undelivered(database: Database, name: str = "desk") -> int:
    state = GroupStore(database).state(STREAM, f"webhook-{name}")
    return state.lag + state.pending


def test_every_event_is_posted_once_in_order_and_signed(receiver, endpoint, database):
    fill(database, 30)
    with sending(database, endpoint()):
        receiver.wait("/desk", 30)
        wait(lambda: undelivered(database) == 0)
    assert [one.event["subject"] for one in receiver.got] == [f"x{number}" for number in range(1, 31)]
    assert all(one.genuine and abs(one.at - time.time()) < 60 for one in receiver.got)
    assert {one.kind for one in receiver.got} == {"application/cloudevents+json; charset=utf-8"}
    assert all(one.id == one.event["id"] for one in receiver.got)
    assert WebhookStore(database).standing("desk").counts == {"delivered": 30}


def test_retractions_are_posted_and_canaries_are_not(receiver, endpoint, database):
    StreamStore(database).canary(STREAM)
    gone = {"article_id": "a1", "version": 2, "topic": "rare_earth", "reason": "gone"}
    database.redis.xadd(STREAM, {"id": "r", "type": RETRACTED, "subject": "a1", "data": json.dumps(gone)})
    with sending(database, endpoint()):
        receiver.wait("/desk", 1)
        wait(lambda: undelivered(database) == 0)
    assert [one.event["data"] for one in receiver.got] == [gone]


def test_a_failed_post_is_tried_again_under_the_same_id_with_a_time_and_a_signature_of_its_own(
    receiver, endpoint, database
):
    fill(database, 1)
    receiver.answers["/desk"] = Answer(status=500)
    with sending(database, endpoint()):
        wait(lambda: sum(receiver.counts("/desk").values()) >= 2)
        receiver.answers["/desk"] = Answer()
        wait(lambda: undelivered(database) == 0)
    assert len(receiver.counts("/desk")) == 1
    assert len({one.at for one in receiver.got}) == len({one.signatures[0] for one in receiver.got}) > 1
    assert all(one.genuine for one in receiver.got)


def test_one_that_fails_holds_up_none_that_follow(receiver, endpoint, database):
    fill(database, 20)
    poisoned = endpoint("desk")
    bad = StreamStore(database).range(STREAM, most=1)[0][1]["id"]
    read, statuses = receiver.read, {bad: 422}

    def choosy(path: str, fields: Any, body: bytes) -> Any:
        got = read(path, fields, body)
        receiver.answers[path] = Answer(status=statuses.get(got.id, 200))
        return got

    receiver.read = choosy
    with sending(database, poisoned):
        wait(lambda: undelivered(database) == 1)
    assert receiver.counts("/desk").keys() == {row[1]["id"] for row in StreamStore(database).range(STREAM)}


def test_an_endpoint_that_only_fails_is_left_alone_and_then_given_everything(receiver, endpoint, database):
    fill(database, 100)
    receiver.answers["/desk"] = Answer(status=503, fields={"retry-after": "3600"})
    desk, store = endpoint(), WebhookStore(database)
    with sending(database, desk):
        wait(lambda: store.rest("desk"))
        assert store.rest("desk") > 3_000
        assert sum(receiver.counts("/desk").values()) == 1
        assert GroupStore(database).state(STREAM, "webhook-desk").lag == 99
        receiver.answers["/desk"] = Answer()
        assert store.enable("desk")
        receiver.wait("/desk", 100)
        wait(lambda: undelivered(database) == 0)
    assert store.standing("desk").failures == 0


def test_failures_in_a_row_pause_an_endpoint(receiver, endpoint, database):
    fill(database, 50)
    receiver.answers["/desk"] = Answer(status=500)
    with sending(database, endpoint(), scale=1.0):
        wait(lambda: WebhookStore(database).standing("desk").paused_until)
    assert len(receiver.counts("/desk")) == 5
    assert GroupStore(database).state(STREAM, "webhook-desk").lag == 45


def test_410_disables_the_endpoint_with_a_notice_and_loses_nothing(receiver, endpoint, database):
    fill(database, 5)
    receiver.answers["/desk"] = Answer(status=410)
    store = WebhookStore(database)
    with sending(database, endpoint()):
        wait(lambda: store.standing("desk").disabled)
        wait(lambda: NoticeStore(database).newest())
        assert store.rest("desk") is None
        receiver.answers["/desk"] = Answer()
        store.enable("desk")
        receiver.wait("/desk", 5)
        wait(lambda: undelivered(database) == 0)
    (notice,) = NoticeStore(database).newest()
    assert (notice["kind"], notice["about"]) == ("webhook", "desk")
    assert "rarewire webhooks enable desk" in notice["detail"]


def test_after_its_last_attempt_an_event_is_on_the_dead_stream_and_may_be_redriven(receiver, endpoint, database):
    (entry,), desk, groups = fill(database, 1), endpoint(), GroupStore(database)
    redis = database.redis
    redis.xreadgroup(desk.group, "gone", {STREAM: ">"})
    redis.xclaim(STREAM, desk.group, "gone", 0, [entry], idle=10**9, retrycount=9, justid=True)
    receiver.answers["/desk"] = Answer(status=500, body=b"out of order")
    with sending(database, desk):
        wait(lambda: groups.dead(STREAM, desk.group))
    ((dead, fields),) = groups.dead(STREAM, desk.group)
    assert fields["deaddeliveries"] == "10"
    assert "status 500: out of order" in fields["deaderror"]
    assert undelivered(database) == 0
    receiver.answers["/desk"] = Answer()
    assert groups.redrive(STREAM, desk.group, [dead]) == (1, [])
    with sending(database, desk):
        wait(lambda: undelivered(database) == 0)
    assert set(receiver.counts("/desk").values()) == {2}


def test_a_slow_or_dead_endpoint_slows_no_other(receiver, endpoint, database):
    fill(database, 200)
    release = threading.Event()
    receiver.answers["/slow"] = Answer(hold=release)
    dead = endpoint("dead", url="http://127.0.0.1:9/")
    with sending(database, endpoint("slow"), dead, endpoint("quick")):
        receiver.wait("/quick", 200)
        assert len(receiver.counts("/slow")) <= 5
        release.set()
    assert WebhookStore(database).standing("dead").outcome == "connect"


def test_a_replay_is_posted_again_under_the_same_ids(receiver, endpoint, database):
    fill(database, 5)
    desk = endpoint()
    with sending(database, desk):
        receiver.wait("/desk", 5)
        wait(lambda: undelivered(database) == 0)
        GroupStore(database).replay(STREAM, desk.group, OLDEST)
        wait(lambda: set(receiver.counts("/desk").values()) == {2})


def test_a_group_that_was_removed_under_the_sender_is_registered_again(receiver, endpoint, database):
    desk = endpoint()
    with sending(database, desk):
        GroupStore(database).remove(STREAM, desk.group)
        wait(lambda: any(one.name == desk.group for one in GroupStore(database).states(STREAM)))
        fill(database, 1)
        receiver.wait("/desk", 1)


def test_a_redirect_is_not_followed_and_a_long_answer_is_not_read(receiver, endpoint, database):
    fill(database, 1)
    receiver.answers["/desk"] = Answer(status=302, fields={"location": f"{receiver.base}/elsewhere"})
    with sending(database, endpoint()):
        wait(lambda: WebhookStore(database).standing("desk").outcome == "redirected")
        receiver.answers["/desk"] = Answer(body=b"x" * 9_000_000)
        wait(lambda: undelivered(database) == 0)
    assert receiver.counts("/elsewhere") == {}


@pytest.mark.parametrize("networks", [(), ("10.0.0.0/8",), ("127.0.0.64/26",)])
def test_an_address_that_is_not_allowed_is_not_connected_to(receiver, endpoint, database, networks):
    fill(database, 1)
    port = receiver.base.rpartition(":")[2]
    scheme = "http" if networks else "https"
    with sending(database, endpoint(url=f"{scheme}://localhost:{port}/desk", allow_networks=networks)):
        wait(lambda: WebhookStore(database).standing("desk").outcome)
    assert WebhookStore(database).standing("desk").outcome == "forbidden_address"
    assert receiver.got == []


def test_a_secret_is_changed_without_a_restart(receiver, endpoint, database, tmp_path):
    other = "whsec_" + "A" * 40
    with sending(database, endpoint()):
        fill(database, 1)
        receiver.wait("/desk", 1)
        (tmp_path / "secret").write_text(f"{other}\n{SECRET}\n")
        fill(database, 1, first=2)
        receiver.wait("/desk", 2)
        (tmp_path / "secret").write_text(other)
        fill(database, 1, first=3)
        receiver.wait("/desk", 3)
    assert [(one.genuine, len(one.signatures)) for one in receiver.got] == [(True, 1), (True, 2), (False, 1)]


def test_several_at_a_time_post_each_event_once(receiver, endpoint, database):
    fill(database, 100)
    with sending(database, endpoint(parallel=4)):
        receiver.wait("/desk", 100)
        wait(lambda: undelivered(database) == 0)
    assert set(receiver.counts("/desk").values()) == {1}


def test_without_a_secret_nothing_is_taken_until_there_is_one(receiver, endpoint, database, tmp_path):
    fill(database, 3)
    (tmp_path / "secret").unlink()
    with sending(database, endpoint()):
        wait(lambda: WebhookStore(database).standing("desk").failures > 2)
        assert GroupStore(database).state(STREAM, "webhook-desk").lag == 3
        assert "cannot be read" in WebhookStore(database).standing("desk").detail
        (tmp_path / "secret").write_text(SECRET)
        receiver.wait("/desk", 3)
