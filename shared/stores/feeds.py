"""Feeds: their records and the entries they have shown. What the fields mean is `schedulers.core`'s business."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from shared.stores import keys

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from shared.stores.connection import Database


class FeedStore:
    """Records by feed id; string fields to string values."""

    def __init__(self, database: Database) -> None:
        self._redis = database.redis

    def get(self, feed_id: str) -> dict[str, str]:
        """Return a feed's record; empty where there is none."""
        fields: dict[str, str] = self._redis.hgetall(keys.FEED(feed_id))
        return fields

    def put(self, feed_id: str, fields: Mapping[str, str | None]) -> None:
        """Write fields of a feed, making it if it is new; None removes a field."""
        pipe = self._redis.pipeline()
        pipe.sadd(keys.FEEDS(), feed_id)
        given = {name: value for name, value in fields.items() if value is not None}
        gone = [name for name, value in fields.items() if value is None]
        if given:
            pipe.hset(keys.FEED(feed_id), mapping=given)
        if gone:
            pipe.hdel(keys.FEED(feed_id), *gone)
        pipe.execute()

    def remove(self, feed_id: str) -> bool:
        """Forget a feed and what it has shown; True if it was there."""
        pipe = self._redis.pipeline()
        pipe.srem(keys.FEEDS(), feed_id)
        pipe.delete(keys.FEED(feed_id), keys.SEEN(feed_id))
        return bool(pipe.execute()[0])

    def ids(self) -> list[str]:
        """Return the ids of all feeds, sorted."""
        return sorted(self._redis.sscan_iter(keys.FEEDS(), count=1000))

    def count(self) -> int:
        """Return how many feeds there are."""
        return int(self._redis.scard(keys.FEEDS()))

    def names(self, ids: Sequence[str]) -> dict[str, str]:
        """Return what the feeds among the given ids are called: their name, else their address."""
        pipe = self._redis.pipeline(transaction=False)
        for feed_id in ids:
            pipe.hmget(keys.FEED(feed_id), "name", "u")
        rows = zip(ids, pipe.execute(), strict=True)
        return {feed_id: name or url for feed_id, (name, url) in rows if url}

    def next_polls(self, ids: Sequence[str]) -> dict[str, float | None]:
        """Return when each of the given feeds is polled next, in one round trip."""
        if not ids:
            return {}
        return dict(zip(ids, self._redis.zmscore(keys.READY("poll"), ids), strict=True))

    def some(self, ids: Sequence[str]) -> list[tuple[str, dict[str, str]]]:
        """Return the given feeds that exist, with their records, in one round trip."""
        pipe = self._redis.pipeline(transaction=False)
        for feed_id in ids:
            pipe.hgetall(keys.FEED(feed_id))
        return [(feed_id, record) for feed_id, record in zip(ids, pipe.execute(), strict=True) if record]

    def put_order(self, ids: Sequence[str]) -> None:
        """Keep the order in which lists show the feeds."""
        pipe = self._redis.pipeline()
        pipe.delete(keys.FEED_ORDER())
        for start in range(0, len(ids), 5_000):
            pipe.zadd(keys.FEED_ORDER(), {one: start + at for at, one in enumerate(ids[start : start + 5_000])})
        pipe.expire(keys.FEED_ORDER(), keys.FEED_ORDER.lifetime)
        pipe.execute()

    def ordered(self, start: int, most: int) -> list[str]:
        """Return a stretch of that order; empty before the first one was kept."""
        ids: list[str] = self._redis.zrange(keys.FEED_ORDER(), start, start + most - 1)
        return ids

    def texts(self) -> Iterator[tuple[str, str, str]]:
        """Yield every feed's id, name and address; a fraction of what reading whole records costs."""
        ids = self.ids()
        for start in range(0, len(ids), 2_000):
            some = ids[start : start + 2_000]
            pipe = self._redis.pipeline(transaction=False)
            for feed_id in some:
                pipe.hmget(keys.FEED(feed_id), "name", "u")
            for feed_id, (name, url) in zip(some, pipe.execute(), strict=True):
                yield feed_id, name or "", url or ""

    def all(self) -> Iterator[tuple[str, dict[str, str]]]:
        """Yield every feed's id and record, in batches of 500 round trips' worth."""
        ids = self.ids()
        for start in range(0, len(ids), 500):
            some = ids[start : start + 500]
            pipe = self._redis.pipeline(transaction=False)
            for feed_id in some:
                pipe.hgetall(keys.FEED(feed_id))
            yield from zip(some, pipe.execute(), strict=True)

    def seen(self, feed_id: str) -> dict[str, str]:
        """Return the entries a feed has shown: identity hash to entry hash and day."""
        entries: dict[str, str] = self._redis.hgetall(keys.SEEN(feed_id))
        return entries

    def push_key(self) -> bytes:
        """Return this installation's master key for WebSub, made at random the first time."""
        self._redis.set(keys.PUSH_KEY(), secrets.token_hex(32), nx=True)
        return bytes.fromhex(self._redis.get(keys.PUSH_KEY()))

    def next_poll(self, feed_id: str) -> float | None:
        """Return when a feed is polled next (epoch seconds); None while a poll is in progress or none is planned."""
        at: float | None = self._redis.zscore(keys.READY("poll"), feed_id)
        return at
