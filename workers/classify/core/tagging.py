"""From mentions and events to tags: what an article is about, with evidence, weight and role. Pure.

A thing named once in passing is evidence but no tag: each facet has a least weight (`[salience]` in the topic's file).
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from shared.tags import Evidence, Tag
from workers.classify.core.features import NEIGHBOUR
from workers.classify.core.matching import TITLE
from workers.classify.core.mentions import TITLE_AGAIN

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from workers.classify.core.events import EventFound
    from workers.classify.core.mentions import Mention, Reading
    from workers.classify.core.ruleset import Ruleset, Term

MOST_EVIDENCE = 5
_UNTAGGED = frozenset({NEIGHBOUR})
_LEAD_WORDS = 120.0
_TITLE_WEIGHT, _LEAD_WEIGHT, _BODY_WEIGHT, _ZONE_WEIGHT = 3.0, 2.0, 1.0, 0.25


def tags_of(ruleset: Ruleset, reading: Reading, events: Sequence[EventFound]) -> tuple[Tag, ...]:
    """The tags of an article, heaviest first within a facet."""
    tags = [*_term_tags(ruleset, reading), *_event_tags(ruleset, events, reading)]
    return tuple(sorted(tags, key=lambda tag: (tag.facet, -tag.weight, tag.id)))


def _term_tags(ruleset: Ruleset, reading: Reading) -> Iterable[Tag]:
    leads = _lead_parts(reading)
    gathered: dict[tuple[str, str], list[tuple[Mention, float]]] = defaultdict(list)
    for mention in reading.mentions:
        if mention.term.facet in _UNTAGGED or mention.zone == TITLE_AGAIN:
            continue
        weight = _weight(mention, leads)
        gathered[mention.term.key].append((mention, weight))
        for implied in mention.term.implies:
            facet, _, name = implied.partition(":")
            gathered[facet, name].append((mention, weight))
    for key, mentions in gathered.items():
        weight = sum(weight for _, weight in mentions)
        if weight >= ruleset.salience.get(key[0], 0.0):
            yield _tag(ruleset.terms[key], [mention for mention, _ in mentions], weight, reading)


def _lead_parts(reading: Reading) -> set[int]:
    leads: set[int] = set()
    words = 0.0
    for part in reading.body:
        if words >= _LEAD_WORDS:
            break
        leads.add(part.index)
        words += reading.words[part.index]
    return leads


def _weight(mention: Mention, leads: set[int]) -> float:
    if mention.zone:
        return _ZONE_WEIGHT
    if mention.hit.part == TITLE:
        return _TITLE_WEIGHT
    return _LEAD_WEIGHT if mention.hit.part in leads else _BODY_WEIGHT


def _tag(term: Term, mentions: Sequence[Mention], weight: float, reading: Reading) -> Tag:
    return Tag(
        facet=term.facet,
        id=term.id,
        label=term.label,
        weight=round(weight, 3),
        evidence=tuple(evidence(reading, m.hit.part, m.hit.start, m.hit.end) for m in mentions[:MOST_EVIDENCE]),
        wikidata=term.wikidata,
        iptc=term.iptc,
        attributes=dict(term.attributes),
    )


def evidence(reading: Reading, part: int, start: int, end: int) -> Evidence:
    """A span of the article as evidence."""
    field = "title" if part == TITLE else f"paragraphs[{part}]"
    return Evidence(field=field, start=start, end=end, text=reading.text(part)[start:end])


def _event_tags(ruleset: Ruleset, events: Sequence[EventFound], reading: Reading) -> Iterable[Tag]:
    gathered: dict[str, list[EventFound]] = defaultdict(list)
    for event in events:
        gathered[event.rule.id].append(event)
    for name, found in gathered.items():
        weight = sum(event.weight for event in found)
        if weight < ruleset.salience.get("event", 0.0):
            continue
        rule = ruleset.events[name]
        heaviest = sorted(found, key=lambda event: -event.weight)[:MOST_EVIDENCE]
        yield Tag(
            facet="event",
            id=rule.id,
            label=rule.label,
            weight=round(weight, 3),
            evidence=tuple(evidence(reading, event.part, event.start, event.end) for event in heaviest),
            wikidata=rule.wikidata,
            iptc=rule.iptc,
        )
