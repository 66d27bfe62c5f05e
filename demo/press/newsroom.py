"""The newsroom: which article comes out next, at which outlet, and what has come out so far.

The order is decided by the seed alone; only the times come from outside, so that the same seed gives the same articles
whenever it runs.
"""

from __future__ import annotations

import re
import threading
import unicodedata
from collections import defaultdict
from dataclasses import dataclass, replace
from random import Random
from typing import TYPE_CHECKING

from demo.press import grammar
from demo.press.faults import Fault, catalogue
from demo.press.truth import Publication

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from demo.press.grammar import Family, Grammar, Story
    from demo.press.outlets import Outlet

WIRE_EVERY = 20  # one story in so many is the wire's and comes out at several outlets
WIRE_OUTLETS = 3
DRAWS = 60  # how often a title is drawn again before a number makes it unlike the others


@dataclass(frozen=True, kw_only=True)
class _Assignment:
    outlet: Outlet
    story: Story
    wire: str = ""


class Newsroom:
    """Publishes articles in the seed's order and keeps them. Safe to use from several threads."""

    def __init__(self, *, seed: int, outlets: Sequence[Outlet]) -> None:
        self._seed = seed
        self._outlets = tuple(outlets)
        self._titles: set[str] = set()
        self._by_path: dict[str, Publication] = {}
        self._by_outlet: dict[str, list[str]] = defaultdict(list)
        self._versions: dict[str, int] = defaultdict(int)
        self._assignments = self._assign()
        self._lock = threading.Lock()

    def publish(self, times: Sequence[float]) -> list[Publication]:
        """As many articles as there are times (epoch seconds), each at its own."""
        with self._lock:
            return [self._publish(next(self._assignments), at) for at in times]

    def correct(self, at: float) -> Publication | None:
        """Correct the newest uncorrected sound article of an outlet that corrects; None when there is no such one."""
        with self._lock:
            for publication in reversed(self._by_path.values()):
                if publication.outlet.corrects and publication.revision == 1 and not publication.fault.name:
                    return self._correct(publication, at)
        return None

    def find(self, path: str) -> Publication | None:
        """The article at a path."""
        return self._by_path.get(path)

    def latest(self, outlet: Outlet, count: int = 0) -> list[Publication]:
        """The newest articles of an outlet, newest first; all with a count of 0."""
        with self._lock:
            paths = self._by_outlet[outlet.slug]
            return [self._by_path[path] for path in reversed(paths[-count:])]

    def before(self, publication: Publication, count: int) -> list[Publication]:
        """Up to `count` articles that the same outlet published before this one, newest first."""
        with self._lock:
            paths = self._by_outlet[publication.outlet.slug]
            here = paths.index(publication.path)
            return [self._by_path[path] for path in reversed(paths[max(0, here - count) : here])]

    def version(self, outlet: Outlet) -> int:
        """A number that grows with each article and correction of an outlet."""
        return self._versions[outlet.slug]

    def all(self) -> list[Publication]:
        """Every article in the order of publication, each in its latest edition."""
        with self._lock:
            return list(self._by_path.values())

    def _publish(self, assignment: _Assignment, at: float) -> Publication:
        outlet, number = assignment.outlet, len(self._by_path)
        fault = self._fault(outlet)
        publication = Publication(
            number=number,
            outlet=outlet,
            story=assignment.story,
            path=_path(outlet, fault, number, assignment.story),
            author=Random(f"{self._seed}/author/{number}").choice(outlet.authors),
            published_at=at,
            updated_at=at,
            fault=fault,
            wire=assignment.wire,
        )
        self._by_path[publication.path] = publication
        self._by_outlet[outlet.slug].append(publication.path)
        self._versions[outlet.slug] += 1
        return publication

    def _correct(self, publication: Publication, at: float) -> Publication:
        language = grammar.load(publication.story.language)
        note = Random(f"{self._seed}/correction/{publication.number}").choice(language.background["correction"])
        story = publication.story
        corrected = replace(
            publication,
            story=replace(story, paragraphs=(*story.paragraphs, note)),
            earlier=(*publication.earlier, story),
            updated_at=at,
        )
        self._by_path[publication.path] = corrected
        self._versions[publication.outlet.slug] += 1
        return corrected

    def _fault(self, outlet: Outlet) -> Fault:
        if not outlet.faults:
            return catalogue()[""]
        return catalogue()[outlet.faults[len(self._by_outlet[outlet.slug]) % len(outlet.faults)]]

    def _assign(self) -> Iterator[_Assignment]:
        """The endless agenda: mostly one story for one outlet, sometimes the wire's for several."""
        wired = [outlet for outlet in self._outlets if outlet.takes_wire]
        turns = self._turns()
        number = 0
        while True:
            number += 1
            rng = Random(f"{self._seed}/story/{number}")
            if number % WIRE_EVERY or len(wired) < WIRE_OUTLETS:
                outlet = next(turns)
                yield _Assignment(outlet=outlet, story=self._distinct(_write(outlet, rng), outlet, rng))
            else:
                yield from self._wire(f"wire-{number}", rng.sample(wired, WIRE_OUTLETS), rng)

    def _turns(self) -> Iterator[Outlet]:
        """Each outlet once a round, in a new order each round, so that none starves."""
        turn = 0
        while True:
            turn += 1
            yield from Random(f"{self._seed}/round/{turn}").sample(self._outlets, len(self._outlets))

    def _wire(self, name: str, outlets: Sequence[Outlet], rng: Random) -> Iterator[_Assignment]:
        story = self._distinct(_write(outlets[0], rng), outlets[0], rng)
        local = grammar.load(story.language).background["local"]
        for place, outlet in enumerate(outlets):
            edited = story if not place else _edit(story, rng.choice(local), cut=place > 1)
            yield _Assignment(outlet=outlet, story=edited, wire=name)

    def _distinct(self, story: Story, outlet: Outlet, rng: Random) -> Story:
        for _ in range(DRAWS):
            if story.title not in self._titles:
                break
            story = _write(outlet, rng)
        else:
            story = replace(story, title=f"{story.title} ({len(self._titles)})")
        self._titles.add(story.title)
        return story


def _write(outlet: Outlet, rng: Random) -> Story:
    language = grammar.load(outlet.language)
    label = rng.choices(list(outlet.mix), weights=list(outlet.mix.values()))[0]
    return grammar.write(language, _family(language, label, outlet, rng), rng)


def _family(language: Grammar, label: str, outlet: Outlet, rng: Random) -> Family:
    families = language.families_of(label, outlet.topics)
    return rng.choices(families, weights=[family.weight for family in families])[0]


def _edit(story: Story, local: str, *, cut: bool) -> Story:
    """What an outlet makes of the wire's story: a line of its own, and for some the last paragraph goes."""
    kept = story.paragraphs[:-1] if cut else story.paragraphs
    return replace(story, paragraphs=(*kept, local))


def _path(outlet: Outlet, fault: Fault, number: int, story: Story) -> str:
    plain = unicodedata.normalize("NFKD", story.title).encode("ascii", "ignore").decode().lower()
    words = "-".join(re.findall(r"[a-z0-9]+", plain)[:9])
    folder = outlet.disallow if fault.reason == "robots" else "/"
    name = f"{words}-{number}" if len(words) > 8 else f"article-{number}"
    return f"/{outlet.slug}{folder}{name}{fault.suffix or '/'}"
