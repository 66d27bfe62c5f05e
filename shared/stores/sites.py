"""Sites: the blocks that come back across each one's pages, and how its pages are read of late against before.

What it means is decided by the lessons that are passed in (`shared.lessons`); here it is kept, within bounds, and a
page is learnt once, however often it comes.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pydantic_core import to_json

from shared.lessons import Mark, Pupil, Teaching
from shared.stores import keys

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from shared.lessons import Lesson
    from shared.stores.connection import Database
    from shared.stores.wire import Command

TRIES = 5
FIELDS = ("version", "pages", "known", "articles", "drift")


@dataclass(frozen=True, kw_only=True)
class SiteView:
    """What reading a page takes: pages learnt from, and the marks of the blocks that came back, by fingerprint."""

    pages: int = 0
    marks: Mapping[str, Mark] = field(default_factory=dict)


@dataclass(kw_only=True)
class _Pupil(Pupil):
    """A site as it was read: `version` counts its writes, so that of two workers who read the same only one writes."""

    version: str


class SiteStore:
    """One memory a site. What `read_ahead` fetched is one process's: not for shared threads."""

    def __init__(self, database: Database, *, comes_back: int = 3) -> None:
        self._db = database
        self._comes_back = comes_back
        self._ahead: dict[str, SiteView] = {}

    def read_ahead(self, sites: Sequence[str]) -> None:
        """Fetch the views that are read next in one round trip; each of them serves until the next call."""
        wanted = list(dict.fromkeys(sites))
        rows = self._db.ask(*(("HMGET", keys.SITE(site), "pages", "known") for site in wanted))
        self._ahead = {site: _view(*row) for site, row in zip(wanted, rows, strict=True)}

    def view(self, site: str) -> SiteView:
        """Return what reading a page of the site takes; empty where nothing is known."""
        if site in self._ahead:
            return self._ahead[site]
        return _view(*self._db.redis.hmget(keys.SITE(site), "pages", "known"))

    def learn(self, site: str, lesson: Lesson) -> str:
        """Learn from a page as `learn_all` does."""
        return self.learn_all([Teaching(site=site, lesson=lesson)])[0]

    def learn_all(self, teachings: Sequence[Teaching]) -> list[str]:
        """Learn from pages in two round trips, each once for its article; returns each one's news on drift, or ''.

        A site's lessons are written wholly or not at all. Where others learn on the same site at the same time they are
        taken again, and given up after five tries: nothing but lessons is lost.
        """
        news, lessons = [""] * len(teachings), list(enumerate(teachings))
        for _ in range(TRIES):
            if not lessons:
                break
            pupils = self._pupils([one for _, one in lessons])
            told = {at: pupils[one.site].take(one.lesson, comes_back=self._comes_back) for at, one in lessons}
            written = self._write({site: pupil for site, pupil in pupils.items() if pupil.learnt})
            for at, one in lessons:
                news[at] = told[at] if one.site in written else ""
            lessons = [(at, one) for at, one in lessons if pupils[one.site].learnt and one.site not in written]
        return news

    def _pupils(self, teachings: Sequence[Teaching]) -> dict[str, _Pupil]:
        """Read what lessons take of their sites."""
        wanted: dict[str, dict[str, None]] = {}
        for one in teachings:
            wanted.setdefault(one.site, {}).update(dict.fromkeys(one.lesson.keys))
        commands: list[Command] = []
        for site, blocks in wanted.items():
            commands += (
                ("HMGET", keys.SITE(site), *FIELDS),
                ("HMGET", keys.SITE_BLOCKS(site), *blocks, ""),
                ("ZRANGE", keys.SITE_ORDER(site), 0, len(blocks)),
                ("ZCARD", keys.SITE_ORDER(site)),
            )
        answers = self._db.ask(*commands)
        return {
            site: _pupil(list(blocks), *answers[4 * at : 4 * at + 4])
            for at, (site, blocks) in enumerate(wanted.items())
        }

    def _write(self, pupils: Mapping[str, _Pupil]) -> set[str]:
        """Write what sites have learnt; returns those where nobody was faster."""
        if not pupils:
            return set()
        payload = [_payload(site, pupil) for site, pupil in pupils.items()]
        done = self._db.script("learn", keys.SITE.lifetime or 0, _json(payload))
        return {site for site, written in zip(pupils, done, strict=True) if written}

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


def _pupil(
    blocks: Sequence[str], fields: Sequence[str | None], found: Sequence[str | None], oldest: list[str], count: int
) -> _Pupil:
    version, pages, known, articles, drift = fields
    return _Pupil(
        version=version or "",
        pages=int(pages or 0),
        marks={key: json.loads(text) for key, text in zip(blocks, found, strict=False) if text},
        oldest=oldest,
        count=count,
        drift=json.loads(drift or "{}"),
        articles=(articles or "").split(),
        known=json.loads(known or "{}"),
    )


def _payload(site: str, pupil: _Pupil) -> list[Any]:
    fields = {
        "pages": str(pupil.pages),
        "known": _json(pupil.known),
        "articles": " ".join(pupil.articles),
        "drift": _json(pupil.drift),
    }
    marks = [text for key, mark in pupil.changed.items() for text in (key, _json(mark))]
    order = [part for key, mark in pupil.changed.items() for part in (mark["last"], key)]
    return [site, pupil.version, [text for pair in fields.items() for text in pair], marks, order, list(pupil.gone)]


def _json(value: Any) -> str:
    return to_json(value).decode()
