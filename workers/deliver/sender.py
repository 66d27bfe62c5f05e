"""Reads an endpoint's consumer group and posts what it is given, one event after the other, until stopped.

A killed sender loses nothing: what it had in hand is pending in the group and comes again after the lease, with the
same id. A failed event waits its turn in the group while others go on; an endpoint that only fails is left alone for a
while, and nothing is taken from the stream for it. Each sender has a thread, so none waits for another's endpoint.
"""

from __future__ import annotations

import random
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import structlog

from shared.consumer import Consumer, GroupMissingError, Policy
from shared.stores.audit import Act, AuditStore
from shared.stores.groups import NEW, OLDEST, GroupStore
from shared.stores.notices import NoticeStore
from shared.stores.webhooks import WebhookStore
from workers.deliver import step
from workers.deliver.core import again_in, pause, payload, waits
from workers.deliver.core.pacing import TOLERATED, lease

if TYPE_CHECKING:
    from shared.consumer import Delivery
    from shared.stores.connection import Database
    from workers.deliver.core import Endpoint, Verdict

LOOK = 1.0  # seconds between two looks at an endpoint that is left alone
TROUBLE = 2.0  # seconds of waiting after something unforeseen

log = structlog.get_logger()


def register(database: Database, endpoint: Endpoint) -> bool:
    """Register an endpoint's group, so that nothing is trimmed that it has not had. False: it was known."""
    start = OLDEST if endpoint.start == "oldest" else NEW
    fresh = GroupStore(database).add(endpoint.stream, endpoint.group, owner=endpoint.owner, start=start)
    if fresh:
        scope = f"{endpoint.stream} {endpoint.group}"
        AuditStore(database).write(
            Act(who="webhooks", what="consumer registered", scope=scope, via="webhooks", count=1)
        )
    return fresh


@dataclass(kw_only=True)
class Sender:
    """One thread's work for one endpoint. `seen` is when it last looked (monotonic seconds).

    `scale` multiplies the waits between attempts; `block` are the seconds that it waits for new events at a time.
    """

    database: Database
    endpoint: Endpoint
    ports: step.Ports
    member: str
    scale: float = 1.0
    block: float = 1.0
    seen: float = field(default_factory=time.monotonic)
    _stopping: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self._waits = waits(self.endpoint.timeout, scale=self.scale)
        # One at a time: what is in hand waits for no other. No memory of what was done: a replay is meant to be posted.
        policy = Policy(waits=self._waits, batch=1, block=self.block, remember=0)
        self._consumer = Consumer(
            self.database.redis, stream=self.endpoint.stream, group=self.endpoint.group, name=self.member, policy=policy
        )
        self._store = WebhookStore(self.database)

    def run(self) -> None:
        """Send until `stop`. What goes wrong unforeseen is logged and costs a moment."""
        structlog.contextvars.bind_contextvars(endpoint=self.endpoint.name)
        while not self._stopping.is_set():
            self.seen = time.monotonic()
            try:
                self.tend()
            except Exception:  # a sender that dies of one event would hold up all that follow
                log.exception("sender_failed")
                self._stopping.wait(TROUBLE)

    def stop(self) -> None:
        """Have `run` return after the event in hand."""
        self._stopping.set()
        self._consumer.stop()

    def tend(self) -> None:
        """Send until nothing is left or the endpoint is to be left alone; where it is already, wait a moment."""
        try:
            self._tend()
        except GroupMissingError:
            log.warning("group_missing", group=self.endpoint.group)
            register(self.database, self.endpoint)

    def _tend(self) -> None:
        rest = self._store.rest(self.endpoint.name)
        if rest is None or rest:
            self._stopping.wait(min(rest or LOOK, LOOK))
            return
        if verdict := step.unable(self.endpoint, self.ports):
            self._count(verdict, at_least=TOLERATED)
            return
        for delivery in self._consumer.deliveries(drain=True):
            self.seen = time.monotonic()
            self._deliver(delivery)
            if self._store.rest(self.endpoint.name) != 0:
                return

    def _deliver(self, delivery: Delivery) -> None:
        if delivery.held.number > 1:
            # A kill in a late attempt is to cost the lease as in the first one, not the hours of the schedule.
            delivery.postpone(lease(self.endpoint.timeout))
        body = payload(delivery.held.fields, text=self.endpoint.text)
        verdict = step.run(self.endpoint, delivery.event.id, body, self.ports)
        log.info(
            "attempted", event_id=delivery.event.id, attempt=delivery.held.number, outcome=verdict.outcome,
            status=verdict.status, seconds=round(verdict.seconds, 3),
        )  # fmt: skip
        if verdict.delivered:
            delivery.ack()
            self._store.delivered(self.endpoint.name, seconds=verdict.seconds)
        else:
            self._failed(delivery, verdict)

    def _failed(self, delivery: Delivery, verdict: Verdict) -> None:
        number = delivery.held.number
        again = again_in(number, verdict, random=random.random(), scale=self.scale)  # noqa: S311 - spreads load
        self._count(verdict)
        if verdict.gone:
            self._disable()
            delivery.postpone(again)
            return
        delivery.fail(f"{verdict.outcome}: {verdict.detail}", again_in=again)
        if number >= len(self._waits):
            self._tell(f"gave up event {delivery.event.id} after {number} attempts, the last: {verdict.detail}")

    def _count(self, verdict: Verdict, *, at_least: int = 0) -> None:
        """Count a failure, and leave the endpoint alone after many in a row, or as after `at_least`."""
        name = self.endpoint.name
        failures = self._store.failed(name, outcome=verdict.outcome, detail=verdict.detail, seconds=verdict.seconds)
        seconds = pause(max(failures, at_least), verdict, random=random.random(), scale=self.scale)  # noqa: S311
        if seconds:
            self._store.pause(name, seconds=seconds)

    def _disable(self) -> None:
        why = "the receiver answered 410 Gone: it wants no more"
        self._store.disable(self.endpoint.name, why=why)
        self._tell(f"disabled: {why}. `rarewire webhooks enable {self.endpoint.name}` sends again")

    def _tell(self, text: str) -> None:
        log.warning("told", text=text)
        NoticeStore(self.database).add(kind="webhook", about=self.endpoint.name, detail=text)
