"""Which queues nobody hears, and that only they are emptied."""

from __future__ import annotations

from kombu.exceptions import OperationalError

from schedulers.unheard import DEAF_AFTER, unheard
from shared.broker import empty, make_app, ring
from shared.topology import TICK_QUEUE, TOPOLOGY, Stage

NOW = 1_000_000.0


def test_a_system_that_works_is_heard_everywhere() -> None:
    assert unheard({**{stage.value: NOW - 5 for stage in Stage}, "tick": NOW - 1}, now=NOW) == []


def test_a_stage_that_nobody_looked_at_for_a_minute_and_a_tick_that_nobody_did_are_not_heard() -> None:
    pulses = {stage.value: NOW for stage in Stage} | {"fetch": NOW - DEAF_AFTER - 1}
    assert unheard(pulses, now=NOW) == [TOPOLOGY[Stage.FETCH].queue, TICK_QUEUE]


def test_a_queue_is_emptied_alone() -> None:
    app = make_app("test-emptying", "memory://")
    for stage in (Stage.FETCH, Stage.FETCH, Stage.POLL):
        ring(app, stage)
    empty(app, TOPOLOGY[Stage.FETCH].queue)
    left = {}
    with app.connection_for_read() as connection:
        for stage in (Stage.FETCH, Stage.POLL):
            with connection.SimpleQueue(TOPOLOGY[stage].queue) as queue:
                left[stage] = queue.qsize()
                queue.clear()
    assert left == {Stage.FETCH: 0, Stage.POLL: 1}


def test_a_broker_that_is_away_is_no_error_of_who_rings_or_empties() -> None:
    app = make_app("test-away", "redis://127.0.0.1:9/0")
    empty(app, TICK_QUEUE)


def test_a_bell_that_cannot_be_rung_does_not_end_the_work_in_hand() -> None:
    class Deaf:
        def send_task(self, *_args, **_options) -> None:
            raise OperationalError("connection refused")

    ring(Deaf(), Stage.FETCH)
