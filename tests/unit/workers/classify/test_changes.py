"""What counts as a material change, which event follows from it, where an event goes and when a page is looked at again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.tags import Evidence, Tag
from workers.classify.core.changes import event_for, material
from workers.classify.core.routing import filtered_streams, next_recheck

TITLE = "Separation plant for dysprosium opens"
BODY = ("The plant will separate 5,000 tonnes a year.", "Its owner, Falk & Sons, said so on Friday.")
TAGS = (
    Tag(facet="element", id="dysprosium", label="Dysprosium"),
    Tag(facet="event", id="plant_opening", label="Opening"),
)
SPACES = st.sampled_from([" ", "  ", "\n", "\t", "\u00a0", "\u2003"])
WORDS = st.lists(st.sampled_from(["ore", "Mine", "12", "4.5", "kiln", "稀土", "naïve", "3"]), min_size=1, max_size=12)


def digest(title: str = TITLE, body: tuple[str, ...] = BODY, tags: tuple[Tag, ...] = TAGS) -> str:
    return material(title, body, tags)


IMMATERIAL = {
    "white space": digest(body=tuple(line.replace(" ", "  ") for line in BODY)),
    "letter case": digest(title=TITLE.upper()),
    "punctuation": digest(body=(BODY[0].replace(".", "!"), BODY[1].replace("&", "·"))),
    "full-width letters": digest(title=TITLE.replace("opens", "\uff4f\uff50\uff45\uff4e\uff53")),
    "paragraphs cut elsewhere": digest(body=(" ".join(BODY),)),
    "the order of tags": digest(tags=TAGS[::-1]),
    "labels, weights and evidence of tags": digest(
        tags=tuple(
            tag.model_copy(update={"label": "x", "weight": 9.0, "evidence": (Evidence(field="title", start=0, end=1, text="S"),)})
            for tag in TAGS
        )
    ),
}  # fmt: skip
MATERIAL = {
    "a digit": digest(body=(BODY[0].replace("5,000", "6,000"), BODY[1])),
    "a word": digest(title=TITLE.replace("opens", "closes")),
    "two words that change places": digest(title="Separation dysprosium for plant opens"),
    "a paragraph more": digest(body=(*BODY, "Correction: the plant is in the south.")),
    "a paragraph less": digest(body=BODY[:1]),
    "a tag more": digest(tags=(*TAGS, Tag(facet="company", id="falk", label="Falk"))),
    "a tag less": digest(tags=TAGS[:1]),
    "the same id in another facet": digest(tags=(TAGS[0].model_copy(update={"facet": "mineral"}), TAGS[1])),
}


@pytest.mark.parametrize("change", IMMATERIAL)
def test_the_same_article_laid_out_anew_is_no_change(change: str) -> None:
    assert IMMATERIAL[change] == digest()


@pytest.mark.parametrize("change", MATERIAL)
def test_what_a_reader_would_call_a_correction_is_a_change(change: str) -> None:
    assert MATERIAL[change] != digest()


@given(WORDS, WORDS, st.data())
def test_words_in_their_order_are_what_counts_however_they_are_spaced(
    first: list[str], second: list[str], data: st.DataObject
) -> None:
    spaced = data.draw(SPACES).join(first)
    one, other = material("t", [" ".join(first)], ()), material("t", [spaced], ())
    assert one == other
    folded = [word.casefold().replace(".", " ") for word in (" ".join(first), " ".join(second))]
    assert (material("t", [" ".join(second)], ()) == one) == (folded[0].split() == folded[1].split())


def test_a_tag_cannot_be_mistaken_for_the_last_words_of_a_text() -> None:
    assert material("t", ["ore | event:x"], ()) != material("t", ["ore"], (Tag(facet="event", id="x", label="x"),))


@pytest.mark.parametrize(
    ("standing", "on_topic", "changed", "event"),
    [
        (False, False, True, None),
        (False, True, True, "published"),
        (False, True, False, "published"),  # it comes back as it was before it was taken back
        (True, True, False, None),
        (True, True, True, "updated"),
        (True, False, False, "retracted"),
        (True, False, True, "retracted"),
    ],
)
def test_what_consumers_know_and_what_is_so_decide_the_event(
    standing: bool, on_topic: bool, changed: bool, event: str | None
) -> None:
    assert event_for(standing=standing, on_topic=on_topic, before="a", after="b" if changed else "a") == event


WANTED = {
    "export-controls": ("event:export_control",),
    "openings": ("event:plant_opening", "event:mine_opening"),
    "elements": ("element:*",),
    "companies": ("company:*",),
}


def test_a_stream_wants_any_one_of_its_tags_and_a_star_takes_a_facet() -> None:
    assert filtered_streams(TAGS, WANTED) == ("openings", "elements")
    assert filtered_streams((), WANTED) == ()
    assert filtered_streams(TAGS, {}) == ()


FACETS, NAMES = st.sampled_from(["event", "element"]), st.sampled_from(["a", "b", "c"])
SOME_TAGS = st.lists(st.builds(lambda facet, name: Tag(facet=facet, id=name, label=""), FACETS, NAMES), max_size=4)
PATTERNS = st.lists(st.builds("{}:{}".format, FACETS, st.sampled_from(["a", "b", "c", "*"])), min_size=1, max_size=3)


@given(SOME_TAGS, st.dictionaries(st.sampled_from(["x", "y", "z"]), PATTERNS.map(tuple)))
def test_a_filtered_stream_gets_an_article_exactly_if_a_pattern_fits(
    tags: list[Tag], wanted: dict[str, tuple[str, ...]]
) -> None:
    def fits(pattern: str) -> bool:
        facet, _, name = pattern.partition(":")
        return any(tag.facet == facet and name in {"*", tag.id} for tag in tags)

    assert set(filtered_streams(tags, wanted)) == {name for name, some in wanted.items() if any(map(fits, some))}


@pytest.mark.parametrize(
    ("fetched", "after", "at"),
    [
        (1_010.0, (86_400.0,), 87_400.0),
        (87_400.0, (86_400.0,), None),  # that was the look
        (1_010.0, (), None),
        (1_010.0, (86_400.0, 3_600.0), 4_600.0),  # in whatever order they are set
        (4_700.0, (86_400.0, 3_600.0), 87_400.0),
        (500_000.0, (86_400.0, 3_600.0), None),  # found late: nothing is made up for
    ],
)
def test_an_article_is_looked_at_again_so_long_after_first_sight(
    fetched: float, after: tuple[float, ...], at: float | None
) -> None:
    assert next_recheck(1_000.0, fetched, after) == at


@given(st.floats(0, 1e9), st.floats(0, 1e7), st.lists(st.floats(1, 1e7), max_size=5))
def test_looks_end(first: float, waited: float, after: list[float]) -> None:
    at, looks = first + waited, 0
    while (following := next_recheck(first, at, after)) is not None:
        assert following > at
        at, looks = following, looks + 1
    assert looks <= len(after)
