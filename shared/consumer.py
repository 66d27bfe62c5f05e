"""A consumer of the public streams, typed, for Python programs.

    consumer = Consumer(redis, stream="rarewire:rare-earth:v1", group="desk")
    consumer.stop_on_signals()
    consumer.run(lambda delivery: store(delivery.event))

It keeps a consumer's side of the contract (docs/events): acknowledges after the work is done, takes over what dead
consumers held, gives up after so many deliveries and puts the event on the group's dead stream, skips canaries and
types that it does not know, drops duplicates, survives a restart of the server, and stops gracefully. It never reads
ahead of the work: one batch is in its hands at a time. Not for Redis Cluster: a transaction spans several keys.
"""

from __future__ import annotations

import logging
import os
import platform
import signal
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

from redis import Redis
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError
from redis.exceptions import TimeoutError as RedisTimeoutError

from shared.events import CANARY_TYPE, ArticleEvent, Event, Retraction, UnreadableEventError, parse
from shared.stores.membership import GroupMissingError, Held, Membership

__all__ = ["Consumer", "Delivery", "GroupMissingError", "Policy"]

Result = TypeVar("Result")

log = logging.getLogger(__name__)

AWAY = (RedisConnectionError, RedisTimeoutError, OSError)  # the server is not there, but may come back
SWEEP = 5.0  # seconds between two looks for stale entries, at most


@dataclass(frozen=True, kw_only=True)
class Policy:
    """How a consumer behaves.

    `waits` are the seconds that an event may take, one for each delivery: after the first of them without an
    acknowledgement it is given again, after the last it is dead. They must exceed the longest that the work on an event
    can take. `batch` is how many events are taken at a time, `block` the seconds to wait for new ones, `remember` the
    seconds for which the ids of done events are kept, so that a duplicate is dropped; 0: not at all.
    """

    waits: tuple[float, ...] = (60.0, 60.0, 300.0, 300.0, 300.0)
    batch: int = 16
    block: float = 1.0
    remember: float = 14 * 86_400.0

    def __post_init__(self) -> None:
        if not self.waits or min(self.waits) <= 0 or self.batch < 1:
            raise ValueError("a policy needs at least one positive wait and a batch of at least 1")


@dataclass(kw_only=True)
class Delivery:
    """One event in a consumer's hands; end it with `ack` or `fail`."""

    held: Held
    event: Event
    consumer: Consumer
    ended: bool = False

    @property
    def article(self) -> ArticleEvent | None:
        """The article, or None where the event takes one back."""
        return self.event.data if isinstance(self.event.data, ArticleEvent) else None

    @property
    def retraction(self) -> Retraction | None:
        """What is said of an article that is taken back, or None."""
        return self.event.data if isinstance(self.event.data, Retraction) else None

    def ack(self) -> None:
        """Say that the work on it is done, for good."""
        if not self.ended:
            self.consumer.acknowledge(self)
        self.ended = True

    def fail(self, why: str, *, again_in: float | None = None) -> None:
        """Say that the work failed: it is given again after its wait, or is dead after its last delivery.

        `again_in`: seconds after which it is given again, where that is sooner than its wait.
        """
        if not self.ended:
            self.consumer.give_back(self, why, again_in=again_in)
        self.ended = True

    def postpone(self, seconds: float) -> None:
        """Have it given again in so many seconds unless it is ended before, where that is sooner than its wait."""
        self.consumer.postpone(self, seconds)


class Consumer:
    """One member of a group.

    `seen_canary` is when the stream last showed that it works (epoch seconds), `lost` how many entries were trimmed
    while they were pending, `skipped` how many duplicates and unknown types were passed over.
    """

    def __init__(
        self,
        redis: Redis,
        *,
        stream: str,
        group: str,
        name: str = "",
        policy: Policy = Policy(),
    ) -> None:
        """`redis` must decode responses; `name` is unique within the group, by default this host and process."""
        encoder: Any = redis.get_encoder()
        if not encoder.decode_responses:
            raise ValueError("the Redis client must be made with decode_responses=True")
        own = name or f"{platform.node()}-{os.getpid()}"
        self._member = Membership(redis, stream=stream, group=group, name=own, waits=policy.waits)
        self._policy = policy
        self._stopping = threading.Event()
        self._swept = float("-inf")
        self.seen_canary: float | None = None
        self.lost = 0
        self.skipped = 0

    def run(self, handle: Callable[[Delivery], object], *, drain: bool = False) -> None:
        """Give every event to `handle` until `stop`: its return acknowledges, its exception gives the event back.

        `drain`: return, too, when nothing is left to be given.
        """
        for delivery in self.deliveries(drain=drain):
            try:
                handle(delivery)
            except Exception as error:
                log.exception("the work on event %s failed", delivery.event.id)
                delivery.fail(f"{type(error).__name__}: {error}")
            else:
                delivery.ack()

    def __iter__(self) -> Iterator[Delivery]:
        """Yield events until `stop`. One that is neither acknowledged nor failed is given again, to whoever asks."""
        return self.deliveries()

    def deliveries(self, *, drain: bool = False) -> Iterator[Delivery]:
        """Yield events until `stop`, or with `drain` until nothing is left to be given."""
        while not self._stopping.is_set():
            try:
                batch, since = self._patiently(self._batch), time.monotonic()
            except AWAY:
                return  # stopped while the server is away: nothing is in our hands
            if drain and not batch:
                return
            while batch and not self._stopping.is_set():
                if time.monotonic() - since > min(self._policy.waits) / 2:
                    batch, since = self._patiently(self._renewed, batch), time.monotonic()
                    continue
                delivery = self._read(batch.pop(0))
                if delivery is not None:
                    yield delivery
            self._hand_back(batch)

    def stop(self) -> None:
        """Have the iteration end after the event in work; the rest of its batch goes to others at once."""
        self._stopping.set()

    def stop_on_signals(self) -> None:
        """Stop on SIGTERM and SIGINT. To be called from the main thread."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self.stop())

    def acknowledge(self, delivery: Delivery) -> None:
        """Acknowledge an event and remember its id; waits for the server if it is away."""
        self._patiently(self._ack, delivery.held, delivery.event.id)

    def give_back(self, delivery: Delivery, why: str, *, again_in: float | None = None) -> None:
        """Leave an event for another try, or bury it after its last."""
        if delivery.held.number >= len(self._policy.waits):
            self._patiently(self._bury, delivery.held, "failed", why)
        elif again_in is not None:
            self.postpone(delivery, again_in)

    def postpone(self, delivery: Delivery, seconds: float) -> None:
        """Have an event given again in so many seconds, where that is sooner than its wait."""
        self._patiently(self._member.postpone, delivery.held, seconds)

    def _batch(self) -> list[Held]:
        """Take stale events over, or else new ones."""
        if time.monotonic() - self._swept >= min(min(self._policy.waits) / 2, SWEEP):
            found = self._member.stale(self._policy.batch)
            for held in found.spent:
                self._bury(held, "deliveries", "no consumer ever acknowledged it")
            for entry in found.trimmed:
                log.warning("entry %s was trimmed while it was pending", entry)
            self.lost += len(found.trimmed)
            if found.taken:
                return list(found.taken)
            self._swept = time.monotonic()
        return self._member.fresh(self._policy.batch, self._policy.block)

    def _read(self, held: Held) -> Delivery | None:
        """Return what an entry brings, or None where it is nothing to work on; then it is dealt with."""
        try:
            event = parse(held.fields)
        except UnreadableEventError as error:
            self._patiently(self._bury, held, "unreadable", str(error))
            return None
        if not isinstance(event.data, ArticleEvent | Retraction):
            if event.type == CANARY_TYPE:
                self.seen_canary = time.time()
            else:
                self.skipped += 1
            self._patiently(self._member.acknowledge, held.entry)
            return None
        if self._policy.remember and self._patiently(self._member.remembers, event.id):
            self.skipped += 1
            self._patiently(self._member.acknowledge, held.entry)
            return None
        return Delivery(held=held, event=event, consumer=self)

    def _ack(self, held: Held, event: str) -> None:
        self._member.acknowledge(held.entry, event=event, remember=self._policy.remember)

    def _bury(self, held: Held, reason: str, why: str) -> None:
        self._member.bury(held, reason=reason, why=why)
        log.warning("event %s is dead: %s: %s", held.fields.get("id", held.entry), reason, why)

    def _renewed(self, batch: list[Held]) -> list[Held]:
        """Start the waits of what still waits in our hands anew; what was taken from us meanwhile is left out."""
        ours = self._member.still_held([held.entry for held in batch])
        return [held for held in batch if held.entry in ours]

    def _hand_back(self, batch: list[Held]) -> None:
        try:
            self._member.hand_back(batch)
        except RedisError as error:
            log.warning("what was not begun could not be handed back (%s); it comes again after its wait", error)

    def _patiently(self, act: Callable[..., Result], *arguments: object) -> Result:
        """Do something, however long the server is away; once `stop` was called, not again."""
        wait = 0.05
        while True:
            try:
                return act(*arguments)
            except AWAY as error:
                if self._stopping.is_set():
                    raise
                log.warning("the server does not answer (%s); trying again", error)
                self._stopping.wait(wait)
                wait = min(wait * 2, 5.0)
