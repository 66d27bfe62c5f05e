"""Events: patterns over sentences. Pure.

A pattern's parts must all stand in one sentence, near each other. An event counts where the paragraph (or the title)
speaks of the topic; elsewhere it is somebody else's event.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from workers.classify.core.features import CLEAR
from workers.classify.core.matching import TITLE, spans_near
from workers.classify.core.ruleset import TOPIC
from workers.classify.core.text import sentences

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from workers.classify.core.matching import Part
    from workers.classify.core.mentions import Reading
    from workers.classify.core.ruleset import EventRule, Ruleset

Span = tuple[int, int]
_TITLE, _TOPICAL, _LOOSE = 3.0, 1.0, 0.35
_FAR = 1 << 60


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
        cues = reading.cues.groups_at(part.index)
        if cues and part.index not in reading.zones:
            found.extend(_find_in(ruleset, part, cues, facets.get(part.index, {})))
    return tuple(found)


def _facet_spans(reading: Reading) -> dict[int, dict[str, list[Span]]]:
    """Where each facet is mentioned, by part; `topic` for all that speak of it."""
    spans: dict[int, dict[str, list[Span]]] = defaultdict(lambda: defaultdict(list))
    for mention in reading.mentions:
        span = (mention.hit.start, mention.hit.end)
        here = spans[mention.hit.part]
        here[mention.term.facet].append(span)
        if mention.term.weight >= CLEAR and mention.term.facet != TOPIC:
            here[TOPIC].append(span)
    return spans


def _find_in(
    ruleset: Ruleset, part: Part, cues: Mapping[str, Sequence[Span]], facets: Mapping[str, Sequence[Span]]
) -> Iterable[EventFound]:
    told: dict[tuple[str, int], EventFound] = {}
    bounds = sentences(part.text)
    here = {*cues, *(f"{{{facet}}}" for facet in facets)}
    for cue in cues:
        for rule, pattern in ruleset.patterns.get(cue, ()):
            if pattern.needs <= here:
                places = [facets[name[1:-1]] if name[0] == "{" else cues[name] for name in pattern.parts]
                for sentence, span in _tellings(places, bounds, pattern.within):
                    weight = pattern.weight * _place_weight(part.index, facets.get(TOPIC, ()), sentence)
                    key = (rule.id, sentence[0])
                    if key not in told or told[key].weight < weight:
                        told[key] = EventFound(rule=rule, part=part.index, start=span[0], end=span[1], weight=weight)
    return told.values()


def _tellings(places: Sequence[Sequence[Span]], bounds: Sequence[Span], within: int) -> Iterator[tuple[Span, Span]]:
    """The sentences that tell it, each with the tightest span that has one of each part, no longer than `within`."""
    for index in sorted({bisect_right(bounds, (start, _FAR)) - 1 for start, _ in places[0]}):
        sentence = bounds[index]
        span = _together(places, sentence, within)
        if span is not None:
            yield sentence, span


def _place_weight(part: int, topic: Sequence[Span], sentence: Span) -> float:
    if part == TITLE:
        return _TITLE
    if any(sentence[0] <= start < sentence[1] for start, _ in spans_near(topic, *sentence, 0)):
        return _TOPICAL
    return _LOOSE if topic else _LOOSE / 2


def _together(places: Sequence[Sequence[Span]], sentence: Span, within: int) -> Span | None:
    """The tightest span that has one of each part in the sentence, if it is no longer than `within`."""
    inside = [
        [span for span in spans_near(spans, *sentence, 0) if sentence[0] <= span[0] and span[1] <= sentence[1]]
        for spans in places
    ]
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
