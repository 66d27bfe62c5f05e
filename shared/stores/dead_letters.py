"""Dead letters: work that failed for good, kept whole until an operator retries or discards it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, ConfigDict

from shared.stores import keys

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from shared.stores.connection import Database

CHUNK = 500


class Letter(BaseModel):
    """All that is kept of failed work. Times are epoch seconds; `lineage`: the attempts before a redrive, as JSON."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    stage: str
    id: str
    message: str
    feed: str = ""
    host: str = ""
    url: str = ""
    reason: str
    error_class: str
    text: str
    traceback: str = ""
    fingerprint: str
    attempts: tuple[dict[str, Any], ...] = ()
    lineage: str = "[]"
    deaths: int = 0
    first_failure: float
    last_failure: float
    worker: str = ""
    version: str = ""

    @property
    def key(self) -> str:
        """The letter's name: `stage/id`."""
        return f"{self.stage}/{self.id}"


class DeadLetterStore:
    """Letters by `stage/id`, newest first, and grouped by fingerprint."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def get(self, key: str) -> Letter | None:
        """Return one letter, or None."""
        text = self._db.redis.get(keys.DEAD(key))
        return Letter.model_validate_json(text) if text else None

    def count(self) -> int:
        """Return how many letters there are."""
        return int(self._db.redis.zcard(keys.DEAD_INDEX()))

    def names(self, *, fingerprint: str = "", start: int = 0, most: int = -1) -> list[str]:
        """Return the letters' names, newest first; those of one error group if a fingerprint is given."""
        index = keys.DEAD_GROUP(fingerprint) if fingerprint else keys.DEAD_INDEX()
        names: list[str] = self._db.redis.zrange(index, start, -1 if most < 0 else start + most - 1, desc=True)
        return names

    def letters(self, names: Sequence[str]) -> Iterator[Letter]:
        """Yield the letters of the given names that still exist, in that order."""
        for start in range(0, len(names), CHUNK):
            for text in self._db.redis.mget([keys.DEAD(name) for name in names[start : start + CHUNK]]):
                if text:
                    yield Letter.model_validate_json(text)

    def groups(self) -> list[tuple[str, int]]:
        """Return the error groups as (fingerprint, number of letters), largest first."""
        rows = self._db.redis.zrange(keys.DEAD_GROUPS(), 0, -1, desc=True, withscores=True)
        return [(fingerprint, int(count)) for fingerprint, count in rows]

    def redrive(self, names: Sequence[str], verb: Literal["retry", "discard"]) -> int:
        """Queue the named letters again, or discard them, if they are still dead. Returns how many were moved."""
        moved = 0
        for start in range(0, len(names), CHUNK):
            moved += int(self._db.script("redrive", verb, *names[start : start + CHUNK]))
        return moved


def as_json(letter: Letter) -> str:
    """Return the letter as it is stored."""
    return json.dumps(letter.model_dump(), ensure_ascii=False, separators=(",", ":"))
