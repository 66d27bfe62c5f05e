"""Which blocks are kept, and what becomes of posts from elsewhere."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers.extract.core.blocks import EMBED, segment
from workers.extract.core.choice import chosen, with_embedded, without_copies
from workers.extract.core.features import trivials
from workers.extract.core.page import parse


def blocks_of(body: str):
    page = parse(f"<html><body>{body}</body></html>", "https://daily.example.org/x")
    assert page is not None
    return segment(page.root)


POST = '<blockquote class="twitter-tweet"><p>Proud of the first magnets.</p>— The works (@works)</blockquote>'


def test_an_embedded_post_goes_as_the_block_before_it_goes():
    blocks = blocks_of(f"<p>The works opened.</p>{POST}<p>Subscribe</p>{POST}")
    assert [bool(block.box.marks & EMBED) for block in blocks] == [False, True, True, False, True, True]
    assert with_embedded(blocks, [True, False, False, False, True, False]) == [True, True, True, False, False, False]


def test_a_page_that_begins_with_an_embedded_post_does_not_begin_with_it():
    assert with_embedded(blocks_of(POST), [True, True]) == [False, False]


def test_a_quotation_of_the_article_is_no_embedded_post():
    assert not any(
        block.box.marks & EMBED for block in blocks_of("<blockquote class='quote'>We are glad.</blockquote>")
    )


@pytest.mark.parametrize(
    ("taken", "kept"),
    [(None, [True, True, False]), ([0.0, 0.0, 0.0], [True, True, False]), ([0.0, 0.0, 1.0], [True, False, True])],
    ids=["not asked", "it took nothing", "it took another block"],
)
def test_the_second_opinion_counts_where_there_is_one(taken, kept):
    likely = np.array([0.9, 0.6, 0.4])
    assert chosen(likely, None if taken is None else np.array(taken)).tolist() == kept


@pytest.mark.parametrize(
    "box", ['class="tooltip-text"', 'class="sr-only"', 'style="display: none"', 'class="rollover-block"']
)
def test_text_that_shows_only_under_the_pointer_is_no_part_of_the_sentence(box):
    assert [
        block.text for block in blocks_of(f"<p>Said Ada Lund <span {box}>Ada Lund More by her</span>today.</p>")
    ] == ["Said Ada Lund today."]


def test_links_in_a_row_are_navigation_and_one_amid_text_is_asked_about():
    row = "<ul><li><a href='/a'>Markets</a></li><li><a href='/b'>Sport</a></li></ul>"
    assert trivials(blocks_of(row)) == [True, True]
    assert trivials(blocks_of("<p>Buy it.</p><div><a href='/a'>At the shop</a></div><p>It is dear.</p>")) == [False] * 3


PARTS = [
    f"Line {number} of the works was opened by the minister, who praised its {number} furnaces. " * 3
    for number in (7, 8, 9)
]


def test_a_block_that_tells_in_one_piece_what_others_tell_one_by_one_goes():
    blocks = blocks_of("".join(f"<p>{text}</p>" for text in (*PARTS, " ".join(PARTS))))
    assert without_copies(blocks, [True] * 4) == [True, True, True, False]
    assert without_copies(blocks, [True, True, False, True]) == [True, True, False, False], "two thirds of it suffice"
    assert without_copies(blocks, [True, False, False, True]) == [True, False, False, True], "one part is a quotation"
    assert without_copies(blocks, [True] * 3 + [False]) == [True, True, True, False]


def test_a_text_that_stands_twice_in_paragraphs_is_no_copy_in_one_piece():
    blocks = blocks_of("".join(f"<p>{text}</p>" for text in (*PARTS, *PARTS)))
    assert without_copies(blocks, [True] * 6) == [True] * 6


@given(st.lists(st.tuples(st.sampled_from([*PARTS, " ".join(PARTS), " ".join(PARTS[:2])]), st.booleans()), max_size=12))
def test_of_copies_and_parts_none_is_kept_that_was_not_and_no_part_goes(drawn: list[tuple[str, bool]]):
    blocks = blocks_of("".join(f"<p>{text}</p>" for text, _ in drawn))
    wanted = [kept for _, kept in drawn]
    found = without_copies(blocks, wanted)
    for (text, kept), stays in zip(drawn, found, strict=True):
        assert stays <= kept
        assert stays or not kept or text.strip() not in [part.strip() for part in PARTS]
