"""What others leave in our queues and records: it is skipped or buried with its reason, and holds up nobody."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from shared.broker import make_app, ring
from shared.messages import PageFound
from shared.outcomes import Drop, Reason
from shared.stores import keys
from shared.stores.dead_letters import DeadLetterStore
from shared.stores.work import WorkStore
from shared.topology import TOPOLOGY, Stage
from workers.runner import Runner

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shared.stores.connection import Database

NO_ENVELOPES = (
    "no JSON", "", "null", "[]", "7", '"text"', "{}", '{"body": 1}', "\x00\xff", "x" * 5_000_000,
    json.dumps({"body": "!", "headers": {}, "properties": {}}),
    json.dumps({"body": "e30=", "headers": {}, "properties": {"delivery_tag": "1", "delivery_info": None}}),
)  # fmt: skip


@pytest.mark.parametrize("body", NO_ENVELOPES, ids=lambda body: body[:20].encode("unicode_escape").decode())
def test_what_is_no_message_is_skipped_and_the_doorbell_behind_it_is_heard(
    database: Database, server_url: str, body: str
) -> None:
    app, row = make_app("test", server_url), TOPOLOGY[Stage.FETCH]
    database.redis.lpush(f"rarewire:broker:{row.queue}", body)
    ring(app, Stage.FETCH)
    with app.connection_for_read() as connection, connection.SimpleQueue(row.queue) as queue:
        message = queue.get(timeout=30)
        message.ack()
    assert message.headers["task"] == row.task


POISON: Mapping[str, dict[str, str]] = {
    "no JSON": {"m": "{no json", "h": "[]"},
    "no object": {"m": "null"},
    "another message": {"m": '{"a": 1}'},
    "attempts that are no JSON": {"m": '{"a": 1}', "h": "{no json"},
    "attempts that are no list": {"m": '{"a": 1}', "h": '{"at": 1}'},
    "attempts that are no objects": {"m": '{"a": 1}', "h": "[1, null]"},
    "tries that are no number": {"m": '{"a": 1}', "r": "x"},
    "deaths that are no number": {"m": '{"a": 1}', "d": "x"},
    "times that are no numbers": {"m": '{"a": 1}', "f": "x", "s": "x"},
    "nothing": {},
}


@pytest.mark.parametrize("stage", [Stage.FETCH, Stage.EXTRACT, Stage.CLASSIFY])
def test_a_record_that_cannot_be_read_is_buried_with_its_reason_and_its_neighbours_go_on(
    database: Database, stage: Stage
) -> None:
    work = WorkStore(database)
    for name, record in POISON.items():
        if record:
            database.redis.hset(keys.WORK(stage, name), mapping=record)
        database.redis.zadd(keys.READY(stage), {name: 1.0})
    work.add([PageFound(article_id="good", url="https://example.org/good", feed_id="f", found_at=1.0)])
    runner = Runner(work=work, ring=lambda _: None, random=lambda: 0.5, worker="w", version="0")
    for one in (stage, Stage.FETCH):
        runner.run(one, lambda _message, _work: Drop(reason=Reason.GONE))
    letters = DeadLetterStore(database)
    buried = {letter.id: letter.reason for letter in letters.letters(letters.names())}
    assert buried == dict.fromkeys(POISON, Reason.BAD_MESSAGE)
    assert {name: row["waiting"] + row["leased"] for name, row in work.backlog().items()} == dict.fromkeys(Stage, 0)
    assert work.books()["fetch:dropped:gone"] == 1
