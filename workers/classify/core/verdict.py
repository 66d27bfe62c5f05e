"""The whole of classification: an article in, a verdict out. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from shared.tags import Tag, Verdict
from workers.classify.core.events import find_events
from workers.classify.core.features import features_of
from workers.classify.core.mentions import TITLE_AGAIN, read
from workers.classify.core.tagging import MOST_EVIDENCE, evidence, tags_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from workers.classify.core.mentions import Reading
    from workers.classify.core.ruleset import Ruleset

NOT = "not"
PASSING = "passing_mention"


@dataclass(frozen=True, kw_only=True)
class Thresholds:
    """`on_topic`: least probability for the topic; `mention`: least summed strength for a passing mention."""

    on_topic: float = 0.5
    mention: float = 0.1


DEFAULT = Thresholds()


def classify(
    ruleset: Ruleset,
    *,
    title: str,
    paragraphs: Sequence[str],
    language: str = "",
    thresholds: Thresholds = DEFAULT,
) -> Verdict:
    """The topic's verdict on an article.

    `language` is a BCP 47 primary tag or empty. The decision is the topic's id (as `rare_earth`), `passing_mention`
    or `not`.
    Evidence offsets slice `title` and `paragraphs` exactly. Time and memory grow linearly with the text.
    """
    reading = read(ruleset, title, paragraphs, language=language)
    features = features_of(reading)
    probability = ruleset.model.probability(features)
    decision = _decide(ruleset, reading, probability, thresholds)
    tags = (
        ()
        if decision == NOT
        else (
            _relevance(ruleset, reading, decision, probability),
            *tags_of(ruleset, reading, find_events(ruleset, reading)),
        )
    )
    return Verdict(
        topic=ruleset.topic,
        decision=decision,
        probability=round(probability, 4),
        tags=tags,
        ruleset=ruleset.version,
        features={name: round(value, 4) for name, value in features.items()},
    )


def is_mentioned(reading: Reading, thresholds: Thresholds) -> bool:
    """Whether anything proves that the topic is meant; without it nothing is on the topic, whatever the model says."""
    proven = [mention for mention in reading.mentions if mention.proves and mention.zone != TITLE_AGAIN]
    return sum(mention.strength for mention in proven) >= thresholds.mention


def _decide(ruleset: Ruleset, reading: Reading, probability: float, thresholds: Thresholds) -> str:
    if not is_mentioned(reading, thresholds):
        return NOT
    return ruleset.topic if probability >= thresholds.on_topic else PASSING


def _relevance(ruleset: Ruleset, reading: Reading, decision: str, probability: float) -> Tag:
    strongest = sorted(
        (m for m in reading.mentions if m.strength > 0), key=lambda m: (-m.strength, m.hit.part, m.hit.start)
    )
    return Tag(
        facet="relevance",
        id=decision,
        label=ruleset.label,
        weight=round(probability, 4),
        evidence=tuple(evidence(reading, m.hit.part, m.hit.start, m.hit.end) for m in strongest[:MOST_EVIDENCE]),
        wikidata=ruleset.attributes.get("wikidata", ""),
        iptc=ruleset.attributes.get("iptc", ""),
    )
