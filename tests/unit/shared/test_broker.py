"""Doorbells: heard by whoever hears them, whatever the clocks say, and soon after the broker is back."""

from __future__ import annotations

import pytest
from kombu import Connection
from kombu.exceptions import OperationalError

from shared.broker import RETRY_MOST, kombu_url, make_app, ring
from shared.topology import TOPOLOGY, Stage


@pytest.mark.parametrize("stage", Stage)
def test_a_doorbell_rings_at_its_stage_and_is_heard_by_a_worker_whose_clock_is_ahead(stage: Stage) -> None:
    app = make_app("test", "memory://")
    ring(app, stage)
    with app.connection_for_read() as connection, connection.SimpleQueue(TOPOLOGY[stage].queue) as queue:
        message = queue.get(block=False)
        message.ack()
    assert message.headers["task"] == TOPOLOGY[stage].task
    assert message.headers["expires"] is None


def test_a_broker_that_is_away_is_tried_again_within_a_second_however_long_it_was_gone() -> None:
    waits: list[float] = []
    connection = make_app("test", "redis://127.0.0.1:9/0").connection_for_read()
    with pytest.raises(OperationalError):
        connection.ensure_connection(lambda _error, wait: waits.append(wait), 4)
    assert len(waits) == 4
    assert max(waits) <= RETRY_MOST


@pytest.mark.parametrize("url", ["amqp://a@127.0.0.1//", "memory://", "redis://127.0.0.1/0"])
def test_only_a_transport_of_redis_is_made_to_skip_what_is_no_message(url: str) -> None:
    opened = make_app("test", url).connection_for_read()
    ours, kombus = opened.get_transport_cls(), Connection(kombu_url(url)).get_transport_cls()
    assert (ours is kombus) != url.startswith("redis")
