"""News that the rules were measured on before they were mended for it: no fit learns from it. All texts are our own."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from workers.classify.core import Ruleset
from workers.classify.core.scoring import Score, labelled_text, score

UNSEEN = Path(__file__).parents[4] / "benchmarks" / "classification" / "unseen_texts.jsonl"


@pytest.fixture(scope="module")
def scored(rare_earth: Ruleset) -> Score:
    return score(rare_earth, [labelled_text(json.loads(line)) for line in UNSEEN.read_text("utf-8").splitlines()])


def test_no_false_friend_is_published(scored: Score) -> None:
    assert scored.confusion["not"]["rare_earth"] == 0
    assert sum(scored.confusion["not"].values()) > 80


def test_news_of_the_topic_is_found_and_hardly_a_passing_mention_is_published(scored: Score) -> None:
    assert scored.texts > 230
    assert scored.decision.precision >= 0.98
    assert scored.decision.recall >= 0.92


@pytest.mark.parametrize(("facet", "least"), [("country", 0.88), ("company", 0.84), ("event", 0.72)])
def test_tags_agree_with_what_a_reader_would_say(facet: str, least: float, scored: Score) -> None:
    assert scored.facets[facet].f1 >= least
