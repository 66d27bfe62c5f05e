"""From mentions and events to tags: what an article is about, with evidence, weight and role. Pure.

A thing named in passing is evidence but no tag: each facet has its salience (`[salience]` in the topic's file). A
mention weighs by its place: title, opening, lead, body, a company's own description. It weighs less as an illustration
("such as …") and, for a country, as what others want to be independent of; more as what an event happens to, such as an
element that is put under export control.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from shared.tags import Evidence, Tag
from workers.classify.core.companies import find_companies, plain_id
from workers.classify.core.features import NEIGHBOUR, place_of, words_before
from workers.classify.core.matching import TITLE, spans_near, stands_after
from workers.classify.core.mentions import TITLE_AGAIN
from workers.classify.core.roles import role_of
from workers.classify.core.ruleset import Salience
from workers.classify.core.text import sentence_around

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from workers.classify.core.events import EventFound
    from workers.classify.core.mentions import Mention, Reading
    from workers.classify.core.ruleset import Ruleset, Term

MOST_EVIDENCE = 5
COUNTRY = "country"
_NO_LIMITS = Salience()
_UNTAGGED = frozenset({NEIGHBOUR, "wider"})  # other minerals, and words wider than the topic: evidence, but no tags
# Words of the body up to which a place is the opening or the lead, and what a mention there weighs.
_PLACES = ((45.0, 2.5), (120.0, 1.8))
_LEAD = _PLACES[-1][0]
_TITLE_WEIGHT, _BODY_WEIGHT, _ZONE_WEIGHT = 3.0, 1.0, 0.25
_ILLUSTRATION, _ILLUSTRATION_REACH = 0.3, 120
_DEPENDENCE, _DEPENDENCE_REACH = 0.4, 30
# A project or an agency says its country; a company's home only where no country is named.
_HOME = {"project": 1.0, "agency": 0.5}
_HOME_OF_COMPANY = 0.5
_IMPLIED_BY_PRODUCT = 0.5
_OBJECT = 2.0

_STOP = re.compile(r"[.;:!?。；]")


@dataclass(frozen=True, kw_only=True, slots=True)
class Weighed:
    """A mention as evidence for a tag, with its weight there."""

    mention: Mention
    weight: float


def tags_of(ruleset: Ruleset, reading: Reading, events: Sequence[EventFound]) -> tuple[Tag, ...]:
    """The tags of an article, heaviest first within a facet."""
    tags = [
        *_term_tags(ruleset, reading, events),
        *_company_tags(ruleset, reading),
        *_event_tags(ruleset, events, reading),
    ]
    return tuple(sorted(tags, key=lambda tag: (tag.facet, -tag.weight, tag.id)))


def _term_tags(ruleset: Ruleset, reading: Reading, events: Sequence[EventFound]) -> Iterable[Tag]:
    gathered = _gather(ruleset, reading, events)
    heaviest: dict[str, float] = defaultdict(float)
    weights = {key: sum(each.weight for each in found) for key, found in gathered.items()}
    for (facet, _), weight in weights.items():
        heaviest[facet] = max(heaviest[facet], weight)
    for key, found in gathered.items():
        if is_salient(ruleset.salience.get(key[0], _NO_LIMITS), weights[key], heaviest[key[0]]):
            yield _tag(ruleset, ruleset.terms[key], found, weights[key], reading)


def is_salient(limits: Salience, weight: float, heaviest: float) -> bool:
    """Whether a thing of this weight is what the article is about."""
    if limits.top and weight == heaviest:
        return True
    return weight >= limits.least and weight >= limits.share * heaviest


def _gather(ruleset: Ruleset, reading: Reading, events: Sequence[EventFound]) -> dict[tuple[str, str], list[Weighed]]:
    before = words_before(reading)
    told = _sentences_with_objects(ruleset, reading, events)
    gathered: dict[tuple[str, str], list[Weighed]] = defaultdict(list)
    for mention in reading.mentions:
        term = mention.term
        if term.facet in _UNTAGGED or mention.zone == TITLE_AGAIN:
            continue
        weight = _weight(mention, reading, before) * _discount(mention, reading)
        if mention.hit.form.weak:
            weight *= ruleset.salience.get(term.facet, _NO_LIMITS).doubtful
        if any(start <= mention.hit.start < end for start, end in told.get((term.facet, mention.hit.part), ())):
            weight *= _OBJECT
        gathered[term.key].append(Weighed(mention=mention, weight=weight))
        for implied in term.implies:
            facet, _, name = implied.partition(":")
            factor = _IMPLIED_BY_PRODUCT if term.facet == "product" else 1.0
            gathered[facet, name].append(Weighed(mention=mention, weight=weight * factor))
        home = (COUNTRY, term.attributes.get(COUNTRY, ""))
        if term.facet in _HOME and home in ruleset.terms:
            gathered[home].append(Weighed(mention=mention, weight=weight * _HOME[term.facet]))
    if not any(facet == COUNTRY for facet, _ in gathered):
        _add_homes_of_companies(ruleset, gathered)
    return gathered


def _sentences_with_objects(
    ruleset: Ruleset, reading: Reading, events: Sequence[EventFound]
) -> dict[tuple[str, int], set[tuple[int, int]]]:
    """By facet and part: the sentences that tell of an event which happens to things of that facet."""
    told: dict[tuple[str, int], set[tuple[int, int]]] = defaultdict(set)
    for facet, limits in ruleset.salience.items():
        for event in events:
            if event.rule.id in limits.object_of:
                told[facet, event.part].add(sentence_around(reading.text(event.part), event.start))
    return told


def _add_homes_of_companies(ruleset: Ruleset, gathered: dict[tuple[str, str], list[Weighed]]) -> None:
    for key, found in list(gathered.items()):
        home = (COUNTRY, ruleset.terms[key].attributes.get(COUNTRY, ""))
        if key[0] == "company" and home in ruleset.terms:
            gathered[home] += [Weighed(mention=each.mention, weight=each.weight * _HOME_OF_COMPANY) for each in found]


def _weight(mention: Mention, reading: Reading, before: dict[int, float]) -> float:
    if mention.zone:
        return _ZONE_WEIGHT
    return _weight_at(reading, before, mention.hit.part, mention.hit.start)


def _weight_at(reading: Reading, before: dict[int, float], part: int, start: int) -> float:
    if part == TITLE:
        return _TITLE_WEIGHT
    if part in reading.zones:
        return 0.0 if reading.zones[part] == TITLE_AGAIN else _ZONE_WEIGHT
    if before[part] > _LEAD:
        return _BODY_WEIGHT
    place = place_of(reading, before, part, start)
    return next((weight for words, weight in _PLACES if place <= words), _BODY_WEIGHT)


def _discount(mention: Mention, reading: Reading) -> float:
    hit = mention.hit
    factor = _DEPENDENCE if hit.term.facet == COUNTRY and _is_what_others_flee(mention, reading) else 1.0
    cues = reading.cues.at("illustration", hit.part)
    if not cues:
        return factor
    before = [s for s, e in spans_near(cues, hit.start, hit.start, _ILLUSTRATION_REACH) if e <= hit.start]
    if before and before[-1] >= sentence_around(reading.text(hit.part), hit.start)[0]:
        return factor * _ILLUSTRATION
    return factor


def _is_what_others_flee(mention: Mention, reading: Reading) -> bool:
    """Whether a country is named as the one that others depend on or want to be independent of."""
    hit, text = mention.hit, reading.text(mention.hit.part)
    before = spans_near(reading.cues.at("dependence_before", hit.part), hit.start, hit.start, _DEPENDENCE_REACH)
    return any(end <= hit.start and not _STOP.search(text, end, hit.start) for _, end in before) or stands_after(
        reading.cues.at("dependence_after", hit.part), hit.end, _DEPENDENCE_REACH
    )


def _tag(ruleset: Ruleset, term: Term, found: Sequence[Weighed], weight: float, reading: Reading) -> Tag:
    heaviest = sorted(found, key=lambda each: -each.weight)[:MOST_EVIDENCE]
    mentions = sorted((each.mention for each in heaviest), key=lambda each: (each.hit.part, each.hit.start))
    return Tag(
        facet=term.facet,
        id=term.id,
        label=term.label,
        weight=round(weight, 3),
        evidence=tuple(evidence(reading, each.hit.part, each.hit.start, each.hit.end) for each in mentions),
        role=role_of(ruleset, reading, [each.mention for each in found]) if term.facet == COUNTRY else "",
        wikidata=term.wikidata,
        iptc=term.iptc,
        attributes=dict(term.attributes),
    )


def evidence(reading: Reading, part: int, start: int, end: int) -> Evidence:
    """A span of the article as evidence."""
    field = "title" if part == TITLE else f"paragraphs[{part}]"
    return Evidence(field=field, start=start, end=end, text=reading.text(part)[start:end])


def _company_tags(ruleset: Ruleset, reading: Reading) -> Iterable[Tag]:
    before = words_before(reading)
    for company in find_companies(reading):
        weight = sum(_weight_at(reading, before, part, start) for part, start, _ in company.places)
        if is_salient(ruleset.salience.get("company", _NO_LIMITS), weight, 0.0):
            yield Tag(
                facet="company",
                id=plain_id(company.name),
                label=company.name,
                weight=round(weight, 3),
                evidence=tuple(evidence(reading, *place) for place in company.places[:MOST_EVIDENCE]),
                attributes={"ticker": ", ".join(company.tickers)} if company.tickers else {},
            )


def _event_tags(ruleset: Ruleset, events: Sequence[EventFound], reading: Reading) -> Iterable[Tag]:
    gathered: dict[str, list[EventFound]] = defaultdict(list)
    for event in events:
        gathered[event.rule.id].append(event)
    weights = {name: sum(event.weight for event in found) for name, found in gathered.items()}
    heaviest = max(weights.values(), default=0.0)
    for name, found in gathered.items():
        if not is_salient(ruleset.salience.get("event", _NO_LIMITS), weights[name], heaviest):
            continue
        rule = ruleset.events[name]
        strongest = sorted(found, key=lambda event: -event.weight)[:MOST_EVIDENCE]
        yield Tag(
            facet="event",
            id=rule.id,
            label=rule.label,
            weight=round(weights[name], 3),
            evidence=tuple(evidence(reading, event.part, event.start, event.end) for event in strongest),
            wikidata=rule.wikidata,
            iptc=rule.iptc,
        )
