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


RUSSIAN = "Завод, который открылся в понедельник, первый в своём роде в этой области."


@pytest.mark.parametrize(
    ("language", "encoding", "text"),
    [
        ("ru", "cp1251", RUSSIAN),
        ("zh-CN", "gb18030", "周一投产的工厂是当地第一家。"),
        ("ja", "cp932", "月曜日に操業を始めた工場はこの地域で初めてのものだ。"),
        ("ko", "cp949", "월요일에 문을 연 공장은 이 지역에서 처음이다."),
        ("tr", "cp1254", "Pazartesi günü açılan fabrika bölgede bir ilktir, şehir de öyle diyor."),
    ],
)
@pytest.mark.parametrize("label", ["", '<meta charset="utf-8">'], ids=["unlabelled", "labelled as UTF-8"])
def test_a_page_that_is_not_in_the_encoding_it_says_is_read_as_its_language_is_written(language, encoding, text, label):
    page = f'<html lang="{language}"><head>{label}</head><body><p>{text}</p></body></html>'
    assert decode(page.encode(encoding)) == page


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-16"])
def test_utf_16_is_known_without_its_mark(encoding):
    page = parse(f"<html><body><p>{RUSSIAN}</p></body></html>".encode(encoding), "")
    assert page is not None
    assert page.root.findtext(".//p") == RUSSIAN


def test_a_label_below_a_long_script_is_found():
    page = f"<html><head><script>{'x=1;' * 3_000}</script><meta charset='koi8-r'></head><body>{RUSSIAN}</body></html>"
    assert decode(page.encode("koi8-r")) == page


@pytest.mark.parametrize(
    "data",
    [b"%PDF-1.7 <p>text</p>", b"PK\x03\x04<p>text</p>", b"\x89PNG\r\n<p>text</p>", b"\x1f\x8b<p>text</p>", bytes(range(256)) * 9],
    ids=["PDF", "archive", "image", "compressed", "random bytes"],
)  # fmt: skip
def test_files_of_another_kind_are_no_pages(data):
    assert parse(data, "") is None
