"""Charsets: marks, labels by allow-list, declarations, languages, and no codec that is none."""

from __future__ import annotations

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.charsets import BY_LANGUAGE, _codecs, charset_of, codec_of_label, decode

TEXT = "Käse für die Grüße – naïve"


@pytest.mark.parametrize(
    "codec", sorted(set(_codecs().values()) | {codec for tried in BY_LANGUAGE.values() for codec in tried})
)
def test_every_codec_of_the_table_is_one_for_text(codec: str) -> None:
    assert codecs.lookup(codec)._is_text_encoding
    assert isinstance(b"abc1".decode(codec, "replace"), str)


@pytest.mark.parametrize(
    "label",
    [
        "hex",
        "idna",
        "punycode",
        "undefined",
        "base64",
        "rot13",
        "unicode_escape",
        "raw_unicode_escape",
        "utf-7",
        "utf-32",
        "bz2",
        "zlib",
        "x-user-defined",
        "replacement",
        "mbcs",
        "",
        "../utf-8",
        "cp65001",
    ],
)
def test_a_label_that_is_no_encoding_of_the_web_is_not_believed(label: str) -> None:
    assert codec_of_label(label) == ""
    assert charset_of(b"plain", f"text/html; charset={label}") == "utf-8"


@pytest.mark.parametrize(
    ("label", "codec"),
    [
        ("UTF8", "utf-8"),
        (" Latin1 ", "cp1252"),
        ("ISO-8859-1", "cp1252"),
        ("gb2312", "gb18030"),
        ("shift_jis", "cp932"),
        ("EUC-KR", "cp949"),
        ("windows-1251", "cp1251"),
    ],
)
def test_labels_mean_what_browsers_mean_by_them(label: str, codec: str) -> None:
    assert codec_of_label(label) == codec


def test_a_byte_order_mark_decides_first() -> None:
    assert charset_of(codecs.BOM_UTF8 + b"x", "text/html; charset=koi8-r") == "utf-8"
    assert charset_of("\ufeffx".encode("utf-16-le"), "text/html; charset=utf-8") == "utf-16-le"
    assert charset_of("\ufeffx".encode("utf-16-be")) == "utf-16-be"
    assert decode("\ufeffx".encode("utf-16-be"), "utf-16-be") == "x"


def test_valid_utf_8_beyond_ascii_is_utf_8_whatever_is_claimed() -> None:
    assert charset_of(TEXT.encode(), "text/html; charset=iso-8859-1") == "utf-8"


def test_utf_8_cut_off_in_a_character_is_still_utf_8() -> None:
    assert charset_of("é".encode() * 20 + b"\xc3") == "utf-8"


def test_the_header_goes_before_the_page() -> None:
    body = b'<meta charset="koi8-r">' + "Привет".encode("cp1251")
    assert charset_of(body, "text/html; charset=windows-1251") == "cp1251"
    assert charset_of(body) == "koi8-r"


@pytest.mark.parametrize(
    "declaration",
    [
        '<meta charset="windows-1251">',
        "<meta charset=windows-1251>",
        '<META HTTP-EQUIV="Content-Type" CONTENT="text/html; charset=windows-1251">',
        '<?xml version="1.0" encoding="windows-1251"?>',
    ],
)
def test_a_page_may_declare_its_charset_in_many_ways(declaration: str) -> None:
    body = declaration.encode() + "Цена неодима".encode("cp1251")
    assert decode(body, charset_of(body)).endswith("Цена неодима")


def test_a_page_that_can_be_read_as_ascii_is_not_utf_16_whatever_it_says() -> None:
    assert charset_of(b'<meta charset="utf-16"><p>words') == "utf-8"


@pytest.mark.parametrize(
    ("language", "text", "codec"),
    [
        ("ja", "レアアースの価格", "cp932"),
        ("zh", "稀土价格上涨", "gb18030"),
        ("ko", "희토류 가격", "cp949"),
        ("ru", "Цены на неодим", "cp1251"),
        ("pl", "Złoża pod łąką", "cp1250"),
    ],
)
def test_without_a_label_the_language_of_the_page_tells(language: str, text: str, codec: str) -> None:
    body = f'<html lang="{language}-XX"><p>'.encode() + text.encode(codec)
    assert charset_of(body) == codec
    assert decode(body, codec).endswith(text)


def test_a_false_claim_of_utf_8_falls_back_to_the_language_and_then_to_what_is_claimed() -> None:
    assert charset_of(b'<html lang="ru">' + "Цены".encode("cp1251"), "text/html; charset=utf-8") == "cp1251"
    assert charset_of("Grüße".encode("latin-1"), "text/html; charset=utf-8") == "utf-8"


def test_without_anything_to_go_by_it_is_windows_1252() -> None:
    assert charset_of("Grüße".encode("latin-1")) == "cp1252"
    assert charset_of(b"plain") == "utf-8"


@given(st.binary(max_size=500), st.text(max_size=60))
def test_any_bytes_under_any_label_can_be_read(body: bytes, label: str) -> None:
    assert isinstance(decode(body, charset_of(body, f"text/html; charset={label}")), str)
