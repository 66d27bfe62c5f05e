"""Events: patterns over sentences. Pure.

A pattern's parts must all stand in one sentence, near each other. An event counts where the paragraph (or the title)
speaks of the topic; elsewhere it is somebody else's event.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from workers.classify.core.matching import TITLE
from workers.classify.core.ruleset import TOPIC
from workers.classify.core.text import sentences

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from workers.classify.core.mentions import Mention, Reading
    from workers.classify.core.ruleset import EventRule, Pattern, Ruleset

Span = tuple[int, int]
_TITLE, _TOPICAL, _LOOSE, _ZONE = 3.0, 1.0, 0.35, 0.0


@dataclass(frozen=True, kw_only=True, slots=True)
class EventFound:
    """An event's telling in one sentence."""

    rule: EventRule
    part: int
    start: int
    end: int
    weight: float


def find_events(ruleset: Ruleset, reading: Reading) -> tuple[EventFound, ...]:
    """All tellings of all events, one a sentence at most."""
    facets = _facet_spans(reading)
    found: list[EventFound] = []
    for part in reading.parts:
        if part.index in reading.zones:
            continue
        spans = sentences(part.text)
        topical = bool(facets[TOPIC].get(part.index))
        for rule in ruleset.events.values():
            found.extend(_tellings(rule, reading, facets, part.index, spans, topical=topical))
    return tuple(found)


def _facet_spans(reading: Reading) -> dict[str, dict[int, list[Span]]]:
    spans: dict[str, dict[int, list[Span]]] = defaultdict(lambda: defaultdict(list))
    for mention in reading.mentions:
        span = (mention.hit.start, mention.hit.end)
        spans[mention.term.facet][mention.hit.part].append(span)
        if mention.term.weight > 0:
            spans[TOPIC][mention.hit.part].append(span)
    return spans


def _tellings(
    rule: EventRule,
    reading: Reading,
    facets: dict[str, dict[int, list[Span]]],
    part: int,
    spans: Sequence[Span],
    *,
    topical: bool,
) -> Iterator[EventFound]:
    told: dict[int, EventFound] = {}
    for pattern in rule.patterns:
        places = [
            facets[name.strip("{}")].get(part, ()) if name.startswith("{") else reading.cues.at(name, part)
            for name in pattern.parts
        ]
        if not all(places):
            continue
        for index, sentence in enumerate(spans):
            span = _together(places, sentence, pattern.within)
            if span is None:
                continue
            weight = pattern.weight * _place_weight(part, facets[TOPIC].get(part, ()), sentence, topical=topical)
            if index not in told or told[index].weight < weight:
                told[index] = EventFound(rule=rule, part=part, start=span[0], end=span[1], weight=weight)
    yield from told.values()


def _place_weight(part: int, topic: Sequence[Span], sentence: Span, *, topical: bool) -> float:
    if part == TITLE:
        return _TITLE
    if any(sentence[0] <= start < sentence[1] for start, _ in topic):
        return _TOPICAL
    return _LOOSE * (1.0 if topical else 0.5)


def _together(places: Sequence[Sequence[Span]], sentence: Span, within: int) -> Span | None:
    """The tightest span that has one of each part in the sentence, if it is no longer than `within`."""
    inside = [[span for span in spans if sentence[0] <= span[0] and span[1] <= sentence[1]] for spans in places]
    if not all(inside):
        return None
    best: Span | None = None
    for anchor in inside[0]:
        start, end = anchor
        for spans in inside[1:]:
            near = min(spans, key=lambda span: abs(span[0] - anchor[0]))
            start, end = min(start, near[0]), max(end, near[1])
        if end - start <= within + anchor[1] - anchor[0] and (best is None or end - start < best[1] - best[0]):
            best = (start, end)
    return best


def pattern_words(pattern: Pattern) -> str:
    """A pattern as an analyst wrote it."""
    return " + ".join(pattern.parts)


def mentions_in(mentions: Sequence[Mention], part: int) -> list[Mention]:
    """The mentions of one part."""
    return [mention for mention in mentions if mention.hit.part == part]
