"""Feeds that are watched: put into the store from the catalogue, by an operator or from OPML, and planned.

Adding is idempotent: a known feed keeps its state. What a feed is called lies beside its state, under long names.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from schedulers.catalogue import DEFAULT, FeedSource, load
from schedulers.core import FeedState, new_feed
from schedulers.core.newcomers import polled_now, resumed
from shared.stores.feeds import FeedStore
from shared.stores.hosts import HostStore
from shared.stores.work import WorkStore
from shared.urls import host

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from shared.stores.connection import Database


PUSH_GAP = 30.0


class UnknownFeedError(LookupError):
    """No feed has that id or address."""


class Registry:
    """The feeds of one running system."""

    def __init__(self, database: Database) -> None:
        self.feeds = FeedStore(database)
        self.work = WorkStore(database)
        self.hosts = HostStore(database)

    def add(self, sources: Sequence[FeedSource]) -> list[FeedSource]:
        """Watch feeds; returns those that were new. New ones are spread in time, one alone is polled at once."""
        known = set(self.feeds.ids())
        fresh = [source for source in sources if source.id not in known]
        now = self.work.now()
        for source in fresh:
            state = new_feed(source.url, now=now, random=random.random(), together=len(fresh))  # noqa: S311 - spread
            named = {"name": source.name, "language": source.language, "country": source.country}
            paused = {"pz": "1"} if source.paused else {}
            fields = {name: text for name, text in named.items() if text}
            self.feeds.put(source.id, {**fields, **state.to_fields(), **paused})
            if not source.paused:
                self.work.schedule(source.id, state.next_at, only_if_new=True)
        return fresh

    def plan_all(self) -> int:
        """Plan the next poll of every feed that has none, e.g. after a restore; returns how many had none."""
        planned = 0
        for feed_id, record in self.feeds.all():
            state = FeedState.from_fields(record)
            if not state.paused:
                planned += self.work.schedule(feed_id, state.next_at, only_if_new=True)
        return planned

    def pause(self, feed_id: str) -> None:
        """Stop polling a feed until it is resumed. Raises UnknownFeedError."""
        self._state(feed_id)
        self.feeds.put(feed_id, {"pz": "1"})
        self.work.unschedule(feed_id)

    def resume(self, feed_id: str) -> None:
        """Poll a paused or parked feed again, now. Raises UnknownFeedError."""
        self._replan(feed_id, resumed(self._state(feed_id), now=self.work.now()))

    def poll_now(self, feed_id: str) -> bool:
        """Bring a feed's next poll forward to now, over its host's Retry-After as well.

        False: a poll is in progress. Raises UnknownFeedError.
        """
        state = self._state(feed_id)
        self.hosts.unblock(host(state.url))
        return self._replan(feed_id, polled_now(state, now=self.work.now()))

    def pushed(self, feed_id: str) -> bool:
        """Bring a feed's next poll forward because its hub says there is news; never over a wait it asked for.

        A hub that pushes ever so often gets one poll in `PUSH_GAP` seconds. Raises UnknownFeedError.
        """
        state = self._state(feed_id)
        at = max(self.work.now(), state.wait_until, state.asked_at + PUSH_GAP)
        planned = self.feeds.next_poll(feed_id)
        return planned is not None and at < planned and self.work.schedule(feed_id, at)

    def remove(self, feed_id: str) -> None:
        """Forget a feed. Articles that came from it stay. Raises UnknownFeedError."""
        self._state(feed_id)
        self.work.unschedule(feed_id)
        self.feeds.remove(feed_id)

    def _state(self, feed_id: str) -> FeedState:
        record = self.feeds.get(feed_id)
        if not record:
            raise UnknownFeedError(f"no feed has the id {feed_id!r}; `rarewire feeds list` shows them")
        return FeedState.from_fields(record)

    def _replan(self, feed_id: str, after: FeedState) -> bool:
        self.feeds.put(feed_id, self._state(feed_id).changes(after))
        return self.work.schedule(feed_id, after.next_at)


def sync_catalogue(path: Path | None, database: Database) -> int:
    """Watch what a feeds file (default: ours) lists; returns how many feeds were new. Raises CatalogueError."""
    registry = Registry(database)
    added = registry.add(load(path or DEFAULT))
    registry.plan_all()
    return len(added)


__all__ = ["Registry", "UnknownFeedError", "sync_catalogue"]
