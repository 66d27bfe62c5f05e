"""The whole of classification: an article in, a verdict out. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from shared.tags import Tag, Verdict
from workers.classify.core.digests import find_digest, only
from workers.classify.core.events import find_events
from workers.classify.core.features import ITEMS, ITEMS_ON_TOPIC, features_of
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
    kinds: Sequence[str] = (),
    thresholds: Thresholds = DEFAULT,
) -> Verdict:
    """The topic's verdict on an article.

    `language` is a BCP 47 primary tag or empty; `kinds` says of each paragraph what it was (`shared.article.BlockKind`)
    where that is known: headings and list items are items of a digest. The decision is the topic's id (as
    `rare_earth`), `passing_mention` or `not`.
    Evidence offsets slice `title` and `paragraphs` exactly. Time and memory grow linearly with the text.
    """
    reading = read(ruleset, title, paragraphs, language=language)
    features = features_of(reading)
    digest = find_digest(ruleset, reading, kinds, on_topic=thresholds.on_topic)
    probability = digest.best * digest.share if digest else ruleset.model.probability(features)
    if digest:
        features |= {ITEMS: float(digest.items), ITEMS_ON_TOPIC: float(len(digest.on_topic))}
        reading = only(reading, digest.on_topic) if digest.on_topic else reading
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
