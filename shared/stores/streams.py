"""The product's output: Redis Streams that other teams read."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shared.stores.connection import Database

Entry = tuple[str, dict[str, str]]


class StreamStore:
    """Reading the public streams; events are written only by the script that completes classification."""

    def __init__(self, database: Database) -> None:
        self._redis = database.redis

    def length(self, stream: str) -> int:
        """Return how many entries a stream holds."""
        return int(self._redis.xlen(stream))

    def newest(self, stream: str, most: int) -> list[Entry]:
        """Return the newest entries, oldest of them first."""
        rows: list[Entry] = self._redis.xrevrange(stream, count=most)
        return rows[::-1]

    def range(self, stream: str, *, first: str = "-", last: str = "+", most: int | None = None) -> list[Entry]:
        """Return entries between two ids, both included."""
        rows: list[Entry] = self._redis.xrange(stream, first, last, count=most)
        return rows

    def follow(self, stream: str, *, after: str = "$", wait: float = 1.0) -> Iterator[Entry | None]:
        """Yield entries as they arrive, and None every `wait` seconds without one."""
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
                yield entry_id, fields
