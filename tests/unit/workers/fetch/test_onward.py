"""Meta refresh and canonical links."""

from __future__ import annotations

import pytest

from workers.fetch.core.markup import Markup
from workers.fetch.core.onward import canonical_url, lesser_copy_of, refresh_target

URL = "https://news.example/a/story"


def page(head: str, root: str = "") -> Markup:
    return Markup(f"<!doctype html><html {root}><head>{head}</head><body></body></html>")


@pytest.mark.parametrize(
    ("content", "target"),
    [
        ("0; url=/b", "https://news.example/b"),
        ("0;URL='https://other.example/c'", "https://other.example/c"),
        ("3, url = d?x=1&amp;y=2", "https://news.example/a/d?x=1&y=2"),
        ("0 https://other.example/", "https://other.example/"),
        ("0.5; url=/b", "https://news.example/b"),
    ],
)
def test_a_refresh_that_is_a_redirect_is_followed(content: str, target: str) -> None:
    assert refresh_target(page(f'<meta http-equiv="Refresh" content="{content}">'), URL) == target


@pytest.mark.parametrize(
    "content",
    [
        "300",
        "0",
        "300; url=/b",
        "5; url=https://news.example/a/story",
        "0; url=javascript:alert(1)",
        "0; url=file:///etc/passwd",
        "0; url=http://user@a.example/",
        "now; url=/b",
        "",
    ],
)
def test_a_refresh_that_reloads_or_leads_nowhere_is_not(content: str) -> None:
    assert refresh_target(page(f'<meta http-equiv="refresh" content="{content}">'), URL) == ""


def test_a_refresh_in_the_header_is_one_too() -> None:
    assert refresh_target(page(""), URL, "0; url=/b") == "https://news.example/b"
    assert refresh_target(page(""), URL, "300") == ""


def test_a_refresh_for_those_without_scripts_is_for_us() -> None:
    assert (
        refresh_target(page('<noscript><meta http-equiv="refresh" content="0; url=/plain"></noscript>'), URL)
        == "https://news.example/plain"
    )


@pytest.mark.parametrize(
    ("href", "target"),
    [
        ("/a/story?utm=1", "https://news.example/a/story?utm=1"),
        ("https://news.example/b#c", "https://news.example/b"),
        ("/", ""),
        ("mailto:a@b.example", ""),
        ("http://[bad", ""),
    ],
)
def test_a_canonical_link_is_a_name_unless_it_cannot_be_one(href: str, target: str) -> None:
    assert canonical_url(page(f'<link rel="canonical" href="{href}">'), URL) == target


def test_an_amp_page_is_left_for_the_full_one() -> None:
    assert lesser_copy_of(page('<link rel=canonical href="/a/full">', "amp"), URL) == "https://news.example/a/full"
    assert lesser_copy_of(page('<link rel=canonical href="/a/full">', "⚡"), URL) == "https://news.example/a/full"


def test_a_print_view_is_left_for_the_full_page() -> None:
    assert lesser_copy_of(page('<link rel=canonical href="/a/story">'), "https://news.example/a/story/print") == URL
    assert lesser_copy_of(page('<link rel=canonical href="/a/story">'), "https://news.example/a/story?print=1") == URL


@pytest.mark.parametrize("url", [URL, "https://news.example/sprint/amplifier-printers"])
def test_a_canonical_link_of_a_full_page_is_not_followed(url: str) -> None:
    assert lesser_copy_of(page('<link rel=canonical href="/elsewhere">'), url) == ""


def test_a_canonical_link_to_another_site_or_to_the_page_itself_is_not_followed() -> None:
    assert lesser_copy_of(page('<link rel=canonical href="https://other.example/a">', "amp"), URL) == ""
    assert lesser_copy_of(page('<link rel=canonical href="/a/story?utm_source=x">', "amp"), URL) == ""
