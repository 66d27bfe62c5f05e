"""What a spelling line of the lexicon finds and what it does not."""

from __future__ import annotations

import pytest

from workers.classify.core.loading import build_ruleset
from workers.classify.core.matching import find, split_article
from workers.classify.core.ruleset import Ruleset


def rules(**terms: str) -> Ruleset:
    tables = "".join(
        f'\n[[term]]\nid = "{key}"\nfacet = "{"company" if key == "firm" else "thing"}"\nen = "{line}"\n'
        for key, line in terms.items()
    )
    return build_ruleset({"topic.toml": '[topic]\nid = "x"\n' + tables})


def found(ruleset: Ruleset, text: str, language: str = "") -> list[tuple[str, str]]:
    hits, _ = find(ruleset, split_article("", [text]), language=language)
    return [(hit.term.id, text[hit.start : hit.end]) for hit in hits]


@pytest.mark.parametrize(
    ("line", "text", "surface"),
    [
        ("rare earth", "New Rare-Earth rules", "Rare-Earth"),
        ("magnet*", "Die Magnetfabrik", "Magnetfabrik"),
        ("*metall*", "Seltenerdmetalle", "Seltenerdmetalle"),
        ("редк* земл*", "цены на редкие земли выросли", "редкие земли"),
        ("=REE", "The REE content", "REE"),
        ("=NYSE:MP", "MP Materials (NYSE:MP)", "NYSE:MP"),
        ("稀土", "中国稀土价格", "稀土"),
        ("희토류", "희토류의 가격", "희토류"),
        ("néodyme", "le ne\u0301odyme", "ne\u0301odyme"),
    ],
)
def test_a_form_is_found_with_the_word_that_a_reader_sees(line: str, text: str, surface: str) -> None:
    assert found(rules(it=line), text) == [("it", surface)]


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("ree", "Andrew Rees and a tree"),
        ("=REE", "ree Ree reE"),
        ("=REE", "THE REE WAS NAMED IN A LINE OF CAPITALS ONLY"),
        ("редк* земл*", "редкие и дорогие земли"),
        ("란탄", "프로란탄"),
    ],
)
def test_what_only_looks_like_a_form_is_not_found(line: str, text: str) -> None:
    assert found(rules(it=line), text) == []


def test_a_name_needs_its_capital() -> None:
    assert found(rules(firm="Iluka"), "iluka and Iluka") == [("firm", "Iluka")]


def test_of_overlapping_spellings_the_longest_counts() -> None:
    ruleset = rules(metal="rare earth", magnet="rare earth magnet*")
    assert found(ruleset, "rare earth magnets and rare earths, rare earth") == [
        ("magnet", "rare earth magnets"),
        ("metal", "rare earth"),
    ]


def test_of_two_rules_for_one_thing_the_one_that_asks_for_the_casing_goes_first() -> None:
    ruleset = build_ruleset(
        {
            "topic.toml": '[topic]\nid = "x"\n[[context]]\nid = "trade"\nen = "price"\n'
            '[[term]]\nid = "it"\nfacet = "topic"\nen = "rare earth"\n'
            '[[term]]\nid = "it"\nfacet = "topic"\nagain = true\nneeds = "trade"\nen = "=Rare Earth"\n'
        }
    )
    hits, _ = find(ruleset, split_article("", ["Rare Earth and rare earth"]))
    assert [(hit.form.exact, hit.start) for hit in hits] == [("Rare Earth", 0), ("", 15)]


def test_a_form_of_one_language_counts_in_that_or_an_unknown_one() -> None:
    ruleset = build_ruleset(
        {"topic.toml": '[topic]\nid = "x"\n[[term]]\nid = "dy"\nfacet = "element"\nonly.zh = "鏑"\n'}
    )
    assert found(ruleset, "氧化鏑", "zh") == [("dy", "鏑")]
    assert found(ruleset, "氧化鏑") == [("dy", "鏑")]
    assert found(ruleset, "鏑木さん", "ja") == []
