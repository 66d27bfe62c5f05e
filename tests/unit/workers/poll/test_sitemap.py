"""News sitemaps as feeds."""

from __future__ import annotations

import pytest

from shared.errors import PermanentError
from workers.poll.core import ParsedFeed, parse

URL = "https://daily.example.com/news-sitemap.xml"
NEWS = """<?xml version="1.0" encoding="UTF-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:n="http://www.google.com/schemas/sitemap-news/0.9">
<url><loc>https://daily.example.com/a</loc><lastmod>2026-09-22T00:00:00Z</lastmod>
 <n:news><n:publication><n:name>Daily</n:name><n:language>fr</n:language></n:publication>
 <n:publication_date>2026-09-21T08:00:00Z</n:publication_date><n:title>Terres rares : l'usine &amp; la mine</n:title></n:news></url>
<url><loc>https://daily.example.com/about</loc></url>
</urlset>"""
PLAIN = """<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
<url><loc>https://daily.example.com/a</loc><lastmod>2026-09-21</lastmod></url><url><loc>/b</loc></url><url/></urlset>"""
INDEX = """<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
<sitemap><loc>https://daily.example.com/2025.xml</loc><lastmod>2025-12-31</lastmod></sitemap>
<sitemap><loc>https://daily.example.com/2026.xml</loc><lastmod>2026-09-21</lastmod></sitemap>
<sitemap><loc>ftp://daily.example.com/x</loc></sitemap></sitemapindex>"""


def read(document: str) -> ParsedFeed:
    return parse(document.encode(), url=URL, now=1_790_000_000.0)


def test_a_news_sitemap_gives_the_pages_with_news() -> None:
    feed = read(NEWS)
    (entry,) = feed.entries
    assert feed.version == "sitemap"
    assert (entry.url, entry.title) == ("https://daily.example.com/a", "Terres rares : l'usine & la mine")
    assert (entry.language, entry.published_at) == ("fr", 1_789_977_600.0)


def test_a_sitemap_without_news_gives_every_page() -> None:
    assert [entry.url for entry in read(PLAIN).entries] == [
        "https://daily.example.com/a",
        "https://daily.example.com/b",
    ]


def test_an_index_names_its_children_newest_first() -> None:
    feed = read(INDEX)
    assert feed.version == "sitemap-index"
    assert feed.children == ("https://daily.example.com/2026.xml", "https://daily.example.com/2025.xml")


def test_a_page_is_known_by_its_address_whatever_its_date_says() -> None:
    later = NEWS.replace("2026-09-21T08:00:00Z", "2026-09-23T08:00:00Z")
    assert read(NEWS).entries[0].key == read(later).entries[0].key


@pytest.mark.parametrize("document", ["<urlset", "<sitemapindex ", "<a><urlset></urlset></a>"])
def test_what_only_mentions_a_sitemap_is_refused(document: str) -> None:
    with pytest.raises(PermanentError):
        read(document)
