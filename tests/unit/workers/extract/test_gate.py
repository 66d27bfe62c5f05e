"""The gate before the parser."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.outcomes import Reason
from workers.extract.core import extract
from workers.extract.core.gate import MOST_ATTRIBUTES, MOST_CHARS, MOST_TAGS, hostility, suspects

MANY = MOST_ATTRIBUTES + 500


@pytest.mark.parametrize(
    "attributes",
    [
        " ".join(f"a{n}=1" for n in range(MANY)),
        " ".join(f"a{n}" for n in range(MANY * 2)),
        "/".join(f"attribute{n}" for n in range(MANY)),
        " ".join(f"a{n}='x > y'" for n in range(MANY)),
        'title=">" ' + " ".join(f"a{n}=1" for n in range(MANY * 2)),
    ],
    ids=["plain", "without values", "slashes between", "a bracket in each value", "a bracket in a quote first"],
)
def test_a_tag_with_thousands_of_attributes_is_hostile(attributes):
    assert "attributes" in hostility(f"<html><body><p {attributes}>text</p></body></html>")


def test_more_tags_than_any_article_has_are_hostile():
    assert "tags" in hostility("<b>" * (MOST_TAGS + 1))


def test_more_text_than_a_page_may_have_is_hostile():
    assert "characters" in hostility("x" * (MOST_CHARS + 1))


@pytest.mark.parametrize(
    "markup",
    [
        '<img src="data:image/png;base64,' + "A" * 60_000 + '">',
        "<script>for (i = 0; i <n; i++) {" + " call(i);" * 1_500 + "}</script>",
        "<p>" + "words and more words " * 5_000 + "</p>",
        '<script type="application/json">{"a": "' + "x" * 100_000 + '"}</script>',
    ],
    ids=["an image in the page", "a script that compares", "a very long paragraph", "data in a script"],
)
def test_what_ordinary_pages_have_passes(markup):
    assert hostility(f"<html><body>{markup}</body></html>") == ""


@given(st.text(alphabet="<>=\"' /ab", max_size=400))
def test_any_text_is_judged_without_an_error(text):
    assert isinstance(hostility(text * 30), str)


def test_a_hostile_page_ends_with_its_reason_and_no_article():
    found = extract("<html><body><p " + " ".join(f"a{n}=1" for n in range(MANY)) + ">x</p>", "https://example.org/a")
    assert found.drop is Reason.HOSTILE_PAGE
    assert found.article is None
    assert "attributes" in found.detail


def test_absurd_nesting_is_hostile():
    found = extract("<html><body>" + "<div>" * 400 + "text" + "</div>" * 400, "https://example.org/a")
    assert found.drop is Reason.HOSTILE_PAGE


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["<", "<p", "<P", "</", "<é"]), st.sampled_from([0, 1, 8190, 8191, 8192, 8193, 20_000])
        )
    )
)
def test_leaping_finds_every_tag_that_reading_each_character_finds(parts):
    text = "".join(start + "x" * size for start, size in parts)
    assert list(suspects(text)) == [found.start() for found in re.finditer(r"<[a-zA-Z][^<]{8192,}", text)]
