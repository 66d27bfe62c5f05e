"""The archive of a system's state: JSON lines, versioned, optionally gzip. `docs/backup.md` documents the format.

The first line says what it is, the last one how many lines of each kind there are, so that a torn file is found out.
An archive is read through and checked before anything is changed. What is there already stays as it is: importing it
twice changes nothing, and importing into a running system adds what it lacks.
"""

from __future__ import annotations

import base64
import gzip
import json
import time
from collections import Counter
from importlib.metadata import version
from typing import IO, TYPE_CHECKING, Any, cast

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from shared.stores import keys
from shared.stores.archive import ArchiveStore, Body
from shared.stores.dead_letters import Letter  # noqa: TC001 - pydantic reads it

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from shared.stores.connection import Database

FORMAT, VERSION = "rarewire-archive", 1
CHUNK = 250


class ArchiveError(ValueError):
    """A file that is no archive, not a whole one, or one of a newer version; the text says what to do."""


class Row(BaseModel):
    """A line's values. Unknown fields are ignored, so that an archive of a later minor release can be read."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class FeedRow(Row):
    """A feed."""

    id: str
    fields: dict[str, str]
    seen: dict[str, str] = {}
    next_poll: float | None = None


class WorkRow(Row):
    """A piece of work."""

    stage: str = Field(pattern="^(fetch|extract|classify)$")
    id: str
    message: str
    at: float
    tries: int = 0
    deaths: int = 0
    attempts: str = "[]"
    first: float


class DeadRow(Row):
    """A dead letter and what operators did with it before."""

    letter: Letter
    lineage: tuple[str, ...] = ()


class ArticleRow(Row):
    """An article's record; `lifetime` in seconds."""

    id: str
    fields: dict[str, str] = Field(min_length=1)
    lifetime: int = Field(ge=1)


class BodyRow(Row):
    """Bytes under a key, packed and in base64."""

    family: str = Field(pattern="^(page|text|entry)$")
    id: str
    data: str
    lifetime: int = Field(ge=1)


class StreamRow(Row):
    """How far a public stream had come, and who reads it."""

    stream: str
    sequence: int
    groups: dict[str, str] = {}


ROWS: dict[str, type[Row]] = {
    "feed": FeedRow, "work": WorkRow, "dead": DeadRow, "article": ArticleRow, "body": BodyRow, "stream": StreamRow,
}  # fmt: skip


def lines(database: Database, *, texts: bool = False) -> Iterator[dict[str, Any]]:
    """Yield an archive's lines; with `texts` those of all articles that are kept, for tagging them again."""
    counts: Counter[str] = Counter()
    yield {
        "kind": FORMAT, "version": VERSION, "layout": keys.LAYOUT, "release": version("rarewire"),
        "made_at": round(time.time(), 3),
    }  # fmt: skip
    for kind, row in _rows(ArchiveStore(database), texts=texts):
        counts[kind] += 1
        yield {"kind": kind, **row}
    yield {"kind": "end", "counts": dict(counts)}


def _rows(store: ArchiveStore, *, texts: bool) -> Iterator[tuple[str, dict[str, Any]]]:
    """Dead letters are read before and after the work, because work dies and an operator raises the dead meanwhile."""
    known: set[str] = set()
    yield from (("stream", row) for row in store.streams())
    yield from (("feed", row) for row in store.feeds())
    yield from (("dead", row) for row in store.dead(known))
    for work in store.work():
        yield "work", work
        yield from (("body", _body_row(body)) for body in store.body_of(work))
    yield from (("dead", row) for row in store.dead(known))
    if texts:
        yield from (("body", _body_row(body)) for body in store.texts())
    yield from (("article", row) for row in store.articles())


def write(database: Database, target: IO[bytes], *, texts: bool = False) -> Counter[str]:
    """Write an archive; returns how many lines of each kind."""
    counts: Counter[str] = Counter()
    for line in lines(database, texts=texts):
        target.write(json.dumps(line, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")
        counts[line["kind"]] += 1
    return Counter({kind: count for kind, count in counts.items() if kind in ROWS})


def check(path: Path) -> Counter[str]:
    """Read an archive through; returns how many lines of each kind it has. Raises ArchiveError, OSError."""
    counts: Counter[str] = Counter()
    for kind, _ in read(path):
        counts[kind] += 1
    return counts


def read(path: Path) -> Iterator[tuple[str, Row]]:
    """Yield the rows of an archive; unknown kinds are passed over. Raises ArchiveError at what is wrong, OSError."""
    counts: Counter[str] = Counter()
    end: dict[str, Any] | None = None
    with _opened(path) as file:
        for number, line in enumerate(_whole(file, path), 1):
            values = _parsed(line, f"{path}, line {number}")
            kind = values.pop("kind", "")
            if number == 1:
                _check_head(kind, values, path)
            elif kind == "end":
                end = values
            elif kind in ROWS:
                counts[kind] += 1
                yield kind, _row(kind, values, f"{path}, line {number}")
    told = {kind: count for kind, count in (end or {}).get("counts", {}).items() if kind in ROWS}
    if end is None or told != dict(counts):
        raise ArchiveError(f"{path} is torn: its last line does not tell what is in it; take another archive")


def restore(
    database: Database, path: Path, *, progress: Callable[[int], None] = lambda _done: None
) -> dict[str, tuple[int, int]]:
    """Put an archive's state back; returns of each kind how many there were, and how many were new.

    Raises ArchiveError, before anything is changed, or OSError.
    """
    found, store = check(path), ArchiveStore(database)
    new: Counter[str] = Counter()
    polls: list[tuple[str, float | None]] = []
    # Work comes last: a running worker must find the bodies and the records that it needs.
    for kinds in (frozenset(ROWS) - {"work"}, frozenset({"work"})):
        for kind, rows in _batches(path, kinds):
            new[kind] += _put(store, kind, rows, polls)
            progress(len(rows))
    for feed_id, at in polls:
        store.plan_poll(feed_id, database.time() if at is None else at)
    return {kind: (found[kind], new[kind]) for kind in ROWS if found[kind]}


def _batches(path: Path, kinds: frozenset[str]) -> Iterator[tuple[str, list[Row]]]:
    """Yield the rows of some kinds, up to `CHUNK` of a kind at a time."""
    waiting: dict[str, list[Row]] = {}
    for kind, row in read(path):
        if kind in kinds:
            waiting.setdefault(kind, []).append(row)
            if len(waiting[kind]) == CHUNK:
                yield kind, waiting.pop(kind)
    yield from waiting.items()


def _put(store: ArchiveStore, kind: str, rows: list[Row], polls: list[tuple[str, float | None]]) -> int:
    at_once = {"work": store.put_work, "dead": store.put_dead, "article": store.put_articles}
    if kind in at_once:
        return at_once[kind]([row.model_dump() for row in rows])
    return sum(_put_one(store, kind, row, polls) for row in rows)


def _put_one(store: ArchiveStore, kind: str, row: Row, polls: list[tuple[str, float | None]]) -> bool:
    if kind == "feed":
        feed = cast("FeedRow", row)
        if feed.fields.get("pz") != "1":
            polls.append((feed.id, feed.next_poll))
        return store.put_feed(feed.id, feed.fields, feed.seen)
    if kind == "body":
        body = cast("BodyRow", row)
        data = base64.b64decode(body.data)
        return store.put_body(Body(family=body.family, id=body.id, data=data, lifetime=body.lifetime))
    stream = cast("StreamRow", row)
    return store.put_stream(stream.stream, stream.sequence, stream.groups)


def _body_row(body: Body) -> dict[str, Any]:
    data = base64.b64encode(body.data).decode()
    return {"family": body.family, "id": body.id, "data": data, "lifetime": body.lifetime}


def _opened(path: Path) -> IO[bytes]:
    with path.open("rb") as file:
        packed = file.read(2) == b"\x1f\x8b"
    return cast("IO[bytes]", gzip.open(path, "rb")) if packed else path.open("rb")


def _whole(file: IO[bytes], path: Path) -> Iterator[bytes]:
    try:
        yield from file
    except EOFError as error:
        raise ArchiveError(f"{path} is torn: the gzip stream ends early; take another archive") from error
    except gzip.BadGzipFile as error:
        raise ArchiveError(f"{path} is damaged: {error}") from error


def _parsed(line: bytes, where: str) -> dict[str, Any]:
    try:
        values = json.loads(line)
    except ValueError as error:
        raise ArchiveError(f"{where}: is not JSON") from error
    if not isinstance(values, dict):
        raise ArchiveError(f"{where}: is no JSON object")
    return values


def _check_head(kind: object, values: dict[str, Any], path: Path) -> None:
    if kind != FORMAT:
        raise ArchiveError(f"{path} is no archive of rarewire; `rarewire export` writes one")
    if not isinstance(values.get("version"), int) or values["version"] > VERSION:
        raise ArchiveError(
            f"{path} has version {values.get('version')} and this release reads up to {VERSION}; "
            f"it was made by rarewire {values.get('release')}: import it with that release or a newer one"
        )


def _row(kind: str, values: dict[str, Any], where: str) -> Row:
    try:
        return ROWS[kind].model_validate(values)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise ArchiveError(f"{where} ({kind}): {'.'.join(map(str, first['loc']))}: {first['msg']}") from error
