"""From bytes to a tree."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers.extract.core.page import HostilePageError, charset_of, decode, parse


@pytest.mark.parametrize(
    ("data", "charset", "text"),
    [
        ("<p>Zürich</p>".encode(), "", "<p>Zürich</p>"),
        ("<p>Zürich</p>".encode("latin-1"), "", "<p>Zürich</p>"),
        ("<p>Zürich</p>".encode("latin-1"), "iso-8859-1", "<p>Zürich</p>"),
        ("<p>„Erde“</p>".encode("cp1252"), "ISO-8859-1", "<p>„Erde“</p>"),
        ('<meta charset="gbk"><p>稀土</p>'.encode("gbk"), "", '<meta charset="gbk"><p>稀土</p>'),
        ('<meta charset="shift_jis"><p>希土類</p>'.encode("shift_jis"), "", '<meta charset="shift_jis"><p>希土類</p>'),
        ("\ufeff<p>é</p>".encode(), "iso-8859-1", "<p>é</p>"),
        ("\ufeff<p>é</p>".encode("utf-16-le"), "", "<p>é</p>"),
        ("<p>é</p>".encode(), "punycode", "<p>é</p>"),
        ("<p>é</p>".encode(), "no such label", "<p>é</p>"),
        ('<meta charset="utf-16"><p>é</p>'.encode(), "", '<meta charset="utf-16"><p>é</p>'),
    ],
    ids=[
        "UTF-8 unlabelled", "Latin-1 unlabelled", "the transport's label", "Latin-1 means windows-1252", "the page's label",
        "Japanese", "a mark outdoes the label", "UTF-16 by its mark", "a label that is no text encoding", "an unknown label",
        "a page that says UTF-16 in ASCII",
    ],
)  # fmt: skip
def test_bytes_are_read_as_what_they_are(data, charset, text):
    assert decode(data, charset) == text


@pytest.mark.parametrize(
    "label", ["hex", "idna", "punycode", "undefined", "utf-7", "unicode_escape", "", "\x00", "rot13"]
)
def test_labels_that_pages_cannot_have_are_refused(label):
    assert charset_of(label) is None


def test_one_broken_byte_does_not_turn_a_page_into_another_encoding():
    data = ("<p>" + "Zürich, Genève, Bogotá. " * 50 + "</p>").encode() + b"\xff<p>Ende \xc3\xbc</p>"
    assert decode(data).endswith("Ende ü</p>")


@given(st.binary(max_size=300), st.text(max_size=12))
def test_any_bytes_under_any_label_are_a_tree_or_none(data, charset):
    page = parse(data, "https://example.org/", charset=charset)
    assert page is None or page.root is not None


@pytest.mark.parametrize("source", ["", "   ", b"", b"\x00\x01\x02"])
def test_nothing_is_no_page(source):
    assert parse(source, "") is None


def test_control_characters_do_not_end_the_page():
    page = parse("<html><body><p>before\x00\x08after</p><p>more</p></body></html>", "")
    assert page is not None
    assert "".join(page.root.itertext()) == "beforeaftermore"


def test_nesting_beyond_reason_raises():
    with pytest.raises(HostilePageError, match="nested"):
        parse("<html><body>" + "<div>" * 300 + "x", "")
