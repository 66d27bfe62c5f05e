"""Why an article was tagged or not: mentions with weight and rule, refusals, each feature's share. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from workers.classify.core.features import EXPLAINED, EXPLAINED_OF_DIGESTS
from workers.classify.core.mentions import FALSE_FRIEND, read
from workers.classify.core.tagging import evidence
from workers.classify.core.verdict import DEFAULT, classify, is_mentioned

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shared.tags import Verdict
    from workers.classify.core.matching import Hit
    from workers.classify.core.mentions import Reading
    from workers.classify.core.ruleset import Ruleset
    from workers.classify.core.verdict import Thresholds


@dataclass(frozen=True, kw_only=True)
class Place:
    """A spelling at a place, the rule that knows it (`file:line`), what it weighs, and why it does not count, if so."""

    facet: str
    id: str
    text: str
    field: str
    start: int
    end: int
    weight: float
    rule: str
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Part:
    """A feature's part in the log-odds."""

    feature: str
    value: float
    weight: float
    share: float
    means: str


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """All that led to a verdict. `mentioned` is whether anything proves the topic; without it nothing is on it."""

    verdict: Verdict
    mentioned: bool
    intercept: float
    parts: tuple[Part, ...]
    counted: tuple[Place, ...]
    refused: tuple[Place, ...]

    def as_json(self) -> dict[str, Any]:
        """The explanation as JSON."""
        return {
            "decision": self.verdict.decision,
            "probability": self.verdict.probability,
            "ruleset": self.verdict.ruleset,
            "mentioned": self.mentioned,
            "intercept": self.intercept,
            "features": [vars(part) for part in self.parts],
            "counted": [vars(place) for place in self.counted],
            "refused": [vars(place) for place in self.refused],
            "tags": [tag.model_dump() for tag in self.verdict.tags],
        }


def explain(
    ruleset: Ruleset,
    *,
    title: str,
    paragraphs: Sequence[str],
    language: str = "",
    kinds: Sequence[str] = (),
    thresholds: Thresholds = DEFAULT,
) -> Explanation:
    """Classify an article and say why."""
    verdict = classify(
        ruleset, title=title, paragraphs=paragraphs, language=language, kinds=kinds, thresholds=thresholds
    )
    reading = read(ruleset, title, paragraphs, language=language)
    weights = ruleset.model.weights
    parts = [
        Part(
            feature=name,
            value=value,
            weight=round(weights.get(name, 0.0), 3),
            share=round(value * weights.get(name, 0.0), 3),
            means=(EXPLAINED | EXPLAINED_OF_DIGESTS)[name],
        )
        for name, value in verdict.features.items()
    ]
    return Explanation(
        verdict=verdict,
        mentioned=is_mentioned(reading, thresholds),
        intercept=round(ruleset.model.intercept, 3),
        parts=tuple(sorted(parts, key=lambda part: -abs(part.share))),
        counted=tuple(_counted(reading)),
        refused=tuple(
            _place(reading, refusal.hit, weight=refusal.hit.term.weight, note=refusal.why)
            for refusal in reading.rejections
            if refusal.hit.term.weight or refusal.hit.term.facet == FALSE_FRIEND
        ),
    )


def _counted(reading: Reading) -> list[Place]:
    places = [
        _place(reading, mention.hit, weight=mention.strength, note=_note(negated=mention.negated, zone=mention.zone))
        for mention in reading.mentions
        if mention.term.weight
    ]
    return sorted(places, key=lambda place: -place.weight)


def _note(*, negated: bool, zone: str) -> str:
    return ", ".join([*(["negated"] if negated else []), *([f"in {zone}"] if zone else [])])


def _place(reading: Reading, hit: Hit, *, weight: float, note: str) -> Place:
    found = evidence(reading, hit.part, hit.start, hit.end)
    return Place(
        facet=hit.term.facet,
        id=hit.term.id,
        text=found.text,
        field=found.field,
        start=found.start,
        end=found.end,
        weight=round(weight, 3),
        rule=hit.term.source,
        note=note,
    )
