"""JSON Feed 1.0 and 1.1, by the book and as it is met."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import PermanentError
from workers.poll.core import ParsedFeed, parse
from workers.poll.core.jsonfeed import parse_json

URL = "https://blog.example.com/feed.json"
NOW = 1_790_000_000.0
ITEM = {
    "id": "17",
    "url": "https://blog.example.com/17",
    "title": "A furnace <in> Estonia",
    "content_html": "<p>Hot.</p>",
    "content_text": "Hot.",
    "summary": "It is hot.",
    "date_published": "2026-09-21T10:00:00+02:00",
    "date_modified": "2026-09-22T10:00:00Z",
    "authors": [{"name": "C. Smith"}, {"url": "https://nameless.example.com"}],
}
FEED = {
    "version": "https://jsonfeed.org/version/1.1",
    "title": "Blog",
    "home_page_url": "https://blog.example.com/",
    "feed_url": URL,
    "language": "et-EE",
    "authors": [{"name": "The House"}],
    "hubs": [
        {"type": "WebSub", "url": "https://hub.example.com/"},
        {"type": "rssCloud", "url": "https://x.example.com"},
    ],
    "items": [ITEM],
}


def read(**changes: Any) -> ParsedFeed:
    return parse(json.dumps(FEED | changes).encode(), url=URL, now=NOW)


def item(**changes: Any) -> dict[str, Any]:
    return {name: value for name, value in (ITEM | changes).items() if value is not None}


def test_a_feed_by_the_book_is_read_whole() -> None:
    feed = read()
    (entry,) = feed.entries
    assert (feed.version, feed.title, feed.language, feed.link) == ("json11", "Blog", "et", "https://blog.example.com/")
    assert (feed.hubs, feed.self_url) == (("https://hub.example.com/",), URL)
    assert (entry.entry_id, entry.url, entry.title) == ("17", "https://blog.example.com/17", "A furnace <in> Estonia")
    assert (entry.content, entry.summary) == ("<p>Hot.</p>", "It is hot.")
    assert entry.published_at == 1_789_977_600.0
    assert entry.authors == ("C. Smith",)
    assert entry.language == "et"


@pytest.mark.parametrize(
    ("version", "name"),
    [
        ("https://jsonfeed.org/version/1", "json1"),
        ("https://jsonfeed.org/version/1/", "json1"),
        ("http://jsonfeed.org/version/1.0", "json1"),
        ("https://jsonfeed.org/version/1.1", "json11"),
        ("1.1", "json11"),
        ("https://jsonfeed.org/version/7", "json1"),
    ],
)
def test_versions_are_named(version: str, name: str) -> None:
    assert read(version=version).version == name


def test_the_older_author_counts_and_the_feeds_stands_in() -> None:
    assert read(items=[item(authors=None, author={"name": "Old"})]).entries[0].authors == ("Old",)
    assert read(items=[item(authors=None)]).entries[0].authors == ("The House",)


def test_text_stands_in_for_html_and_modified_for_published() -> None:
    (entry,) = read(items=[item(content_html=None, date_published=None)]).entries
    assert entry.content == "Hot."
    assert entry.published_at == 1_790_071_200.0


def test_an_external_url_stands_in_for_the_page() -> None:
    assert (
        read(items=[item(url=None, external_url="https://else.example.com/")]).entries[0].url
        == "https://else.example.com/"
    )


def test_a_number_is_an_id_too_and_a_truth_value_is_none() -> None:
    first, second = read(items=[item(id=17), item(id=True)]).entries
    assert first.entry_id == "17"
    assert second.entry_id == ""


def test_a_byte_order_mark_does_no_harm() -> None:
    assert parse(b"\xef\xbb\xbf" + json.dumps(FEED).encode(), url=URL, now=NOW).version == "json11"


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=10),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from([*FEED, *ITEM, "author", "name"]), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(document=st.dictionaries(st.sampled_from(list(FEED)), JSON, max_size=6))
def test_no_json_makes_it_fail_otherwise_than_by_refusing(document: dict[str, Any]) -> None:
    try:
        feed = parse_json(json.dumps(document).encode(), url=URL, now=NOW)
    except PermanentError:
        return
    items = document.get("items")
    assert len(feed.entries) == (sum(isinstance(one, dict) for one in items) if isinstance(items, list) else 0)
