"""From hits to mentions: which spellings mean what the lexicon says, and how much they weigh where they stand. Pure.

A hit becomes a mention unless a condition of its term fails (`needs`, `unless`), its spelling is doubtful and nothing
else names the topic, or it is a false friend. A mention weighs less when negated, and little in a company's own words.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from workers.classify.core.matching import TITLE, find, spans_near, split_article, stands_after, stands_before
from workers.classify.core.ruleset import TOPIC
from workers.classify.core.text import sentence_around, word_count

if TYPE_CHECKING:
    from collections.abc import Sequence

    from workers.classify.core.matching import Cues, Hit, Part
    from workers.classify.core.ruleset import Condition, Ruleset, Term, Zone

FALSE_FRIEND = "false_friend"
TITLE_AGAIN = "title"  # a first paragraph that repeats the title
NEAR = 100  # characters
_NEGATED, _BOILERPLATE = 0.3, 0.25
_NEGATION_REACH = 3


class Mention(NamedTuple):
    """A hit that stands. `strength` is its term's weight after negation and zone."""

    hit: Hit
    strength: float
    negated: bool = False
    proves: bool = False  # it leaves no doubt that the topic is meant
    zone: str = ""

    @property
    def term(self) -> Term:
        """The term that is mentioned."""
        return self.hit.term


@dataclass(frozen=True, kw_only=True, slots=True)
class Rejection:
    """A hit that does not stand, and why: for `explain`."""

    hit: Hit
    why: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """An article as the rule set reads it; everything later is computed from this."""

    parts: tuple[Part, ...]
    mentions: tuple[Mention, ...]
    rejections: tuple[Rejection, ...]
    cues: Cues
    zones: dict[int, str]  # part index to zone id
    words: dict[int, float]  # part index to count
    texts: dict[int, str]
    body: tuple[Part, ...]  # the paragraphs that are news: no zone, and not the title over again

    def text(self, part: int) -> str:
        """A part's original text."""
        return self.texts[part]


def read(ruleset: Ruleset, title: str, paragraphs: Sequence[str], *, language: str = "") -> Reading:
    """Find, judge and weigh everything that the rule set knows in an article."""
    parts = split_article(title, paragraphs)
    hits, cues = find(ruleset, parts, language=language)
    zones = find_zones(ruleset, parts, title)
    texts = {part.index: part.text for part in parts}
    named = _names_topic(hits, cues, texts)
    mentions: list[Mention] = []
    rejections: list[Rejection] = []
    for hit in hits:
        why = _why_not(hit, cues, texts, named=named)
        if why:
            rejections.append(Rejection(hit=hit, why=why))
        else:
            mentions.append(_mention(hit, cues, zones, proves=_proves(hit, cues, texts, named=named)))
    return Reading(
        parts=parts,
        mentions=tuple(mentions),
        rejections=tuple(rejections),
        cues=cues,
        zones=zones,
        words={part.index: word_count(part.text) for part in parts},
        texts=texts,
        body=tuple(part for part in parts if part.index != TITLE and part.index not in zones),
    )


def find_zones(ruleset: Ruleset, parts: Sequence[Part], title: str) -> dict[int, str]:
    """Which paragraphs are no news."""
    zones: dict[int, str] = {}
    rest = ""
    for part in parts:
        if part.index == TITLE:
            continue
        lower = part.folded.lower.strip(" #*_")
        zone = next((zone for zone in ruleset.zones if _opens(zone, part.text, lower)), None)
        if zone is not None and zone.rest and part.index > 0:
            rest = zone.id
        if rest or zone is not None:
            zones[part.index] = rest or (zone.id if zone else "")
        elif part.index == 0 and part.text.strip(" #*_\n") == title.strip():
            zones[part.index] = TITLE_AGAIN
    return zones


def news_of(ruleset: Ruleset, title: str, paragraphs: Sequence[str]) -> tuple[str, ...]:
    """The paragraphs that are news: without a company's description and disclaimers, which different stories share."""
    zones = find_zones(ruleset, split_article(title, paragraphs), title)
    return tuple(paragraph for index, paragraph in enumerate(paragraphs) if index not in zones)


def _opens(zone: Zone, text: str, lower: str) -> bool:
    return lower.startswith(zone.openings) and (not zone.longest or len(text) <= zone.longest)


def _names_topic(hits: Sequence[Hit], cues: Cues, texts: dict[int, str]) -> bool:
    """Whether a spelling that is not doubtful names the topic itself."""
    return any(
        not hit.form.weak and _proves(hit, cues, texts, named=False) and not _why_not(hit, cues, texts, named=False)
        for hit in hits
    )


def _proves(hit: Hit, cues: Cues, texts: dict[int, str], *, named: bool) -> bool:
    term = hit.term
    return term.core or (term.core_with is not None and bool(_holds(term.core_with, hit, cues, texts, named=named)))


def _why_not(hit: Hit, cues: Cues, texts: dict[int, str], *, named: bool) -> str:
    if hit.term.facet == FALSE_FRIEND:
        return f"false friend: {hit.term.attributes.get('why', hit.term.label)}"
    if hit.form.weak and not named:
        return "doubtful spelling, and nothing else names the topic"
    term = hit.term
    if term.unless is not None and (found := _holds(term.unless, hit, cues, texts, named=named)):
        return f"stands with {found} words"
    if term.needs is not None and not _holds(term.needs, hit, cues, texts, named=named):
        return f"without any word of {' or '.join(term.needs.names)}"
    return ""


def _holds(condition: Condition, hit: Hit, cues: Cues, texts: dict[int, str], *, named: bool) -> str:
    """The first context of a condition that is met, or nothing; `alone` is anywhere, where nothing names the topic."""
    for context, scope in condition.contexts:
        if context == TOPIC:
            if named:
                return context
        elif scope in {"article", "alone"}:
            if cues.anywhere(context) and not (named and scope == "alone"):
                return context
        elif _met(scope, cues.at(context, hit.part), hit, texts[hit.part]):
            return context
    return ""


def _met(scope: str, spans: Sequence[tuple[int, int]], hit: Hit, text: str) -> bool:
    """Whether a word of a context stands within a scope of a hit; a word is no context of itself."""
    if scope == "paragraph":
        return any(not _overlaps(span, hit) for span in spans)
    if scope == "near":
        return any(not _overlaps(span, hit) for span in spans_near(spans, hit.start, hit.end, NEAR))
    start, end = sentence_around(text, hit.start) if spans else (0, 0)
    return any(start <= span[0] < end and not _overlaps(span, hit) for span in spans_near(spans, start, end, 0))


def _overlaps(span: tuple[int, int], hit: Hit) -> bool:
    return span[0] < hit.end and hit.start < span[1]


def _mention(hit: Hit, cues: Cues, zones: dict[int, str], *, proves: bool) -> Mention:
    negated = bool(hit.term.weight) and _is_negated(hit, cues)
    zone = zones.get(hit.part, "")
    factor = (_NEGATED if negated else 1.0) * _zone_factor(zone)
    return Mention(hit=hit, strength=hit.term.weight * factor, negated=negated, zone=zone, proves=proves)


def _zone_factor(zone: str) -> float:
    if zone == TITLE_AGAIN:
        return 0.0
    return _BOILERPLATE if zone else 1.0


def _is_negated(hit: Hit, cues: Cues) -> bool:
    return stands_before(cues.at("negation_before", hit.part), hit.start, _NEGATION_REACH) or stands_after(
        cues.at("negation_after", hit.part), hit.end, _NEGATION_REACH
    )
