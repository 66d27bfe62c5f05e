"""Fit the weights of a topic's model, and say how good they are on sources that they did not see.

    python -m benchmarks.classification.fit LABELLED.jsonl [more.jsonl] [--topic rare_earth] [--ridge 0.3] [--write]

Deterministic: Newton's method has no seed. Texts of our own (`own_texts.jsonl`, the hard cases of the rule in our words)
are always among them and count twice, headlines alone half; the headline of a text on the topic that names it is an example of its own, because
feeds without a body are headlines. Without --write the weights are printed only.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING

from workers.classify.core.features import EXPLAINED, features_of
from workers.classify.core.fitting import RIDGE, Example, cross_validate, fit
from workers.classify.core.mentions import read
from workers.classify.core.scoring import LabelledText, Share, labelled_text
from workers.classify.core.verdict import Thresholds, is_mentioned
from workers.classify.rulesets import DATA, load_ruleset

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from workers.classify.core.model import Model
    from workers.classify.core.ruleset import Ruleset

OWN = Path(__file__).parent / "own_texts.jsonl"
OWN_WEIGHT, OWN_HEADLINE_WEIGHT = 2.0, 0.5
NAMES = tuple(EXPLAINED)


def load(paths: Iterable[Path]) -> list[tuple[LabelledText, float]]:
    """The labelled texts with their weights."""
    texts = []
    for path in paths:
        found = [labelled_text(json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines() if line]
        texts += [(text, _weight(text) if path == OWN else 1.0) for text in found]
    return texts


def _weight(text: LabelledText) -> float:
    return OWN_WEIGHT if text.paragraphs else OWN_HEADLINE_WEIGHT


def headlines(ruleset: Ruleset, texts: Sequence[tuple[LabelledText, float]]) -> list[tuple[LabelledText, float]]:
    """The headlines alone of texts on the topic whose headline names it."""
    found = []
    for text, weight in texts:
        alone = LabelledText(
            id=f"{text.id}:headline", label=text.label, title=text.title, paragraphs=(), source=text.source
        )
        if (
            text.label == ruleset.topic
            and text.paragraphs
            and is_mentioned(read(ruleset, text.title, ()), Thresholds())
        ):
            found.append((alone, weight / 2))
    return found


def examples(ruleset: Ruleset, texts: Sequence[tuple[LabelledText, float]]) -> tuple[list[Example], list[str]]:
    """Features of the texts that mention the topic at all; the others are decided without the model."""
    made, ids = [], []
    for text, weight in texts:
        reading = read(ruleset, text.title, text.paragraphs, language=text.language)
        if is_mentioned(reading, Thresholds()):
            made.append(
                Example(
                    features=features_of(reading),
                    on_topic=text.label == ruleset.topic,
                    source=text.source,
                    weight=weight,
                )
            )
            ids.append(text.id)
    return made, ids


def as_toml(model: Model) -> str:
    """The model's data file."""
    lines = [
        "# Weights of the logistic model over the features of `core/features.py`, which says what each means.",
        "# Fitted by benchmarks/classification/fit.py; the probability is 1 / (1 + exp(-(intercept + sum of weight x feature))).",
        "",
        "[model]",
        f"intercept = {model.intercept:.3f}",
        "",
        "[model.weights]",
        *(f"{name} = {weight:.3f}" for name, weight in model.weights.items()),
    ]
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*", type=Path, help="labelled texts, a JSON object a line")
    parser.add_argument("--topic", default="rare_earth")
    parser.add_argument("--ridge", type=float, default=RIDGE)
    parser.add_argument("--write", action="store_true", help="write the topic's model.toml")
    options = parser.parse_args()
    missing = [str(path) for path in options.files if not path.exists()]
    if missing:
        parser.error(f"no such file: {', '.join(missing)}")
    ruleset = load_ruleset(options.topic)
    texts = load([*options.files, OWN])
    made, ids = examples(ruleset, [*texts, *headlines(ruleset, texts)])
    report(ruleset, texts, made, ids, options.ridge)
    model = fit(made, NAMES, ridge=options.ridge)
    print(as_toml(model))
    if options.write:
        (DATA / options.topic / "model.toml").write_text(as_toml(model), encoding="utf-8")


def report(
    ruleset: Ruleset,
    texts: Sequence[tuple[LabelledText, float]],
    made: Sequence[Example],
    ids: Sequence[str],
    ridge: float,
) -> None:
    """Precision, recall and F1 by cross-validation over sources."""
    chances = dict(zip(ids, cross_validate(made, NAMES, ridge=ridge), strict=True))
    pairs = [
        (text.label == ruleset.topic, chances.get(text.id, 0.0) >= Thresholds().on_topic, text) for text, _ in texts
    ]
    share = Share(
        right=sum(gold and given for gold, given, _ in pairs),
        wrong=sum(given and not gold for gold, given, _ in pairs),
        missing=sum(gold and not given for gold, given, _ in pairs),
    )
    print(f"{len(texts)} texts, cross-validated over sources: {share.as_json()}")
    for gold, given, text in pairs:
        if gold != given:
            print(f"  {text.id} is {text.label}, probability {chances.get(text.id, 0.0):.2f}: {text.title[:90]}")


if __name__ == "__main__":
    main()
