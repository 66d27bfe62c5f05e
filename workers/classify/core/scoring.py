"""How good a rule set is on labelled texts: precision, recall, F1, confusions, and micro-F1 of each facet. Pure.

The texts' labels are `rare_earth` (any topic's id), `passing_mention` and `not`; gold tags are names or ids by facet.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from workers.classify.core.companies import plain_id
from workers.classify.core.features import EXPLAINED
from workers.classify.core.fitting import Example, cross_validate
from workers.classify.core.matching import find, split_article
from workers.classify.core.verdict import NOT, PASSING, Thresholds, classify

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from shared.tags import Verdict
    from workers.classify.core.ruleset import Ruleset

FACETS = {"elements": "element", "companies": "company", "countries": "country", "events": "event"}
# A gold `trade` is one annotator's shorthand for either.
_EITHER = {"trade": ("trade_talks", "trade_dispute")}
_PARAGRAPHS = 3


@dataclass(frozen=True, kw_only=True)
class LabelledText:
    """A text with what a person says of it."""

    id: str
    label: str
    title: str
    paragraphs: tuple[str, ...]
    language: str = ""
    source: str = ""
    gold: Mapping[str, Sequence[str]] | None = None


@dataclass(frozen=True, kw_only=True)
class Share:
    """Counts of right, wrong and missing, and what follows from them."""

    right: int
    wrong: int
    missing: int

    @property
    def precision(self) -> float:
        """Right among all given."""
        return self.right / (self.right + self.wrong) if self.right + self.wrong else 1.0

    @property
    def recall(self) -> float:
        """Right among all wanted."""
        return self.right / (self.right + self.missing) if self.right + self.missing else 1.0

    @property
    def f1(self) -> float:
        """The harmonic mean of the two."""
        return (
            2 * self.right / (2 * self.right + self.wrong + self.missing)
            if self.right or self.wrong or self.missing
            else 1.0
        )

    def as_json(self) -> dict[str, float]:
        """Rounded to four places."""
        return {name: round(getattr(self, name), 4) for name in ("precision", "recall", "f1")}


@dataclass(frozen=True, kw_only=True)
class Score:
    """What `rules test` reports."""

    ruleset: str
    texts: int
    decision: Share
    confusion: Mapping[str, Mapping[str, int]]
    facets: Mapping[str, Share]
    wrong: tuple[Mapping[str, Any], ...]
    cross_validated: Share | None = None
    cross_wrong: tuple[str, ...] = ()
    tag_errors: tuple[Mapping[str, Any], ...] = field(default=())

    def as_json(self) -> dict[str, Any]:
        """The report as JSON."""
        report: dict[str, Any] = {"ruleset": self.ruleset, "texts": self.texts, **self.decision.as_json()}
        report["confusion"] = {label: dict(row) for label, row in self.confusion.items()}
        report["facets"] = {facet: share.as_json() for facet, share in self.facets.items()}
        report["micro_f1"] = {facet: round(share.f1, 4) for facet, share in self.facets.items()}
        report["wrong"] = [dict(each) for each in self.wrong]
        report["wrong_ids"] = [each["id"] for each in self.wrong]
        if self.cross_validated is not None:
            report["cross_validated_over_sources"] = self.cross_validated.as_json() | {
                "wrong_ids": list(self.cross_wrong)
            }
        return report


def labelled_text(record: Mapping[str, Any]) -> LabelledText:
    """A line of a labelled JSONL file: id, label, title, text, and if there are any lang, source, gold."""
    text = str(record.get("text", ""))
    separator = "\n\n" if text.count("\n\n") >= _PARAGRAPHS else "\n"
    return LabelledText(
        id=str(record["id"]),
        label=str(record["label"]),
        title=str(record.get("title", "")),
        paragraphs=tuple(piece.strip() for piece in text.split(separator) if piece.strip()),
        language=str(record.get("lang", "")),
        source=str(record.get("source_group") or record.get("source", "")),
        gold=record.get("gold"),
    )


def score(ruleset: Ruleset, texts: Sequence[LabelledText], *, thresholds: Thresholds | None = None) -> Score:
    """Classify all texts and compare."""
    limits = thresholds or Thresholds()
    verdicts = [
        classify(ruleset, title=t.title, paragraphs=t.paragraphs, language=t.language, thresholds=limits) for t in texts
    ]
    confusion = {label: Counter[str]() for label in (ruleset.topic, PASSING, NOT)}
    for text, verdict in zip(texts, verdicts, strict=True):
        confusion.setdefault(text.label, Counter())[verdict.decision] += 1
    shares, tag_errors = _facet_shares(ruleset, texts, verdicts)
    crossed, cross_wrong = _cross(ruleset, texts, verdicts, limits)
    return Score(
        ruleset=ruleset.version,
        texts=len(texts),
        decision=_share(
            [(t.label == ruleset.topic, v.decision == ruleset.topic) for t, v in zip(texts, verdicts, strict=True)]
        ),
        confusion=confusion,
        facets=shares,
        wrong=tuple(
            {"id": t.id, "label": t.label, "decision": v.decision, "probability": v.probability, "title": t.title[:100]}
            for t, v in zip(texts, verdicts, strict=True)
            if t.label != v.decision
        ),
        cross_validated=crossed,
        cross_wrong=cross_wrong,
        tag_errors=tag_errors,
    )


def _share(pairs: Sequence[tuple[bool, bool]]) -> Share:
    counts = Counter(pairs)
    return Share(right=counts[True, True], wrong=counts[False, True], missing=counts[True, False])


def _cross(
    ruleset: Ruleset, texts: Sequence[LabelledText], verdicts: Sequence[Verdict], limits: Thresholds
) -> tuple[Share | None, tuple[str, ...]]:
    """The decision again, by models that never saw the text's source; None where there is one source only."""
    if len({text.source for text in texts}) < 2 or not any(text.label == ruleset.topic for text in texts):  # noqa: PLR2004
        return None, ()
    known = [(t, v) for t, v in zip(texts, verdicts, strict=True) if v.decision != NOT]
    examples = [Example(features=v.features, on_topic=t.label == ruleset.topic, source=t.source) for t, v in known]
    chances = cross_validate(examples, tuple(EXPLAINED)) if known else []
    published = {t.id for (t, _), chance in zip(known, chances, strict=True) if chance >= limits.on_topic}
    wrong = tuple(t.id for t in texts if (t.label == ruleset.topic) != (t.id in published))
    return _share([(t.label == ruleset.topic, t.id in published) for t in texts]), wrong


def _facet_shares(
    ruleset: Ruleset, texts: Sequence[LabelledText], verdicts: Sequence[Verdict]
) -> tuple[dict[str, Share], tuple[Mapping[str, Any], ...]]:
    counts = {facet: Counter[str]() for facet in FACETS.values()}
    errors: list[Mapping[str, Any]] = []
    for text, verdict in zip(texts, verdicts, strict=True):
        for key, facet in FACETS.items() if text.gold is not None else ():
            given = {tag.id for tag in verdict.tags if tag.facet == facet}
            wanted = _wanted(ruleset, facet, (text.gold or {}).get(key, ()), given)
            counts[facet] += Counter(right=len(given & wanted), wrong=len(given - wanted), missing=len(wanted - given))
            if given != wanted:
                errors.append(
                    {"id": text.id, "facet": facet, "extra": sorted(given - wanted), "missing": sorted(wanted - given)}
                )
    tagged = any(text.gold is not None for text in texts)
    return {
        f: Share(right=c["right"], wrong=c["wrong"], missing=c["missing"]) for f, c in counts.items() if tagged
    }, tuple(errors)


def _wanted(ruleset: Ruleset, facet: str, names: Sequence[str], given: set[str]) -> set[str]:
    wanted: set[str] = set()
    for name in names:
        if name in _EITHER:
            wanted |= given & set(_EITHER[name]) or {_EITHER[name][0]}
        else:
            wanted.add(_canonical(ruleset, facet, name))
    return wanted


def _canonical(ruleset: Ruleset, facet: str, name: str) -> str:
    """A gold name as the rule set's id, where it knows the name; else the name as a plain id."""
    if (facet, name) in ruleset.terms:
        return name
    hits, _ = find(ruleset, split_article(name, ()))
    known = next((hit.term.id for hit in hits if hit.term.facet == facet), "")
    return known or plain_id(name)
