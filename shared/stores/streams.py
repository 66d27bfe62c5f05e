"""The product's output: Redis Streams that other teams read. Events are written by the script that ends their work.

Who reads them, and what may be trimmed, is `shared.stores.groups`' business.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from shared.events import CANARY_SCHEMA, CANARY_TYPE, TextReference, attributes, rfc3339, stream_of
from shared.stores import keys

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from shared.stores.connection import Database

Entry = tuple[str, dict[str, str]]

TEXT_KEY = "rarewire:text:{}"  # public, like the streams: consumers read it


def public_streams(topics: Iterable[str], facet_streams: Iterable[str] = ()) -> tuple[str, ...]:
    """Return the names of all streams that are written for some topics: each topic's own and its filtered ones."""
    names = ("", *facet_streams)
    return tuple(stream_of(topic, name) for topic in topics for name in names)


@dataclass(frozen=True, kw_only=True)
class Extent:
    """What a stream holds. `articles` counts article events since the beginning, `entries` what is there now."""

    entries: int
    articles: int
    oldest: str  # id of the first entry, or empty
    newest: str
    bytes: int


class StreamStore:
    """Reading the public streams, and what is written beside the events."""

    def __init__(self, database: Database) -> None:
        self._db = database
        self._redis = database.redis

    def length(self, stream: str) -> int:
        """Return how many entries a stream holds, canaries included."""
        return int(self._redis.xlen(stream))

    def known(self) -> tuple[str, ...]:
        """Return the names of all streams that ever carried an article, by name, whatever the settings say now."""
        return tuple(sorted(self._redis.hkeys(keys.SEQUENCES())))

    def extent(self, stream: str) -> Extent:
        """Return what a stream holds and what it takes."""
        pipe = self._redis.pipeline(transaction=False)
        pipe.xlen(stream)
        pipe.hget(keys.SEQUENCES(), stream)
        pipe.xrange(stream, count=1)
        pipe.xrevrange(stream, count=1)
        pipe.memory_usage(stream)
        entries, articles, first, last, size = pipe.execute()
        return Extent(
            entries=entries,
            articles=int(articles or 0),
            oldest=first[0][0] if first else "",
            newest=last[0][0] if last else "",
            bytes=int(size or 0),
        )

    def newest(self, stream: str, most: int) -> list[Entry]:
        """Return the newest article events, oldest of them first."""
        found: list[Entry] = []
        last = "+"
        while len(found) < most:
            rows: list[Entry] = self._redis.xrevrange(stream, max=last, count=max(most, 100))
            if not rows:
                break
            found += [row for row in rows if row[1].get("type") != CANARY_TYPE]
            last = f"({rows[-1][0]}"
        return found[:most][::-1]

    def backwards(self, stream: str, *, page: int = 100) -> Iterator[Entry]:
        """Yield article events, the newest first; asks for a page at a time."""
        last = "+"
        while rows := self._redis.xrevrange(stream, max=last, count=page):
            yield from (row for row in rows if row[1].get("type") != CANARY_TYPE)
            last = f"({rows[-1][0]}"

    def range(self, stream: str, *, first: str = "-", last: str = "+", most: int | None = None) -> list[Entry]:
        """Return entries between two ids, both included."""
        rows: list[Entry] = self._redis.xrange(stream, first, last, count=most)
        return rows

    def follow(self, stream: str, *, after: str = "$", wait: float = 1.0) -> Iterator[Entry | None]:
        """Yield article events as they arrive, and None every `wait` seconds without an entry."""
        last = after
        while True:
            answer = self._redis.xread({stream: last}, count=100, block=int(wait * 1000))
            if not answer:
                yield None
                continue
            # Older protocol versions answer a list of pairs, newer ones a mapping.
            ((_, entries),) = answer.items() if isinstance(answer, dict) else answer
            for entry_id, fields in entries:
                last = entry_id
                if fields.get("type") != CANARY_TYPE:
                    yield entry_id, fields

    def canary(self, stream: str) -> bool:
        """Show that a stream works: one canary a minute, whoever asks how often. True if this was the one."""
        minute = int(self._db.time() // 60)
        at = rfc3339(minute * 60) or ""
        event = hashlib.sha256(f"canary/{stream}/{minute}".encode()).hexdigest()[:32]
        named = attributes(event=event, kind=CANARY_TYPE, subject=stream, time=at, dataschema=CANARY_SCHEMA)
        fields = [text for pair in named.items() for text in pair]
        return bool(self._db.script("canary", stream, minute, at, json.dumps(fields)))

    def keep_text(self, text: str, *, at: float, lifetime: float) -> TextReference:
        """Keep a text that is too long for an event under a key of its own, by its hash, and say where it lies.

        `at` is when the article was fetched (epoch seconds); the key outlives `at + lifetime`.
        """
        data = text.encode()
        digest = hashlib.sha256(data).hexdigest()
        key = TEXT_KEY.format(digest)
        self._redis.set(key, data, ex=int(lifetime) + 3_600)
        return TextReference(key=key, sha256=digest, characters=len(text), expires_at=rfc3339(at + lifetime) or "")
