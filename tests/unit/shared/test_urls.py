"""One canonical form, one identity."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.urls import BadURLError, article_id, canonical, feed_id, host, identity, site


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("HTTP://Example.ORG:80/a/../b#part", "http://example.org/b"),
        ("  https://example.org ", "https://example.org/"),
        ("https://münchen.example/ä", "https://xn--mnchen-3ya.example/%C3%A4"),
        ("http://0x7f.1/", "http://127.0.0.1/"),
        ("http://example.org\\@evil.example/", "http://example.org/@evil.example/"),
    ],
)
def test_a_url_has_one_form(text: str, form: str) -> None:
    assert canonical(text) == form


@pytest.mark.parametrize(
    "text",
    ["", "example.org", "ftp://example.org/", "javascript:alert(1)", "http://u:p@example.org/", "http:///", "data:,x"],
)
def test_what_is_no_address_of_a_page_is_refused(text: str) -> None:
    with pytest.raises(BadURLError):
        canonical(text)


def test_a_url_that_is_too_long_is_refused() -> None:
    with pytest.raises(BadURLError):
        canonical("https://example.org/" + "a" * 2_000)


def test_relative_addresses_need_a_base() -> None:
    assert canonical("../b", "https://example.org/x/y") == "https://example.org/b"


@pytest.mark.parametrize(
    "other",
    [
        "http://example.org/news/1",
        "https://www.example.org/news/1/",
        "https://example.org/news/1?utm_source=rss&utm_medium=feed",
        "https://example.org/news/1?fbclid=abc#comments",
    ],
)
def test_addresses_of_one_article_have_one_id(other: str) -> None:
    assert article_id(other) == article_id("https://example.org/news/1")


@pytest.mark.parametrize(
    "other", ["https://example.org/news/2", "https://example.org/news/1?page=2", "https://example.com/news/1"]
)
def test_addresses_of_different_articles_have_different_ids(other: str) -> None:
    assert article_id(other) != article_id("https://example.org/news/1")


@given(st.text(max_size=200))
def test_any_text_is_an_address_or_is_refused(text: str) -> None:
    try:
        form = canonical(text)
    except BadURLError:
        return
    assert canonical(form) == form
    assert host(form)
    assert identity(form)


def test_the_site_is_the_registrable_domain() -> None:
    assert site("https://news.bbc.co.uk/x") == "bbc.co.uk"
    assert site("http://127.0.0.1/x") == "127.0.0.1"


def test_ids_have_their_lengths() -> None:
    assert (len(article_id("https://example.org/")), len(feed_id("https://example.org/"))) == (24, 16)
