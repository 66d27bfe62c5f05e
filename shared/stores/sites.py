"""Sites: the blocks that come back across each one's pages, and how its pages are read of late against before.

What it means is decided by two pure functions that are passed in (`Lesson`); here it is kept, within bounds, and a page
is learnt once, however often it comes.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from redis.exceptions import WatchError

from shared.stores import keys

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from shared.stores.connection import Database

MOST_ARTICLES = 300  # whose ids are kept, so that a second look at a page teaches nothing
TRIES = 5
Mark = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class SiteView:
    """What reading a page takes: pages learnt from, and the marks of the blocks that came back, by fingerprint."""

    pages: int = 0
    marks: Mapping[str, Mark] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class SiteBefore:
    """A site before a lesson: page count, marks of the lesson's blocks, fingerprints in the order they leave, drift."""

    pages: int
    marks: Mapping[str, Mark]
    oldest: Sequence[str]
    count: int
    drift: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class SiteAfter:
    """What a lesson changes: page count, new and changed marks (`last` orders them), those that leave, drift, news."""

    pages: int
    marks: Mapping[str, Mark]
    gone: Sequence[str]
    drift: Mapping[str, Any]
    news: str = ""


class Lesson(Protocol):
    """One page as a lesson on its site. Pure; may be called again when another worker was faster."""

    @property
    def article(self) -> str: ...  # noqa: D102
    @property
    def keys(self) -> Sequence[str]: ...  # noqa: D102
    def taught(self, before: SiteBefore) -> SiteAfter: ...  # noqa: D102


class SiteStore:
    """One memory a site. What `read_ahead` fetched is one process's: not for shared threads."""

    def __init__(self, database: Database, *, comes_back: int = 3) -> None:
        self._db = database
        self._comes_back = comes_back
        self._ahead: dict[str, SiteView] = {}

    def read_ahead(self, sites: Sequence[str]) -> None:
        """Fetch the views that are read next in one round trip; each of them serves until the next call."""
        wanted = list(dict.fromkeys(sites))
        pipe = self._db.redis.pipeline(transaction=False)
        for site in wanted:
            pipe.hmget(keys.SITE(site), "pages", "known")
        self._ahead = dict(zip(wanted, (_view(*row) for row in pipe.execute()), strict=True)) if wanted else {}

    def view(self, site: str) -> SiteView:
        """Return what reading a page of the site takes; empty where nothing is known."""
        if site in self._ahead:
            return self._ahead[site]
        return _view(*self._db.redis.hmget(keys.SITE(site), "pages", "known"))

    def learn(self, site: str, lesson: Lesson) -> str:
        """Learn from a page, wholly or not at all, once for its article; returns the news on the site's drift, or ''.

        Where others learn on the same site at the same time it is tried again, and given up after five tries: nothing
        but a lesson is lost.
        """
        with self._db.redis.pipeline() as pipe:
            for _ in range(TRIES):
                try:
                    return self._learn(pipe, site, lesson)
                except WatchError:
                    continue
        return ""

    def _learn(self, pipe: Any, site: str, lesson: Lesson) -> str:
        pipe.watch(keys.SITE(site))
        pages, known, articles, drift = pipe.hmget(keys.SITE(site), "pages", "known", "articles", "drift")
        learnt = (articles or "").split()
        if lesson.article in learnt:
            pipe.unwatch()
            return ""
        wanted = list(lesson.keys)
        found = pipe.hmget(keys.SITE_BLOCKS(site), wanted) if wanted else []
        marks = {key: json.loads(text) for key, text in zip(wanted, found, strict=True) if text}
        before = SiteBefore(
            pages=int(pages or 0), marks=marks, oldest=pipe.zrange(keys.SITE_ORDER(site), 0, len(wanted)),
            count=pipe.zcard(keys.SITE_ORDER(site)), drift=json.loads(drift or "{}"),
        )  # fmt: skip
        after = lesson.taught(before)
        back = json.loads(known or "{}")
        back |= {key: _short(mark) for key, mark in after.marks.items() if mark["seen"] >= self._comes_back}
        self._write(pipe, site, after, {
            "pages": after.pages,
            "known": _json({key: mark for key, mark in back.items() if key not in set(after.gone)}),
            "articles": " ".join([*learnt, lesson.article][-MOST_ARTICLES:]),
            "drift": _json(after.drift),
        })  # fmt: skip
        return after.news

    def _write(self, pipe: Any, site: str, after: SiteAfter, fields: Mapping[str, str | int]) -> None:
        now = self._db.time()
        site_key, blocks, order = keys.SITE(site), keys.SITE_BLOCKS(site), keys.SITE_ORDER(site)
        pipe.multi()
        pipe.hset(site_key, mapping=fields)
        if after.marks:
            pipe.hset(blocks, mapping={key: _json(mark) for key, mark in after.marks.items()})
            pipe.zadd(order, {key: mark["last"] for key, mark in after.marks.items()})
        if after.gone:
            pipe.hdel(blocks, *after.gone)
            pipe.zrem(order, *after.gone)
        for key in (site_key, blocks, order):
            pipe.expire(key, keys.SITE.lifetime)
        pipe.zadd(keys.SITES(), {site: now})
        pipe.zremrangebyscore(keys.SITES(), "-inf", now - (keys.SITE.lifetime or 0))
        pipe.execute()

    def count(self) -> int:
        """Return of how many sites something is kept."""
        return int(self._db.redis.zcard(keys.SITES()))

    def list(self, *, start: int = 0, most: int = 100) -> list[dict[str, Any]]:
        """Return `site`, `at` (last learnt), `pages`, `blocks`, `known` and `drift` of sites, last learnt first."""
        rows = self._db.redis.zrange(keys.SITES(), start, start + most - 1, desc=True, withscores=True)
        pipe = self._db.redis.pipeline(transaction=False)
        for site, _ in rows:
            pipe.hmget(keys.SITE(site), "pages", "known", "drift")
            pipe.zcard(keys.SITE_ORDER(site))
        answers = pipe.execute()
        return [
            {"site": site, "at": at, "pages": int(pages or 0), "known": json.loads(known or "{}"),
             "drift": json.loads(drift or "{}"), "blocks": blocks}
            for (site, at), (pages, known, drift), blocks in zip(rows, answers[::2], answers[1::2], strict=True)
        ]  # fmt: skip

    def show(self, site: str) -> dict[str, Any] | None:
        """Return one site as `list` does, its `known` marks with their texts; None where nothing is kept of it."""
        at = self._db.redis.zscore(keys.SITES(), site)
        if at is None:
            return None
        pages, known, drift = self._db.redis.hmget(keys.SITE(site), "pages", "known", "drift")
        names = list(json.loads(known or "{}"))
        texts = self._db.redis.hmget(keys.SITE_BLOCKS(site), names) if names else []
        return {
            "site": site, "at": float(at), "pages": int(pages or 0), "drift": json.loads(drift or "{}"),
            "known": {name: json.loads(text) for name, text in zip(names, texts, strict=True) if text},
            "blocks": int(self._db.redis.zcard(keys.SITE_ORDER(site))),
        }  # fmt: skip

    def reset(self, site: str) -> bool:
        """Begin anew with a site: an operator's decision. True if something was kept."""
        pipe = self._db.redis.pipeline()
        pipe.delete(keys.SITE(site), keys.SITE_BLOCKS(site), keys.SITE_ORDER(site))
        pipe.zrem(keys.SITES(), site)
        return any(pipe.execute())


def _view(pages: str | None, known: str | None) -> SiteView:
    return SiteView(pages=int(pages or 0), marks=json.loads(known or "{}"))


def _short(mark: Mark) -> Mark:
    """A mark without what only learning and people need."""
    return {name: value for name, value in mark.items() if name not in {"text", "pages"}}


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
