"""What a page says of its article beside the text."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from workers.extract.core.extraction import Witness
from workers.extract.core.metadata import Metadata, read
from workers.extract.core.titles import likeness
from workers.extract.core.page import parse

URL = "https://news.example.org/2025/11/24/magnets"
SILENT = Witness()


def told(
    head: str = "", body: str = "<p>text</p>", *, url: str = URL, witness: Witness = SILENT, lang: str = ""
) -> Metadata:
    page = parse(f"<html lang='{lang}'><head>{head}</head><body>{body}</body></html>", url)
    assert page is not None
    return read(page, witness)


def ld(**node: object) -> str:
    return f'<script type="application/ld+json">{json.dumps(node)}</script>'


def instant(*parts: int) -> float:
    return datetime(*parts, tzinfo=UTC).timestamp()


class TestTitle:
    def test_the_heading_that_the_meta_title_vouches_for_wins(self):
        head = '<title>Magnet plant opens in Norway - The Daily</title><meta property="og:title" content="Magnet plant opens in Norway">'
        assert (
            told(head, "<h1>The Daily</h1><h1>Magnet plant opens in Norway</h1>").title
            == "Magnet plant opens in Norway"
        )

    def test_a_document_title_loses_the_sites_name(self):
        assert told("<title>Magnet plant opens in Norway | The Daily</title>").title == "Magnet plant opens in Norway"

    def test_a_dash_within_a_headline_stays(self):
        head = '<meta property="og:title" content="Rare earths – the long road to a second supply chain for magnets">'
        assert told(head).title == "Rare earths – the long road to a second supply chain for magnets"

    def test_the_feed_speaks_where_the_page_is_silent(self):
        assert told(witness=Witness(title="Magnet plant opens")).title == "Magnet plant opens"

    def test_likeness_is_of_words_and_of_beginnings(self):
        assert likeness("a b c d", "a b c d") == 1.0
        assert likeness("Magnet plant opens", "Magnet plant opens in Norway, minister says today") > 0.9
        assert likeness("Home", "Magnet plant opens") == 0.0
        assert likeness("", "x") == 0.0


class TestAuthors:
    @pytest.mark.parametrize(
        ("author", "names"),
        [
            ({"@type": "Person", "name": "Ada Lund"}, ("Ada Lund",)),
            ([{"name": "Ada Lund"}, {"name": "Bo Ek"}], ("Ada Lund", "Bo Ek")),
            ("Ada Lund and Bo Ek", ("Ada Lund", "Bo Ek")),
            ("By Ada Lund", ("Ada Lund",)),
            ([{"name": "Ada Lund"}, {"name": "Ada Lund"}], ("Ada Lund",)),
            ("https://example.org/authors/7", ()),
            ("admin", ()),
            (None, ()),
        ],
    )
    def test_json_ld_names_people_in_many_ways(self, author, names):
        assert told(ld(**{"@type": "NewsArticle", "headline": "x", "author": author})).authors == names

    def test_the_meta_tag_comes_next(self):
        assert told('<meta name="author" content="Ada Lund">').authors == ("Ada Lund",)

    def test_then_a_byline_in_the_markup(self):
        assert told(body='<span class="byline__name">Von Ada Lund</span><p>text</p>').authors == ("Ada Lund",)

    def test_then_the_feed(self):
        assert told(witness=Witness(authors=("Bo Ek",))).authors == ("Bo Ek",)


class TestPublished:
    def test_json_ld_outdoes_all(self):
        found = told(
            ld(**{"@type": "NewsArticle", "datePublished": "2025-11-24T06:00:00Z"})
            + '<meta property="article:published_time" content="2025-11-20T06:00:00Z">'
        ).published
        assert (found.at, found.source) == (instant(2025, 11, 24, 6), "json-ld")
        assert found.confidence > 0.9

    def test_then_meta_then_a_time_tag_then_the_address(self):
        meta = '<meta property="article:published_time" content="2025-11-20T06:00:00Z">'
        assert told(meta).published.source == "meta"
        assert told(body='<time datetime="2025-11-20">then</time><p>text</p>').published.source == "time-tag"
        assert told().published.source == "url"
        assert (
            told(url="https://example.org/x", body="<p class='date'>24. November 2025</p>").published.source == "text"
        )

    def test_a_feed_that_agrees_raises_the_confidence(self):
        head = '<meta name="date" content="2025-11-24T06:00:00Z">'
        alone = told(head).published
        both = told(head, witness=Witness(published_at=instant(2025, 11, 24, 7))).published
        assert both.at == alone.at
        assert both.confidence > alone.confidence

    def test_a_feed_refines_a_bare_day(self):
        found = told(witness=Witness(published_at=instant(2025, 11, 24, 7))).published
        assert (found.at, found.source) == (instant(2025, 11, 24, 7), "feed")

    def test_a_page_without_a_date_takes_the_feeds(self):
        found = told(url="https://example.org/x", witness=Witness(published_at=instant(2025, 11, 24))).published
        assert found.source == "feed"

    def test_nobody_knows(self):
        found = told(url="https://example.org/x").published
        assert (found.at, found.source, found.confidence) == (None, "", 0.0)


class TestTheRest:
    def test_canonical_link_of_the_same_site_is_taken_absolute_and_clean(self):
        assert told('<link rel="canonical" href="/magnets#top">').canonical_url == "https://news.example.org/magnets"

    @pytest.mark.parametrize(
        "href", ["https://other.example.net/x", "https://news.example.org/", "javascript:alert(1)", "http://[bad"]
    )
    def test_a_canonical_link_elsewhere_is_not_believed(self, href):
        assert told(f'<link rel="canonical" href="{href}">').canonical_url == URL

    def test_language_is_the_primary_tag(self):
        assert told(lang="pt-BR").language == "pt"
        assert told('<meta property="og:locale" content="de_AT">').language == "de"
        assert told(witness=Witness(language="sv-SE")).language == "sv"

    def test_site_image_and_summary(self):
        head = (
            '<meta property="og:site_name" content="The Daily"><meta property="og:image" content="/i/a.jpg">'
            '<meta name="description" content="What  happened.">'
        )
        found = told(head)
        assert (found.site_name, found.image, found.summary) == (
            "The Daily",
            "https://news.example.org/i/a.jpg",
            "What happened.",
        )

    @pytest.mark.parametrize("value", [False, "False", "false"])
    def test_a_wall_that_the_page_declares_is_seen(self, value):
        assert told(ld(**{"@type": "NewsArticle", "headline": "x", "isAccessibleForFree": value})).paywalled

    def test_a_free_page_has_no_wall(self):
        assert not told(ld(**{"@type": "NewsArticle", "headline": "x", "isAccessibleForFree": True})).paywalled

    @pytest.mark.parametrize(
        "script",
        [
            "{",
            "[]",
            "null",
            '"text"',
            "{" * 5000,
            '{"@graph": [[[{"@type": 7}]]]}',
            '{"@type": "NewsArticle", "author": [[[]]]}',
        ],
    )
    def test_broken_json_ld_says_nothing(self, script):
        found = told(f'<script type="application/ld+json">{script}</script><title>A plain title of a page</title>')
        assert found.title == "A plain title of a page"

    def test_json_ld_with_a_trailing_comma_is_read(self):
        assert (
            told(
                '<script type="application/ld+json">{"@type": "NewsArticle", "headline": "A plant opens",}</script>'
            ).title
            == "A plant opens"
        )

    def test_the_article_is_found_in_a_graph(self):
        graph = {
            "@graph": [
                {"@type": "WebSite", "name": "x"},
                {"@type": "WebPage", "headline": "no"},
                {"@type": ["NewsArticle"], "headline": "yes", "author": "Ada Lund"},
            ]
        }
        assert told(f'<script type="application/ld+json">{json.dumps(graph)}</script>').title == "yes"


def test_half_a_surrogate_pair_in_json_ld_costs_a_character_not_the_article():
    node = '{"@type": "NewsArticle", "author": {"name": "Jane \\ud800 Doe"}, "headline": "Magnets \\ud83d\\ude00"}'
    found = told(f'<script type="application/ld+json">{node}</script>')
    assert found.authors == ("Jane � Doe",)
    assert json.loads(json.dumps(found.authors)) == ["Jane � Doe"]
