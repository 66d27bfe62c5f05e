"""Stories from templates: a language's grammar and a random source make a story with its truth. Pure.

A template holds slots, `{company}` or `{country.adj}` (a digit, `{company2}`, asks for another one), and choices,
`<first|second>`. Within one story a slot keeps its value. What a value means (`elements:dysprosium`, `countries:CN`)
becomes an expected tag as soon as it is printed. The templates are data: `data/stories/<language>.toml`.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

from demo.press.outlets import DATA

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from random import Random

CHOICE = re.compile(r"<([^<>]*)>")
START = re.compile(r"(?:^|(?<=[.!?] )|(?<=[.!?]\" ))[a-zà-ÿ]")  # a sentence that opens with a slot
SLOT = re.compile(r"\{([a-z_]+)(\d?)(?:\.([a-z]+))?\}")

Entity = dict[str, str]


@dataclass(frozen=True, kw_only=True)
class Family:
    """A kind of story: its label and events, alternative titles, and for each paragraph its alternatives.

    An empty alternative leaves the paragraph out.
    """

    id: str
    label: str
    titles: tuple[str, ...]
    body: tuple[tuple[str, ...], ...]
    events: tuple[str, ...] = ()
    background: str = ""
    weight: int = 1


@dataclass(frozen=True, kw_only=True)
class Story:
    """A written story. `tags` maps a facet (`elements`, `companies`, `countries`, `events`) to sorted ids."""

    family: str
    label: str
    language: str
    title: str
    paragraphs: tuple[str, ...]
    tags: Mapping[str, tuple[str, ...]] = field(default_factory=dict, hash=False)
    phrases: tuple[str, ...] = ()  # names that a page may link


@dataclass(frozen=True, kw_only=True)
class Grammar:
    """One language: its families, its slots, and the paragraphs of background that several families share."""

    language: str
    families: tuple[Family, ...]
    slots: Mapping[str, tuple[Entity, ...]]
    numbers: Mapping[str, tuple[int, int, int]]
    background: Mapping[str, tuple[str, ...]]
    thousands: str = ""

    def families_of(self, label: str, topics: Sequence[str] = ()) -> list[Family]:
        """The families with a label, limited to some topics (ids) where that leaves any."""
        fitting = [family for family in self.families if family.label == label]
        return [family for family in fitting if family.id in topics] or fitting


def write(grammar: Grammar, family: Family, rng: Random) -> Story:
    """One story of the family, decided by `rng` alone."""
    draw = _Draw(grammar, rng)
    title = draw.text(rng.choice(family.titles))
    chosen = [rng.choice(alternatives) for alternatives in family.body]
    pool = grammar.background.get(family.background, ())
    chosen += rng.sample(pool, k=min(len(pool), rng.randint(1, 2)))
    paragraphs = tuple(draw.text(template) for template in chosen if template)
    tags = draw.tags(family) if family.label != "not" else {}
    return Story(
        family=family.id,
        label=family.label,
        language=grammar.language,
        title=title,
        paragraphs=paragraphs,
        tags=tags,
        phrases=tuple(draw.phrases),
    )


class _Draw:
    """The slots of one story: each keeps its first value, and what was printed is remembered."""

    def __init__(self, grammar: Grammar, rng: Random) -> None:
        self._grammar = grammar
        self._rng = rng
        self._values: dict[str, Entity] = {}
        self._tags: set[str] = set()
        self.phrases: list[str] = []

    def text(self, template: str) -> str:
        while CHOICE.search(template):
            template = CHOICE.sub(lambda found: self._rng.choice(found[1].split("|")), template)
        return START.sub(lambda found: found[0].upper(), SLOT.sub(self._print, template))

    def tags(self, family: Family) -> dict[str, tuple[str, ...]]:
        marks = self._tags | {f"events:{event}" for event in family.events}
        facets: dict[str, list[str]] = {}
        for mark in sorted(marks):
            facet, _, name = mark.partition(":")
            facets.setdefault(facet, []).append(name)
        return {facet: tuple(names) for facet, names in facets.items()}

    def _print(self, found: re.Match[str]) -> str:
        name, digit, part = found[1], found[2], found[3] or "text"
        if name + digit not in self._values:
            self._values[name + digit] = self._pick(name)
        entity = self._values[name + digit]
        if "tag" in entity:
            self._tags.add(entity["tag"])
            if part == "text" and entity["text"] not in self.phrases:
                self.phrases.append(entity["text"])
        return entity[part]

    def _pick(self, name: str) -> Entity:
        if name in self._grammar.numbers:
            return {"text": self._number(*self._grammar.numbers[name])}
        taken = [entity for key, entity in self._values.items() if key.rstrip("0123456789") == name]
        return self._rng.choice([entity for entity in self._grammar.slots[name] if entity not in taken])

    def _number(self, start: int, stop: int, step: int) -> str:
        return f"{self._rng.randrange(start, stop, step):,}".replace(",", self._grammar.thousands)


def _entity(row: str | Entity) -> Entity:
    return {"text": row} if isinstance(row, str) else row


def _family(row: Mapping[str, Any]) -> Family:
    body = tuple(tuple(alternatives) for alternatives in row["body"])
    plain = {key: row[key] for key in ("id", "label", "background", "weight") if key in row}
    return Family(**plain, titles=tuple(row["titles"]), body=body, events=tuple(row.get("events", ())))


@cache
def load(language: str) -> Grammar:
    """The grammar of a language (a BCP 47 primary tag); FileNotFoundError for one that has none."""
    data = tomllib.loads((DATA / "stories" / f"{language}.toml").read_text(encoding="utf-8"))
    return Grammar(
        language=language,
        families=tuple(_family(row) for row in data["story"]),
        slots={name: tuple(_entity(row) for row in rows) for name, rows in data["slots"].items()},
        numbers={name: (row[0], row[1], row[2]) for name, row in data["numbers"].items()},
        background={name: tuple(rows) for name, rows in data["background"].items()},
        thousands=data.get("thousands", ""),
    )
