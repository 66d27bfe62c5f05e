"""The page as a row of blocks."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from workers.extract.core.blocks import Block, segment
from workers.extract.core.page import parse


def blocks(body: str) -> list[Block]:
    page = parse(f"<html><body>{body}</body></html>", "")
    assert page is not None
    return segment(page.root)


def texts(body: str) -> list[str]:
    return [block.text for block in blocks(body)]


def test_paragraphs_headings_lists_quotes_and_code_keep_order_and_kind():
    found = blocks(
        "<h2>Head</h2><p>One <b>bold</b> word.</p><ul><li>a</li><li>b</li></ul><blockquote><p>said</p></blockquote><pre>x = 1</pre>"
    )
    assert [(block.kind, block.text) for block in found] == [
        ("heading", "Head"), ("paragraph", "One bold word."), ("list_item", "a"), ("list_item", "b"), ("quote", "said"), ("code", "x = 1"),
    ]  # fmt: skip


def test_the_cells_of_a_row_are_one_block():
    assert texts("<table><tr><th>Oxide</th><th>Price</th></tr><tr><td>Nd</td><td>70</td></tr></table>") == [
        "Oxide | Price",
        "Nd | 70",
    ]


def test_a_table_that_only_lays_out_is_not_joined():
    assert texts("<table><tr><td><p>one</p><p>two</p></td><td><p>three</p></td></tr></table>") == [
        "one",
        "two",
        "three",
    ]


def test_a_double_break_parts_paragraphs_and_a_single_one_does_not():
    assert texts("<div>First part.<br><br>Second<br>part.</div>") == ["First part.", "Second part."]


def test_a_single_break_between_long_lines_parts_them():
    line = "This line is so long that it can only be a paragraph of its own, whatever the markup says of it."
    assert texts(f"<div>{line}<br>{line}</div>") == [line, line]


def test_white_space_in_the_source_is_no_break():
    assert texts("<p>one\n\n\n two</p>") == ["one two"]


def test_text_beside_block_elements_is_a_block_too():
    assert texts("<div>before<p>inside</p>after</div>") == ["before", "inside", "after"]


def test_links_and_bold_are_counted_in_characters():
    (block,) = blocks('<p>See <a href="/x">this page</a> and <strong>that</strong></p>')
    assert (block.linked, block.links, block.bold) == (9, 1, 4)


def test_a_link_around_blocks_links_all_of_them():
    assert [
        (block.text, block.linked) for block in blocks('<a href="/x"><div><h3>Teaser</h3><p>text</p></div></a>')
    ] == [("Teaser", 6), ("text", 4)]


def test_scripts_styles_and_controls_are_no_text():
    assert texts(
        "<script>var a</script><style>p{}</style><noscript>no</noscript><button>Go</button><select><option>1</option></select><p>yes</p>"
    ) == ["yes"]


def test_an_unclosed_button_does_not_swallow_the_article():
    assert "The story." in texts("<button><article><h1>Title</h1><p>The story.</p></article>")


def test_a_page_without_a_body_element_is_read():
    page = parse("<p>alone</p><p>together</p>", "")
    assert page is not None
    assert [block.text for block in segment(page.root)] == ["alone", "together"]


MARKUP = st.recursive(
    st.sampled_from(["word", "two words", "&amp;", "<br>", "<br><br>", " ", "<img>", "é"]),
    lambda inner: st.tuples(
        st.sampled_from(["p", "div", "a", "b", "li", "td", "tr", "table", "h2", "span", "ul"]),
        st.lists(inner, max_size=4),
    ).map(lambda pair: f"<{pair[0]}>{''.join(pair[1])}</{pair[0]}>"),
    max_leaves=20,
)


@given(MARKUP)
def test_no_word_of_the_page_is_lost_or_doubled(markup):
    page = parse(f"<html><body><p>first</p>{markup}<p>last</p></body></html>", "")
    assert page is not None
    found = segment(page.root)
    words = " ".join(block.text.replace(" | ", " ") for block in found).replace(" ", "")
    assert words == "".join("".join(page.root.itertext()).split())
    assert all(0 <= block.linked <= len(block.text) and 0 <= block.bold <= len(block.text) for block in found)
