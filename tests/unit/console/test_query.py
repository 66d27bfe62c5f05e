"""Filters as people type them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from console.query import parse

KNOWN = ("stage", "reason", "host")


def test_qualifiers_are_read_in_any_order_and_case():
    found = parse("HOST:example.org stage:fetch", KNOWN)
    assert (dict(found.qualifiers), found.words, found.complaints) == (
        {"host": "example.org", "stage": "fetch"},
        (),
        (),
    )


def test_a_value_with_spaces_goes_into_quotes():
    assert parse('reason:"too short"', KNOWN).qualifiers == {"reason": "too short"}


def test_an_unknown_qualifier_is_named_with_those_there_are():
    (complaint,) = parse("colour:red", KNOWN).complaints
    assert "colour:" in complaint
    assert "stage:, reason:, host:" in complaint


def test_free_words_count_only_where_they_mean_something():
    assert parse("mine", KNOWN, words=True).words == ("mine",)
    assert "say what it is" in parse("mine", KNOWN).complaints[0]


def test_a_url_is_a_word_and_no_qualifier():
    assert parse("https://example.org/a", KNOWN, words=True).words == ("https://example.org/a",)


def test_a_qualifier_given_twice_is_told():
    found = parse("stage:fetch stage:poll", KNOWN)
    assert found.qualifiers == {"stage": "poll"}
    assert "twice" in found.complaints[0]


@given(st.text(max_size=600))
def test_any_text_is_read_and_what_was_read_reads_the_same_again(text):
    found = parse(text, KNOWN, words=True)
    assert set(found.qualifiers) <= set(KNOWN)
    again = parse(" ".join(f'{name}:"{value}"' for name, value in found.qualifiers.items()), KNOWN)
    assert dict(again.qualifiers) == {name: value for name, value in found.qualifiers.items() if '"' not in value}
