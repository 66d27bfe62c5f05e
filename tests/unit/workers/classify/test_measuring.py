"""Fitting, scoring, comparing and explaining: the numbers an analyst goes by."""

from __future__ import annotations

import random

import pytest

from workers.classify.core import Ruleset, classify
from workers.classify.core.companies import plain_id
from workers.classify.core.comparing import compare, count
from workers.classify.core.explaining import explain
from workers.classify.core.fitting import Example, cross_validate, fit
from workers.classify.core.model import Model
from workers.classify.core.scoring import Share, labelled_text, score


def examples(number: int = 200) -> list[Example]:
    dice = random.Random(3)
    made = []
    for index in range(number):
        value = dice.random()
        made.append(Example(features={"x": value, "noise": dice.random()}, on_topic=value > 0.5, source=index % 4))
    return made


def test_fitting_finds_the_weight_that_decides() -> None:
    model = fit(examples(), ("x", "noise"), ridge=0.1)
    assert model.weights["x"] > 10 * abs(model.weights["noise"])
    assert model.probability({"x": 0.9}) > 0.95
    assert model.probability({"x": 0.1}) < 0.05


def test_a_heavier_penalty_means_smaller_weights() -> None:
    loose, tight = (fit(examples(), ("x",), ridge=ridge).weights["x"] for ridge in (0.1, 10.0))
    assert 0 < tight < loose


def test_weights_agree_with_a_hand_made_solution() -> None:
    pairs = [
        Example(features={"x": value}, on_topic=bool(label))
        for value, label in ((0, 0), (0, 1), (1, 1), (1, 1), (1, 0), (0, 0))
    ]
    model = fit(pairs, ("x",), ridge=1e-9)
    assert model.probability({"x": 0}) == pytest.approx(1 / 3, abs=1e-4)
    assert model.probability({"x": 1}) == pytest.approx(2 / 3, abs=1e-4)


def test_cross_validation_never_sees_the_source() -> None:
    # Within each source the feature says the opposite of what it says elsewhere.
    made = [
        Example(features={"x": float(side)}, on_topic=(side == 1) == (source == 0), source=source)
        for source in (0, 1)
        for side in (0, 1) * 20
    ]
    chances = cross_validate(made, ("x",), ridge=0.01)
    assert all((chance > 0.5) != example.on_topic for chance, example in zip(chances, made, strict=True))


def test_contributions_add_up_to_the_odds() -> None:
    model = Model(intercept=-1.0, weights={"a": 2.0, "b": -1.0})
    assert model.contributions({"a": 1.0, "b": 1.0, "c": 5.0}) == {"a": 2.0, "b": -1.0}
    assert model.probability({"a": 1.0, "b": 1.0}) == pytest.approx(0.5)


def test_shares_of_nothing_are_perfect() -> None:
    assert Share(right=0, wrong=0, missing=0).f1 == 1.0
    assert Share(right=1, wrong=1, missing=1).as_json() == {"precision": 0.5, "recall": 0.5, "f1": 0.5}


LABELLED = [
    {"id": "a", "label": "rare_earth", "title": "Rare earth prices rise", "text": "Rare earth prices rose in Japan.", "source": "s1",
     "gold": {"elements": [], "companies": [], "countries": ["JP"], "events": ["price_move"]}},
    {"id": "b", "label": "not", "title": "Cheese prices rise", "text": "Cheese costs more.", "source": "s2"},
    {"id": "c", "label": "passing_mention", "title": "Rare earth mine opens", "text": "A rare earth mine opens.", "source": "s3"},
]  # fmt: skip


def test_a_score_tells_what_is_wrong(rare_earth: Ruleset) -> None:
    report = score(rare_earth, [labelled_text(each) for each in LABELLED]).as_json()
    assert (report["precision"], report["recall"]) == (0.5, 1.0)
    assert report["confusion"]["passing_mention"] == {"rare_earth": 1}
    assert report["wrong_ids"] == ["c"]
    assert report["facets"]["country"]["f1"] == 1.0
    assert report["micro_f1"]["event"] == 1.0
    assert report["ruleset"] == rare_earth.version


def test_gold_names_are_matched_by_alias_or_as_plain_words(rare_earth: Ruleset) -> None:
    text = {"id": "a", "label": "rare_earth", "title": "Baotou Steel Rare Earth and Oddname Metals Ltd. (ASX: ODD) share a rare earth mine",
            "text": "Oddname Metals said so.", "gold": {"companies": ["包钢稀土", "Oddname Metals Limited"]}}  # fmt: skip
    assert score(rare_earth, [labelled_text(text)]).facets["company"].f1 == 1.0
    assert plain_id("Oddname Metals Limited (ODD)") == "oddname_metals"


def test_an_explanation_adds_up_and_names_each_rule(rare_earth: Ruleset) -> None:
    told = explain(
        rare_earth,
        title="Rare earths rise",
        paragraphs=["Dysprosium oxide rose. REE Automotive did not."],
    )
    odds = told.intercept + sum(part.share for part in told.parts)
    assert told.verdict.probability == pytest.approx(1 / (1 + 2.718281828**-odds), abs=0.01)
    assert {place.text for place in told.counted} >= {"Rare earths", "Dysprosium"}
    assert any(place.rule.startswith("elements.toml:") for place in told.counted)
    assert any("a name or another abbreviation" in place.note for place in told.refused)
    assert told.as_json()["decision"] == "rare_earth"


def test_a_comparison_tells_gained_lost_and_changed(rare_earth: Ruleset) -> None:
    on, off = (
        classify(rare_earth, title=title, paragraphs=()) for title in ("Rare earth prices rise", "Cheese prices rise")
    )
    other = classify(rare_earth, title="Rare earth prices rise in Japan", paragraphs=())
    assert compare("a", "t", on, on) is None
    changes = [compare("a", "t", off, on), compare("b", "t", on, off), compare("c", "t", on, other)]
    assert [change and change.kind for change in changes] == ["gained", "lost", "changed"]
    assert changes[2] is not None
    assert changes[2].added == ("country:JP",)
    assert count([change for change in changes if change]) == {"gained": 1, "lost": 1, "changed": 1}
