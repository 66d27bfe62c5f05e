"""An article as Markdown."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.article import Article
from workers.extract.core.markdown import markdown


def of(*blocks: tuple[str, str], title: str = "") -> str:
    kinds, paragraphs = zip(*blocks, strict=True) if blocks else ((), ())
    return markdown(Article(title=title, paragraphs=paragraphs, kinds=kinds))


def test_every_kind_of_block_keeps_what_it_is():
    found = of(
        ("paragraph", "A works opens."),
        ("heading", "What it makes"),
        ("list_item", "Magnets"),
        ("list_item", "Alloys"),
        ("table_row", "Oxide | Tonnes"),
        ("table_row", "NdPr | 400"),
        ("quote", "We are glad."),
        ("code", "x = 1"),
        title="A works",
    )
    assert found == (
        "# A works\n\nA works opens.\n\n## What it makes\n\n- Magnets\n- Alloys\n\n"
        "| Oxide | Tonnes |\n| --- | --- |\n| NdPr | 400 |\n\n> We are glad.\n\n```\nx = 1\n```\n"
    )


def test_an_article_without_kinds_is_paragraphs():
    assert markdown(Article(title="T", paragraphs=("One.", "Two."))) == "# T\n\nOne.\n\nTwo.\n"


def test_nothing_makes_nothing():
    assert of() == ""


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("# of shares", "\\# of shares"),
        ("- said the minister", "\\- said the minister"),
        ("1. May is a holiday", "1\\. May is a holiday"),
        ("2026 was better", "2026 was better"),
        ("a * b_c [x] <b>", "a \\* b\\_c \\[x\\] \\<b>"),
    ],
)
def test_marks_in_a_text_are_no_markup(text, escaped):
    assert of(("paragraph", text)) == f"{escaped}\n"


def test_a_table_of_uneven_rows_has_as_many_cells_in_each():
    assert of(("table_row", "a | b | c"), ("table_row", "d")) == "| a | b | c |\n| --- | --- | --- |\n| d |  |  |\n"


def test_code_with_a_fence_in_it_gets_a_longer_one():
    assert of(("code", "```\nx\n```")) == "````\n```\nx\n```\n````\n"


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["paragraph", "heading", "list_item", "quote"]),
            st.from_regex(r"[a-zA-Z]{1,9}", fullmatch=True),
        )
    )
)
def test_no_text_is_lost_and_none_changes_its_place(blocks):
    found = of(*blocks)
    at = 0
    for _, text in blocks:
        at = found.index(text, at) + len(text)
