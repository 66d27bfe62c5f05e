"""Dead letters: work that failed for good, kept whole until an operator retries or discards it.

Each letter is found by its facets (stage, reason, host, feed, error class, group) through one sorted set a value: so
a filter over 100,000 letters reads only the letters that are shown.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, ConfigDict

from shared.stores import keys

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from shared.stores.connection import Database

CHUNK = 250  # letters in one call: some 25 ms of the server's time
HOURS = 24  # that a group's picture goes back
Verb = Literal["retry", "discard"]


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


@dataclass(frozen=True, kw_only=True)
class Scope:
    """Which letters: those that have all the facets that are given; without any, all letters."""

    stage: str = ""
    reason: str = ""
    host: str = ""
    feed: str = ""
    error: str = ""
    group: str = ""

    def facets(self) -> dict[str, str]:
        """Return the facets that are given."""
        return {item.name: value for item in fields(self) if (value := getattr(self, item.name))}

    def words(self) -> str:
        """Return the scope as a filter that can be typed, e.g. `stage:fetch reason:timeout`."""
        return " ".join(f"{name}:{value}" for name, value in self.facets().items())


EVERYTHING = Scope()
FACETS = tuple(item.name for item in fields(Scope))


@dataclass(frozen=True, kw_only=True)
class Group:
    """Equal failures as one row; `hours` counts the last 24 hours' failures, oldest hour first."""

    fingerprint: str
    count: int
    sample: Letter
    oldest: float
    newest: float
    hours: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Redrive:
    """How letters are moved. Letters that failed again after `cutoff` (epoch seconds) stay where they are.

    `rate` is how many come due a second, 0: all at once; `message` replaces that of a single letter; `audit` is the id
    of the act's audit entry, which counts what was moved.
    """

    cutoff: float | None = None
    rate: float = 0.0
    who: str = ""
    why: str = ""
    message: str = ""
    audit: str = ""


AT_ONCE = Redrive()


class DeadLetterStore:
    """Letters by `stage/id`, newest first, by facet, and grouped by fingerprint."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def now(self) -> float:
        """Epoch seconds by the clock that letters are dated by."""
        return self._db.time()

    def get(self, key: str) -> Letter | None:
        """Return one letter, or None."""
        text = self._db.redis.get(keys.DEAD(key))
        return Letter.model_validate_json(text) if text else None

    def count(self, scope: Scope = EVERYTHING) -> int:
        """Return how many letters there are in a scope."""
        indexes = _indexes(scope)
        if len(indexes) == 1:
            return int(self._db.redis.zcard(indexes[0]))
        return int(self._db.redis.zintercard(len(indexes), indexes))

    def names(self, *, fingerprint: str = "", scope: Scope = EVERYTHING, start: int = 0, most: int = -1) -> list[str]:
        """Return the names of a scope's letters, newest first; `fingerprint` is short for the scope of one group."""
        indexes = _indexes(Scope(group=fingerprint) if fingerprint else scope)
        if len(indexes) == 1:
            names: list[str] = self._db.redis.zrange(indexes[0], start, -1 if most < 0 else start + most - 1, desc=True)
            return names
        if most < 0:
            found = self._db.redis.zinter(indexes, aggregate="MAX", withscores=True)
            return [name for name, _ in sorted(found, key=lambda row: row[1], reverse=True)][start:]
        by_size = sorted(indexes, key=self._db.redis.zcard)
        walked: list[str] = self._db.script("letters", start, most, *by_size)
        return walked

    def letters(self, names: Sequence[str]) -> Iterator[Letter]:
        """Yield the letters of the given names that still exist, in that order."""
        for start in range(0, len(names), CHUNK):
            for text in self._db.redis.mget([keys.DEAD(name) for name in names[start : start + CHUNK]]):
                if text:
                    yield Letter.model_validate_json(text)

    def groups(self) -> list[tuple[str, int]]:
        """Return the error groups as (fingerprint, number of letters), largest first."""
        return self.facet("group")

    def facet(self, name: str, *, most: int = 0) -> list[tuple[str, int]]:
        """Return a facet's values with their numbers of letters, largest first; `most` 0: all of them."""
        rows = self._db.redis.zrange(keys.DEAD_FACET(name), 0, most - 1, desc=True, withscores=True)
        return [(value, int(count)) for value, count in rows]

    def group_rows(self, *, most: int = 100) -> list[Group]:
        """Return the largest error groups with a sample each, in two round trips."""
        counts, now = self.facet("group", most=most), self.now()
        pipe = self._db.redis.pipeline(transaction=False)
        for fingerprint, _ in counts:
            index = keys.DEAD_BY("group", fingerprint)
            pipe.zrange(index, 0, 0, withscores=True)
            pipe.zrange(index, 0, 0, desc=True, withscores=True)
            for hour in range(HOURS, 0, -1):
                pipe.zcount(index, f"({now - hour * 3600}", now - (hour - 1) * 3600)
        answers, width = pipe.execute(), 2 + HOURS
        rows = [answers[start : start + width] for start in range(0, len(answers), width)]
        newest = [row[1][0][0] if row[1] else "" for row in rows]
        samples = {letter.key: letter for letter in self.letters(newest)}
        return [
            Group(
                fingerprint=fingerprint, count=count, sample=samples[name],
                oldest=row[0][0][1], newest=row[1][0][1], hours=tuple(row[2:]),
            )
            for (fingerprint, count), row, name in zip(counts, rows, newest, strict=True)
            if name in samples
        ]  # fmt: skip

    def since(self, at: float, scope: Scope = EVERYTHING) -> int:
        """Return how many letters of a scope (of one facet at most) are newer than a time."""
        return int(self._db.redis.zcount(_indexes(scope)[-1], f"({at}", "+inf"))

    def older_than(self, at: float, *, most: int) -> list[str]:
        """Return the names of letters whose last failure is older than a time, oldest first."""
        names: list[str] = self._db.redis.zrange(keys.DEAD_INDEX(), "-inf", at, byscore=True, offset=0, num=most)
        return names

    def lineage(self, key: str) -> list[dict[str, Any]]:
        """Return what operators did with this piece of work before, oldest first."""
        return [json.loads(text) for text in self._db.redis.lrange(keys.LINEAGE(key), 0, -1)]

    def redrive(
        self,
        names: Sequence[str],
        verb: Verb,
        how: Redrive = AT_ONCE,
        *,
        progress: Callable[[int], None] = lambda _done: None,
    ) -> int:
        """Queue the named letters again, or discard them, if they are still dead. Returns how many were moved."""
        moved, gap = 0, 1 / how.rate if how.rate > 0 else 0.0
        for start in range(0, len(names), CHUNK):
            chunk = list(names[start : start + CHUNK])
            order = {
                "verb": verb, "names": chunk, "cutoff": "" if how.cutoff is None else repr(how.cutoff),
                "first": moved * gap, "gap": gap, "who": how.who, "why": how.why, "message": how.message,
                "audit": how.audit,
            }  # fmt: skip
            moved += int(self._db.script("redrive", json.dumps(order)))
            progress(start + len(chunk))
        return moved


def _indexes(scope: Scope) -> list[str]:
    return [keys.DEAD_BY(facet, value) for facet, value in scope.facets().items()] or [keys.DEAD_INDEX()]


def as_json(letter: Letter) -> str:
    """Return the letter as it is stored."""
    return json.dumps(letter.model_dump(), ensure_ascii=False, separators=(",", ":"))
