"""The templates: every one can be printed, in every language, and says what it means."""

from __future__ import annotations

from random import Random

import pytest

from demo.press import grammar
from demo.press.grammar import SLOT, Family, Grammar
from demo.press.outlets import choose

LANGUAGES = sorted({outlet.language for outlet in choose()})
TERM = {
    "en": "rare earth",
    "de": "seltene",
    "fr": "terres rares",
    "es": "tierras raras",
    "pt": "terras raras",
    "zh": "稀土",
    "ja": "レアアース",
    "ko": "희토류",
}
FACETS = {"elements", "companies", "countries", "events"}


def _templates(family: Family) -> list[str]:
    return [*family.titles, *(template for alternatives in family.body for template in alternatives)]


def _all_templates(language: Grammar) -> list[str]:
    printed = [template for family in language.families for template in _templates(family)]
    return [*printed, *(template for pool in language.background.values() for template in pool)]


def test_the_press_speaks_at_least_eight_languages():
    assert len(LANGUAGES) >= 8


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_slot_of_every_template_is_known_and_has_the_part_asked_for(code):
    language = grammar.load(code)
    for template in _all_templates(language):
        for name, _, part in SLOT.findall(template):
            assert name in language.slots or name in language.numbers, template
            if part:
                assert all(part in entity for entity in language.slots[name]), template


@pytest.mark.parametrize("code", LANGUAGES)
def test_no_brace_or_bracket_is_left_in_print(code):
    language = grammar.load(code)
    for family in language.families:
        for seed in range(40):
            story = grammar.write(language, family, Random(seed))
            printed = [story.title, *story.paragraphs]
            assert not any(mark in text for text in printed for mark in "{}<>|"), printed
            assert all(text == text.strip() and text for text in printed)


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_language_has_all_three_labels_and_its_own_local_lines(code):
    language = grammar.load(code)
    assert {family.label for family in language.families} == {"rare_earth", "passing_mention", "not"}
    assert language.background["correction"]
    assert language.background["local"]


@pytest.mark.parametrize("code", LANGUAGES)
def test_rare_earth_news_names_the_metals_in_its_own_language(code):
    language = grammar.load(code)
    for family in language.families:
        for seed in range(20):
            story = grammar.write(language, family, Random(seed))
            text = " ".join([story.title, *story.paragraphs]).lower()
            if family.label != "not":
                assert TERM[code] in text or story.tags.get("elements"), (family.id, seed)


def test_news_of_other_things_has_no_tags():
    for code in LANGUAGES:
        language = grammar.load(code)
        for family in language.families:
            story = grammar.write(language, family, Random(3))
            assert set(story.tags) <= FACETS
            assert bool(story.tags) or family.label != "rare_earth"
            assert not story.tags or family.label != "not"


def test_a_tag_is_expected_only_of_what_was_printed():
    language = grammar.load("en")
    names = {entity["tag"]: entity for rows in language.slots.values() for entity in rows if "tag" in entity}
    for family in language.families:
        story = grammar.write(language, family, Random(11))
        text = " ".join([story.title, *story.paragraphs]).lower()
        for facet, ids in story.tags.items():
            for name in ids if facet != "events" else ():
                entity = names[f"{facet}:{name}"]
                assert any(form.lower() in text for key, form in entity.items() if key != "tag"), (family.id, name)


def test_a_slot_keeps_its_value_within_a_story_and_a_digit_asks_for_another():
    language = Grammar(
        language="en",
        families=(),
        slots={"town": ({"text": "Alder"}, {"text": "Birch"})},
        numbers={},
        background={},
    )
    family = Family(id="x", label="not", titles=("{town} {town} {town2}",), body=(("{town2} and {town}",),))
    story = grammar.write(language, family, Random(1))
    first, again, other = story.title.split()
    assert first == again != other
    assert story.paragraphs == (f"{other} and {first}",)


def test_a_sentence_that_opens_with_a_slot_gets_its_capital():
    language = Grammar(language="en", families=(), slots={"who": ({"text": "a clerk"},)}, numbers={}, background={})
    family = Family(id="x", label="not", titles=("{who} waits",), body=(("It rained. {who} waited for {who}.",),))
    story = grammar.write(language, family, Random(1))
    assert story.title == "A clerk waits"
    assert story.paragraphs == ("It rained. A clerk waited for a clerk.",)
