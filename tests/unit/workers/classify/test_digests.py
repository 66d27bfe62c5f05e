"""Several items in one text: each is judged by itself, and tags come from those on the topic."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.tags import Verdict
from workers.classify.core import Ruleset, classify

OTHERS = (
    "The central bank left its rate at 4 per cent and said that inflation should slow by spring. Bond yields fell.",
    "Carmaker Falk closes a plant in the north; 900 jobs go. Unions called a strike for Thursday.",
    "Oil rose to 81 dollars after a storm closed two ports in the Gulf.",
    "The airline adds flights to Lisbon and Porto in June. Its shares gained 3 per cent.",
    "A court told the phone maker to pay 90 million dollars over a camera patent.",
    "Wheat exports from the Black Sea fell by a tenth, shippers say.",
    "The chip firm will build a third line in Dresden and hire 400 people.",
)
TOPICAL = (
    "China gave four firms general licences to export dysprosium and terbium. Rare earth prices fell by 6 per cent.",
    "Lynas sold 2,300 tonnes of NdPr oxide in the quarter. The rare earth miner keeps its plan for Kalgoorlie.",
)
ANNOUNCED, PLAIN = "Morning briefing: what moves markets today", "Friday, 14 November"


def items(topical: int, others: int) -> list[str]:
    return [*OTHERS[:2], *TOPICAL[:topical], *OTHERS[2:others]]


def bullets(texts: Sequence[str]) -> tuple[list[str], list[str]]:
    return [f"• {text}" for text in texts], []


def numbers(texts: Sequence[str]) -> tuple[list[str], list[str]]:
    return [f"{number}. {text}" for number, text in enumerate(texts, 1)], []


def dashes(texts: Sequence[str]) -> tuple[list[str], list[str]]:
    return [f"— {text}" for text in texts], []


def list_items(texts: Sequence[str]) -> tuple[list[str], list[str]]:
    return list(texts), ["list_item"] * len(texts)


def headings(texts: Sequence[str]) -> tuple[list[str], list[str]]:
    return [piece for text in texts for piece in text.split(". ", 1)], [
        kind for text in texts for kind in ("heading", "paragraph")[: 1 + (". " in text)]
    ]


def one_line(texts: Sequence[str]) -> tuple[list[str], list[str]]:
    return ["• " + " • ".join(texts)], []


Shape = Callable[[Sequence[str]], tuple[list[str], list[str]]]
SHAPES: tuple[Shape, ...] = (bullets, numbers, dashes, list_items, one_line)


def tags(found: Verdict, facet: str) -> set[str]:
    return {tag.id for tag in found.tags if tag.facet == facet}


@pytest.mark.parametrize("title", [ANNOUNCED, PLAIN])
@pytest.mark.parametrize("shape", SHAPES)
def test_one_item_of_eight_is_a_passing_mention_tagged_by_that_item(
    shape: Shape, title: str, rare_earth: Ruleset
) -> None:
    paragraphs, kinds = shape(items(1, 7))
    found = classify(rare_earth, title=title, paragraphs=paragraphs, kinds=kinds)
    assert found.decision == "passing_mention"
    assert (found.features["items"], found.features["items_on_topic"]) == (8.0, 1.0)
    assert tags(found, "element") == {"dysprosium", "terbium"}
    assert tags(found, "country") == {"CN"}


@pytest.mark.parametrize("shape", SHAPES)
def test_one_of_at_most_three_things_makes_it_news(shape: Shape, rare_earth: Ruleset) -> None:
    for topical, others in ((1, 2), (2, 4)):
        paragraphs, kinds = shape(items(topical, others))
        found = classify(rare_earth, title=ANNOUNCED, paragraphs=paragraphs, kinds=kinds)
        assert found.decision == "rare_earth", (topical, others)
        assert "CN" in tags(found, "country")
        assert "PT" not in tags(found, "country")


def test_headings_cut_a_text_too(rare_earth: Ruleset) -> None:
    texts = [text if ". " in text else f"In brief. {text}" for text in items(1, 7)]
    paragraphs, kinds = headings(texts)
    found = classify(rare_earth, title=PLAIN, paragraphs=paragraphs, kinds=kinds)
    assert (found.decision, found.features["items"]) == ("passing_mention", 8.0)


def test_paragraphs_are_the_items_of_a_text_that_calls_itself_a_digest(rare_earth: Ruleset) -> None:
    found = classify(rare_earth, title=ANNOUNCED, paragraphs=items(1, 7))
    assert (found.decision, found.features["items"]) == ("passing_mention", 8.0)


@pytest.mark.parametrize(
    "title", ["早间要闻", "今日のニュース", "Дайджест недели", "Das Wichtigste vom Tag", "En bref"]
)
def test_titles_announce_digests_in_many_languages(title: str, rare_earth: Ruleset) -> None:
    assert "items" in classify(rare_earth, title=title, paragraphs=items(1, 7)).features


def test_a_digest_on_the_topic_alone_is_news_of_it(rare_earth: Ruleset) -> None:
    found = classify(
        rare_earth,
        title="Rare earths briefing",
        paragraphs=[
            "• Prices of rare earths were flat.",
            "• A mine in Malawi got its licence.",
            "• Rare earth magnet exports rose in May.",
            "• Lynas meets investors on Tuesday.",
        ],
    )
    assert found.decision == "rare_earth"


def test_one_story_under_subheadings_is_no_digest(rare_earth: Ruleset) -> None:
    story = [
        "Rare earths decide who builds motors. China tightened its rare earth export controls in October.",
        *(
            piece
            for heading, text in (
                ("Who is hit", "Carmakers in Europe cut shifts for want of magnets."),
                ("What buyers do", "They file papers, wait six weeks and pay more."),
                ("What Beijing says", "The ministry promises to be quick with civil applications."),
                ("What comes next", "Envoys meet in Geneva in March. A truce ends in November."),
            )
            for piece in (heading, text)
        ),
    ]
    kinds = ["paragraph", *["heading", "paragraph"] * 4]
    found = classify(rare_earth, title="The quiet embargo", paragraphs=story, kinds=kinds)
    assert "items" not in found.features
    assert found.decision == "rare_earth"


def test_key_points_in_front_of_a_release_make_no_digest(rare_earth: Ruleset) -> None:
    points = ["• Placement closed", "• Drilling starts in May", "• Grades of 2 % TREO", "• Permit in hand"]
    body = ["The company said that it will drill for rare earths at its property. " * 4] * 3
    found = classify(rare_earth, title="Company update", paragraphs=[*points, *body])
    assert "items" not in found.features


@settings(max_examples=40, deadline=None)
@given(
    order=st.permutations(items(2, 7)),
    shape=st.sampled_from(SHAPES),
    title=st.sampled_from([ANNOUNCED, PLAIN]),
)
def test_the_order_of_items_changes_nothing_and_evidence_slices(
    order: list[str], shape: Shape, title: str, rare_earth: Ruleset
) -> None:
    paragraphs, kinds = shape(order)
    found = classify(rare_earth, title=title, paragraphs=paragraphs, kinds=kinds)
    assert (found.decision, found.features["items_on_topic"]) == ("passing_mention", 2.0)
    for span in (span for tag in found.tags for span in tag.evidence):
        assert paragraphs[int(span.field[11:-1])][span.start : span.end] == span.text
