"""Feeds that a page names."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from workers.poll.core.discovery import FoundFeed, feeds_in_page, usual_places

URL = "https://site.example.com/news/"


def urls(page: str) -> list[str]:
    return [found.url for found in feeds_in_page(page, url=URL)]


def test_declared_feeds_come_first_and_those_of_comments_last() -> None:
    page = """<head><link rel=alternate type="application/rss+xml" title="Comments &raquo; all" href="/comments/feed/">
    <LINK HREF='/feed/?a=1&amp;b=2' TYPE='application/atom+xml; charset=utf-8' REL='alternate home' title='News'>
    <link rel="alternate" type="application/feed+json" href="feed.json"></head>
    <body><a class="x" href="https://site.example.com/rss/metals.xml">RSS</a></body>"""
    assert feeds_in_page(page, url=URL) == (
        FoundFeed(url="https://site.example.com/feed/?a=1&b=2", title="News"),
        FoundFeed(url="https://site.example.com/news/feed.json"),
        FoundFeed(url="https://site.example.com/rss/metals.xml", declared=False),
        FoundFeed(url="https://site.example.com/comments/feed/", title="Comments » all"),
    )


def test_other_links_are_no_feeds() -> None:
    page = """<link rel="stylesheet" href="/feed.css"><link rel="alternate" hreflang="de" href="/de/">
    <link rel="alternate" type="application/json" href="/wp-json/wp/v2/posts/1">
    <link rel="alternate" type="application/json+oembed" href="/oembed"><a href="/feedback">Feedback</a>
    <a href="mailto:rss@example.com">mail</a><link rel="alternate" type="application/rss+xml" href="javascript:x">"""
    assert urls(page) == []


def test_the_base_of_the_page_counts() -> None:
    page = '<base href="https://cdn.example.com/x/"><link rel="alternate" type="application/rss+xml" href="f.xml">'
    assert urls(page) == ["https://cdn.example.com/x/f.xml"]


def test_a_feed_is_named_once() -> None:
    link = '<link rel="alternate" type="application/rss+xml" href="/f.xml">'
    assert urls(link * 3 + '<a href="/f.xml">x</a><a href="/rss">y</a>') == [
        "https://site.example.com/f.xml",
        "https://site.example.com/rss",
    ]


def test_a_page_that_names_none_leaves_the_usual_places() -> None:
    assert usual_places(URL)[0] == "https://site.example.com/feed/"
    assert len(set(usual_places(URL))) == len(usual_places(URL))


@given(st.text(alphabet="<>link a href='\"=/feedrel", max_size=300))
def test_no_page_makes_it_fail(page: str) -> None:
    assert all(url.startswith("http") for url in urls(page))


def test_a_hostile_page_is_scanned_in_linear_time() -> None:
    for piece in ("<link ", "<a href=", "<link rel='", "<base " + "x=" * 50):
        assert urls(piece * (1_000_000 // len(piece))) == []
