"""Reading the state out whole, and putting it back: feeds, articles' records, work, dead letters, groups and numbers.

Made for a system that runs meanwhile: what moves is read where it comes from before where it goes to, so that it is
found at least once; found twice it is the same work, and the records, read last, keep it from being published twice.
Not the streams themselves, nor what is learned again by itself (hosts' pace, robots.txt, counters). The file's format
is `console.backup`'s business.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from shared.stores import keys
from shared.stores.dead_letters import DeadLetterStore, as_json
from shared.stores.feeds import FeedStore
from shared.stores.groups import OLDEST, GroupStore
from shared.stores.work import WorkStore
from shared.topology import Stage

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from shared.stores.connection import Database

CHUNK = 250
# What work at a stage needs beside its message, by the message's field that names it.
BODIES = {Stage.EXTRACT: ("page_key", keys.PAGE), Stage.CLASSIFY: ("article_key", keys.TEXT)}
FAMILIES = {"page": keys.PAGE, "text": keys.TEXT, "entry": keys.ENTRY}
QUEUED = (Stage.FETCH, Stage.EXTRACT, Stage.CLASSIFY)  # a feed's poll is planned from its record


@dataclass(frozen=True, kw_only=True)
class Body:
    """Bytes under a key: a page, a text or a feed's entry, packed as they are kept; `lifetime` in seconds."""

    family: str
    id: str
    data: bytes
    lifetime: int


class ArchiveStore:
    """All that a backup holds, in the order in which it must be read."""

    def __init__(self, database: Database) -> None:
        self._db = database
        self._redis = database.redis

    def feeds(self) -> Iterator[dict[str, Any]]:
        """Yield every feed: its record, what it has shown, and when it is polled next."""
        store = FeedStore(self._db)
        for feed_id, fields in store.all():
            yield {"id": feed_id, "fields": fields, "seen": store.seen(feed_id), "next_poll": store.next_poll(feed_id)}

    def work(self) -> Iterator[dict[str, Any]]:
        """Yield what waits or is in progress at fetch, extract and classify; work in progress is due at once."""
        for stage in QUEUED:
            pipe = self._redis.pipeline()  # both at one moment: work moves between them
            pipe.zrange(keys.READY(stage), 0, -1, withscores=True)
            pipe.zrange(keys.LEASES(stage), 0, -1)
            ready, leased = pipe.execute()
            now = self._db.time()
            yield from self._items(stage, [*ready, *((work_id, now) for work_id in leased)])

    def _items(self, stage: Stage, rows: Sequence[tuple[str, float]]) -> Iterator[dict[str, Any]]:
        for start in range(0, len(rows), CHUNK):
            some = rows[start : start + CHUNK]
            pipe = self._redis.pipeline(transaction=False)
            for work_id, _ in some:
                pipe.hmget(keys.WORK(stage, work_id), "m", "r", "d", "h", "f")
            for (work_id, at), (message, tries, deaths, attempts, first) in zip(some, pipe.execute(), strict=True):
                if message:
                    yield {
                        "stage": stage.value, "id": work_id, "message": message, "at": at, "tries": int(tries or 0),
                        "deaths": int(deaths or 0), "attempts": attempts or "[]", "first": float(first or at),
                    }  # fmt: skip

    def body_of(self, work: Mapping[str, Any]) -> list[Body]:
        """Return the bytes that a piece of work needs, as far as they are still kept."""
        wanted: list[tuple[str, str]] = []
        message = json.loads(work["message"])
        if Stage(work["stage"]) in BODIES:
            field, key = BODIES[Stage(work["stage"])]
            wanted.append((next(name for name, family in FAMILIES.items() if family is key), message.get(field, "")))
        if entry := message.get("entry", {}).get("content_key", ""):
            wanted.append(("entry", entry))
        return [body for family, body_id in wanted if (body := self._body(family, body_id))]

    def _body(self, family: str, body_id: str) -> Body | None:
        key = FAMILIES[family](body_id)
        data = self._db.blob(key)
        return Body(family=family, id=body_id, data=data, lifetime=max(int(self._redis.ttl(key)), 1)) if data else None

    def texts(self) -> Iterator[Body]:
        """Yield every article's text that is kept, for tagging it again elsewhere."""
        for text_id in self._ids(keys.TEXT):
            if body := self._body("text", text_id):
                yield body

    def dead(self, known: set[str]) -> Iterator[dict[str, Any]]:
        """Yield the dead letters whose names are not `known`, and make them known."""
        store = DeadLetterStore(self._db)
        fresh = [name for name in store.names() if name not in known]
        for letter in store.letters(fresh):
            known.add(letter.key)
            lineage = self._redis.lrange(keys.LINEAGE(letter.key), 0, -1)
            yield {"letter": json.loads(as_json(letter)), "lineage": lineage}

    def articles(self) -> Iterator[dict[str, Any]]:
        """Yield every article's record and the seconds it still lives."""
        some: list[str] = []
        for article_id in self._ids(keys.ARTICLE):
            some.append(article_id)
            if len(some) == CHUNK:
                yield from self._records(some)
                some = []
        yield from self._records(some)

    def _records(self, ids: Sequence[str]) -> Iterator[dict[str, Any]]:
        pipe = self._redis.pipeline(transaction=False)
        for article_id in ids:
            pipe.hgetall(keys.ARTICLE(article_id))
            pipe.ttl(keys.ARTICLE(article_id))
        answers = pipe.execute()
        for article_id, fields, lifetime in zip(ids, answers[::2], answers[1::2], strict=True):
            if fields:
                yield {"id": article_id, "fields": fields, "lifetime": max(int(lifetime), 1)}

    def _ids(self, family: keys.Key) -> Iterator[str]:
        prefix = family("")
        for key in self._redis.scan_iter(match=f"{prefix}*", count=1_000):
            yield str(key).removeprefix(prefix)

    def streams(self) -> Iterator[dict[str, Any]]:
        """Yield each public stream's number of articles so far and its registered groups (name to owner)."""
        for stream, number in sorted(self._redis.hgetall(keys.SEQUENCES()).items()):
            groups = {name: json.loads(text).get("owner", "") for name, text in
                      self._redis.hgetall(keys.GROUPS(stream)).items()}  # fmt: skip
            yield {"stream": stream, "sequence": int(number), "groups": groups}

    def put_feed(self, feed_id: str, fields: Mapping[str, str], seen: Mapping[str, str]) -> bool:
        """Put back a feed that is not there, without planning its poll. True if it was new."""
        new = self._restore([_record(keys.FEED(feed_id), fields, 0)]) if fields else 0
        if new:
            self._redis.sadd(keys.FEEDS(), feed_id)
            if seen:
                self._restore([_record(keys.SEEN(feed_id), seen, keys.SEEN.lifetime or 0)])
        return bool(new)

    def plan_poll(self, feed_id: str, at: float) -> None:
        """Plan a feed's next poll unless one is planned or in progress."""
        WorkStore(self._db).schedule(feed_id, at, only_if_new=True)

    def put_work(self, rows: Sequence[Mapping[str, Any]]) -> int:
        """Queue work that is not there; returns how much was new."""
        return self._restore([{"kind": "work", **row} for row in rows])

    def put_dead(self, rows: Sequence[Mapping[str, Any]]) -> int:
        """Put back dead letters that are not there; returns how many were new."""
        return self._restore(
            [
                {
                    "kind": "dead",
                    "key": f"{row['letter']['stage']}/{row['letter']['id']}",
                    "text": json.dumps(row["letter"], ensure_ascii=False, separators=(",", ":")),
                    "at": row["letter"]["last_failure"],
                    "lineage": row["lineage"],
                }
                for row in rows
            ]
        )

    def put_articles(self, rows: Sequence[Mapping[str, Any]]) -> int:
        """Put back records that are not there; returns how many were new."""
        return self._restore([_record(keys.ARTICLE(row["id"]), row["fields"], row["lifetime"]) for row in rows])

    def put_body(self, body: Body) -> bool:
        """Put back bytes that are not there. True if they were new."""
        key = FAMILIES[body.family](body.id)
        return bool(self._redis.set(key, body.data, ex=body.lifetime, nx=True))

    def put_stream(self, stream: str, sequence: int, groups: Mapping[str, str]) -> bool:
        """Let a stream's numbers go on where they were, and register its groups. True if the stream was unknown."""
        new = bool(self._redis.hsetnx(keys.SEQUENCES(), stream, sequence))
        known = {group.name for group in GroupStore(self._db).states(stream)}
        for name, owner in groups.items():
            if name not in known:
                GroupStore(self._db).add(stream, name, owner=owner, start=OLDEST)
        return new

    def _restore(self, rows: Sequence[Mapping[str, Any]]) -> int:
        return int(self._db.script("restore", json.dumps(rows, ensure_ascii=False))) if rows else 0


def _record(key: str, fields: Mapping[str, str], lifetime: int) -> dict[str, Any]:
    flat = [text for pair in fields.items() for text in pair]
    return {"kind": "record", "key": key, "fields": flat, "lifetime": lifetime}


__all__ = ["ArchiveStore", "Body"]
