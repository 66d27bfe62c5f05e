"""The features that the model weighs: few, named, and each explained in a sentence. Pure.

All are between 0 and about 3, and are computed from the mentions of the topic (terms with a weight), never from words
in general: a model that learns words learns its sources.
"""

from __future__ import annotations

from collections import Counter
from math import log1p
from typing import TYPE_CHECKING

from workers.classify.core.matching import TITLE
from workers.classify.core.mentions import TITLE_AGAIN

if TYPE_CHECKING:
    from collections.abc import Sequence

    from workers.classify.core.mentions import Mention, Reading

NEIGHBOUR = "neighbour"  # facet of other subjects: other minerals, other markets
LEAD_WORDS = 90.0
_LIST_REACH = 60

EXPLAINED: dict[str, str] = {
    "title": "the strongest mention of the topic in the title",
    "lead": "mentions in the first 90 words of the body",
    "amount": "mentions in the body, logarithmic",
    "density": "mentions per hundred words of the body, logarithmic",
    "spread": "share of the body's paragraphs (by words) that mention the topic",
    "distinct": "different terms of the topic in title and body, logarithmic",
    "pure_play": "a company or project that is all about the topic, in the title or lead",
    "first": "how early the body first mentions it: 1 at the start, 0 at the end or never",
    "in_list": "share of mentions that stand in a list with other minerals",
    "rivals": "share of other minerals among all minerals mentioned",
    "rival_title": "another mineral in the title",
    "boilerplate": "share of mentions that stand in a company's own description or a disclaimer",
    "short": "a text of a headline's length, which a single mention can fill",
}


def features_of(reading: Reading) -> dict[str, float]:
    """The features of an article, by name; see EXPLAINED."""
    topical = [mention for mention in reading.mentions if mention.term.weight > 0]
    in_title = [mention for mention in topical if mention.hit.part == TITLE]
    in_body = [mention for mention in topical if not mention.zone and mention.hit.part != TITLE]
    in_zone = [mention for mention in topical if mention.zone not in {"", TITLE_AGAIN}]
    rivals = [m for m in reading.mentions if m.term.facet == NEIGHBOUR and not m.zone]
    words = sum(reading.words[part.index] for part in reading.body)
    title_words = reading.words.get(TITLE, 0.0)
    strength = sum(mention.strength for mention in in_body)
    title = max((mention.strength for mention in in_title), default=0.0)
    everything = strength + title
    return {
        "title": title,
        "lead": min(2.0, _lead(reading, in_body)),
        "amount": log1p(strength),
        "density": log1p(100.0 * (strength + title) / max(40.0, words + title_words)),
        "spread": _spread(reading, in_body),
        "distinct": log1p(len({mention.term.key for mention in (*in_title, *in_body) if not mention.negated})),
        "pure_play": _pure_play(reading, topical),
        "first": _first(reading, in_body),
        "in_list": _in_list(in_body, rivals),
        "rivals": len(rivals) / (len(rivals) + everything) if rivals else 0.0,
        "rival_title": float(any(mention.hit.part == TITLE for mention in rivals)),
        "boilerplate": len(in_zone) / (len(in_zone) + len(in_body) + len(in_title)) if in_zone else 0.0,
        "short": 1.0 / (1.0 + words / 40.0),
    }


def words_before(reading: Reading) -> dict[int, float]:
    """How many words of the body stand before each paragraph."""
    before: dict[int, float] = {}
    total = 0.0
    for part in reading.body:
        before[part.index] = total
        total += reading.words[part.index]
    return before


def place_of(reading: Reading, before: dict[int, float], mention: Mention) -> float:
    """A mention's place in the body, in words."""
    part = mention.hit.part
    length = max(1, len(reading.text(part)))
    return before.get(part, 0.0) + reading.words[part] * mention.hit.start / length


def _lead(reading: Reading, in_body: Sequence[Mention]) -> float:
    before = words_before(reading)
    return sum(mention.strength for mention in in_body if place_of(reading, before, mention) <= LEAD_WORDS)


def _first(reading: Reading, in_body: Sequence[Mention]) -> float:
    if not in_body:
        return 0.0
    before = words_before(reading)
    total = max(1.0, sum(reading.words[part.index] for part in reading.body))
    return 1.0 - min(place_of(reading, before, mention) for mention in in_body) / total


def _spread(reading: Reading, in_body: Sequence[Mention]) -> float:
    total = sum(reading.words[part.index] for part in reading.body)
    told = {mention.hit.part for mention in in_body if not mention.negated}
    return sum(reading.words[part] for part in told) / total if total else 0.0


def _pure_play(reading: Reading, topical: Sequence[Mention]) -> float:
    before = words_before(reading)
    best = 0.0
    for mention in topical:
        if mention.zone or not (mention.term.attributes.get("play") == "pure" or mention.term.facet == "project"):
            continue
        if mention.hit.part == TITLE:
            return 1.0
        if place_of(reading, before, mention) <= LEAD_WORDS:
            best = 0.6
    return best


def _in_list(in_body: Sequence[Mention], rivals: Sequence[Mention]) -> float:
    """A mention stands in a list when two rivals stand within a few words of it."""
    if not in_body or not rivals:
        return 0.0
    places: dict[int, list[int]] = {}
    for rival in rivals:
        places.setdefault(rival.hit.part, []).append(rival.hit.start)
    listed = sum(
        Counter(abs(start - mention.hit.start) <= _LIST_REACH for start in places.get(mention.hit.part, ()))[True] > 1
        for mention in in_body
    )
    return listed / len(in_body)
