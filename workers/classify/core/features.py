"""The features that the model weighs: few, named, and each explained in a sentence. Pure.

All are between 0 and about 3, and are computed from the mentions of the topic (terms with a weight), never from words
in general: a model that learns words learns its sources.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from itertools import takewhile
from math import log1p
from typing import TYPE_CHECKING

from workers.classify.core.matching import TITLE
from workers.classify.core.mentions import TITLE_AGAIN
from workers.classify.core.text import sentence_around, sentences

if TYPE_CHECKING:
    from collections.abc import Sequence

    from workers.classify.core.mentions import Mention, Reading

TRADE = "commodity"  # the context of mining and trade
NEIGHBOUR = "neighbour"  # facet of other subjects: other minerals, other markets
LEAD_WORDS = 90.0
SHORTEST_BODY = 40.0  # words below which density says nothing more
NO_BODY = 12.0
ENOUGH_SENTENCES, ENOUGH_SHARE = 4.0, 0.25
CLEAR = 0.5  # strength from which a mention speaks of the topic by itself
NAMING = frozenset({"topic", "group"})
_LIST_REACH = 60
_AND = "and|or|und|oder|sowie|et|ou|y|e|и|или|i|oraz|og|och|ve|và|dan"
_SEPARATOR = re.compile(rf"[,،](?!\d)(?:\s(?:{_AND})(?=\s))?|[、，]|\s(?:{_AND})\s|和|及|与|或|や|など|等")
# Characters of an item, and of what may stand between a name and its separator; fewer where words are characters.
_ITEM, _CJK_ITEM, _RAGGED, _CJK_RAGGED = 17, 8, 12, 2
_CJK_FROM = "\u2e80"

EXPLAINED: dict[str, str] = {
    "title": "the strongest mention of the topic in the title",
    "trade": "whether the title has a word of mining or trade",
    "amount": "mentions in the body, logarithmic",
    "density": "mentions per hundred words of the body, logarithmic",
    "share": "share of the body's sentences (by length) that clearly mention the topic",
    "sustained": "whether the body keeps to the topic: four sentences and a quarter of the text make 1",
    "headline": "the title's mention where there is hardly a body",
    "pure_play": "a company or project that is all about the topic, in the title or lead",
    "in_list": "share of the topic's names that are one item of an enumeration",
    "rivals": "share of other minerals among all minerals mentioned",
    "boilerplate": "share of mentions that stand in a company's own description or a disclaimer",
}
# Of a digest only, and without a weight: its probability is its best item's, less where few items are on the topic.
ITEMS, ITEMS_ON_TOPIC = "items", "items_on_topic"
EXPLAINED_OF_DIGESTS: dict[str, str] = {
    ITEMS: "items of a digest, each judged by itself: the probability is the best one's",
    ITEMS_ON_TOPIC: "those on the topic; where they are less than a third the probability is cut",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class _Sorted:
    """The mentions of the topic by where they stand."""

    title: tuple[Mention, ...]
    body: tuple[Mention, ...]
    zone: tuple[Mention, ...]
    rivals: tuple[Mention, ...]


def _sort(reading: Reading) -> _Sorted:
    topical = [m for m in reading.mentions if m.term.weight > 0 and m.zone != TITLE_AGAIN]
    return _Sorted(
        title=tuple(m for m in topical if _is_headline(m, reading)),
        body=tuple(m for m in topical if m.hit.part != TITLE and not m.zone),
        zone=tuple(m for m in topical if m.zone),
        rivals=tuple(m for m in reading.mentions if m.term.facet == NEIGHBOUR and not m.zone),
    )


def _is_headline(mention: Mention, reading: Reading) -> bool:
    """Whether it stands in the title; where there is none, the first sentence stands in for it."""
    if TITLE in reading.texts or not reading.body:
        return mention.hit.part == TITLE
    first = reading.body[0]
    return mention.hit.part == first.index and mention.hit.start < sentences(first.text)[0][1]


def features_of(reading: Reading) -> dict[str, float]:
    """The features of an article, by name; see EXPLAINED."""
    found = _sort(reading)
    words = sum(reading.words[part.index] for part in reading.body)
    strength = sum(mention.strength for mention in found.body)
    title = max((mention.strength for mention in found.title), default=0.0)
    before = words_before(reading)
    lead = [m for m in found.body if place_of(reading, before, m.hit.part, m.hit.start) <= LEAD_WORDS]
    sentences_told, share = _told(reading, found.body)
    everything = (*found.title, *found.body)
    return {
        "title": title,
        "trade": 1.0 if reading.cues.at(TRADE, TITLE) else 0.0,
        "amount": log1p(strength),
        "density": log1p(100.0 * (strength + title) / max(SHORTEST_BODY, words + reading.words.get(TITLE, 0.0))),
        "share": share,
        "sustained": min(1.0, sentences_told / ENOUGH_SENTENCES) * min(1.0, share / ENOUGH_SHARE),
        "headline": title if words <= NO_BODY else 0.0,
        "pure_play": _pure_play(found.title, lead),
        "in_list": _in_list(reading, found.body, found.rivals),
        "rivals": len(found.rivals) / (len(found.rivals) + strength + title) if found.rivals else 0.0,
        "boilerplate": len(found.zone) / (len(found.zone) + len(everything)) if found.zone else 0.0,
    }


def words_before(reading: Reading) -> dict[int, float]:
    """How many words of the body stand before each paragraph."""
    before: dict[int, float] = {}
    total = 0.0
    for part in reading.body:
        before[part.index] = total
        total += reading.words[part.index]
    return before


def place_of(reading: Reading, before: dict[int, float], part: int, start: int) -> float:
    """A place in the body, in words from its start."""
    length = max(1, len(reading.text(part)))
    return before.get(part, 0.0) + reading.words[part] * start / length


def _told(reading: Reading, body: Sequence[Mention]) -> tuple[int, float]:
    """How many sentences of the body clearly mention the topic, and their share of its length.

    By sentences and their length, because sites cut paragraphs as they please.
    """
    told: set[tuple[int, int, int]] = set()
    for mention in body:
        if mention.strength >= CLEAR:
            part = mention.hit.part
            told.add((part, *sentence_around(reading.text(part), mention.hit.start)))
    length = sum(len(part.text) for part in reading.body)
    return len(told), sum(end - start for _, start, end in told) / length if length else 0.0


def _pure_play(title: Sequence[Mention], lead: Sequence[Mention]) -> float:
    if any(map(_is_pure_play, title)):
        return 1.0
    return 0.6 if any(map(_is_pure_play, lead)) else 0.0


def _is_pure_play(mention: Mention) -> bool:
    return mention.term.attributes.get("play") == "pure" or mention.term.facet == "project"


def _in_list(reading: Reading, body: Sequence[Mention], rivals: Sequence[Mention]) -> float:
    """The share of the topic's names that are an item of an enumeration; elements list each other, and don't count."""
    named = [mention for mention in body if mention.term.facet in NAMING and mention.strength >= CLEAR]
    if not named:
        return 0.0
    places: dict[int, list[int]] = {}
    for rival in rivals:
        places.setdefault(rival.hit.part, []).append(rival.hit.start)
    listed = 0
    for mention in named:
        hit = mention.hit
        starts = places.get(hit.part, [])
        near = bisect_right(starts, hit.start + _LIST_REACH) - bisect_left(starts, hit.start - _LIST_REACH)
        listed += near > 1 or _is_enumerated(reading.text(hit.part), hit.start, hit.end)
    return listed / len(named)


def _is_enumerated(text: str, start: int, end: int) -> bool:
    """Whether two short items stand beside a span, as in `fruit, cars, steel and rare earths`."""
    left = _SEPARATOR.split(text[max(0, start - _LIST_REACH) : start])[::-1]
    right = _SEPARATOR.split(text[end : end + _LIST_REACH])
    return _siblings(left) + _siblings(right) > 1


def _siblings(items: Sequence[str]) -> int:
    """How many short items follow in one direction; the first is what stands between the span and a separator."""
    if len(items) == 1 or len(items[0]) > (_CJK_RAGGED if _is_cjk(items[0]) else _RAGGED):
        return 0
    short = takewhile(lambda item: item.strip() and len(item) <= (_CJK_ITEM if _is_cjk(item) else _ITEM), items[1:])
    return sum(1 for _ in short)


def _is_cjk(item: str) -> bool:
    return item.strip()[-1:] > _CJK_FROM
