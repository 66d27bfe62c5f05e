"""What a page says of its article beside the text."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from workers.extract.core.extraction import Witness
from workers.extract.core.metadata import Metadata, read
from workers.extract.core.page import parse
from workers.extract.core.titles import likeness

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


def script(*values: object) -> str:
    return "".join(
        f'<script type="application/ld+json">{value if isinstance(value, str) else json.dumps(value)}</script>'
        for value in values
    )


HEADLINE = "Port signs magnet deal with smelters"
ARTICLE = {"@type": "NewsArticle", "headline": HEADLINE, "datePublished": "2026-11-23T10:15:00+08:00"}
INSTANT = 1_795_400_100.0


class TestTitlesOfAwkwardPages:
    @pytest.mark.parametrize(
        ("head", "body"),
        [
            (f"<title>The Ledger | {HEADLINE}</title>", ""),
            (f"<title>{HEADLINE}|The Ledger</title>", ""),
            (f"<title>{HEADLINE} | World | The Ledger</title>", ""),
            (f"<title>The Ledger: {HEADLINE}</title><meta property='og:site_name' content='The Ledger'>", ""),
            (f"<title>The Ledger: {HEADLINE}</title>", f"<font size=5><b>{HEADLINE}</b></font>"),
            (f"<title>{HEADLINE} - The Ledger</title><meta property='og:title' content='The Ledger'><meta property='og:site_name' content='The Ledger'>", ""),
            (f"<title>{HEADLINE} - Ledger</title>", f"<h1>The Ledger</h1><h2>{HEADLINE}</h2>"),
        ],
        ids=["site in front", "no spaces", "a section, too", "site and colon", "shown in bold", "og:title is the site", "h1 is the site"],
    )  # fmt: skip
    def test_the_sites_name_is_no_part_of_it(self, head, body):
        assert told(head, body).title == HEADLINE

    def test_a_chinese_title_ends_where_its_channel_begins(self):
        assert told("<title>港口签署磁材供应协议_新闻_港湾日报</title>").title == "港口签署磁材供应协议"

    @pytest.mark.parametrize(
        "title", ["Rare earths: the long road - and the short one", "Port and smelters agree — at last"]
    )
    def test_a_dash_in_a_headline_cuts_nothing_off(self, title):
        assert told(f"<title>{title}</title>").title == title

    def test_entities_that_were_escaped_twice_are_letters(self):
        assert (
            told("<meta property='og:title' content='Port &amp;amp; smelters&amp;#8217; deal'>").title
            == "Port & smelters’ deal"
        )


class TestPeopleOfAwkwardPages:
    @pytest.mark.parametrize(
        ("head", "body", "people"),
        [
            (script(ARTICLE | {"author": "By Mira Holt and Tom Reed"}), "", ("Mira Holt", "Tom Reed")),
            (script(ARTICLE | {"author": {"name": ["Mira Holt", "Tom Reed"]}}), "", ("Mira Holt", "Tom Reed")),
            (script({"@graph": [ARTICLE | {"author": {"@id": "#p"}}, {"@type": "Person", "@id": "#p", "name": "Mira Holt"}]}), "", ("Mira Holt",)),
            (script(ARTICLE | {"author": "Mira Holt, Senior Correspondent (Reuters)"}), "", ("Mira Holt",)),
            (script(ARTICLE | {"author": "José Ortega y Gasset"}), "", ("José Ortega y Gasset",)),
            (script(ARTICLE | {"author": "Ana Li y Tom Reed"}), "", ("Ana Li", "Tom Reed")),
            ("<meta name=author content='Mira Holt'><meta name=author content='Tom Reed'>", "", ("Mira Holt", "Tom Reed")),
            ("", "<div class=byline>By Mira Holt and Tom Reed | Nov 23, 2026</div>", ("Mira Holt", "Tom Reed")),
            ("", "<div class=author-note>Readers by the sea</div>", ()),
        ],
        ids=["in words", "one object, two names", "a reference", "office and agency", "one Spaniard", "two Spaniards", "two metas", "a byline", "no byline"],
    )  # fmt: skip
    def test_each_is_one_name(self, head, body, people):
        assert told(head, body).authors == people


class TestJsonLdOfAwkwardPages:
    @pytest.mark.parametrize(
        "source",
        [
            "//<![CDATA[\n{}\n//]]>",
            "<!-- {} -->",
            "/* by a plugin */ {}",
            '{}{{"@type": "Organization"}}',
            "{};",
        ],
        ids=["CDATA", "comment of HTML", "comment of a script", "two objects", "semicolon"],
    )
    def test_wrappings_are_taken_off(self, source):
        found = told(script(source.replace("{}", json.dumps(ARTICLE), 1).replace("{{", "{").replace("}}", "}")))
        assert (found.title, found.published.at) == (HEADLINE, INSTANT)

    @pytest.mark.parametrize("cut", [1, 2])
    def test_what_is_broken_off_still_says_its_plain_texts(self, cut):
        source = json.dumps(ARTICLE | {"author": {"@type": "Person", "name": "Mira Holt"}})
        found = told(script(source[:-cut]))
        assert (found.title, found.published.at, found.authors) == (HEADLINE, INSTANT, ("Mira Holt",))

    def test_of_several_articles_the_pages_own_is_meant(self):
        other = {
            "@type": "NewsArticle",
            "headline": "Another story",
            "datePublished": "2020-01-01",
            "author": "X Y",
            "image": "https://a.example/i.jpg",
            "publisher": {"name": "Z"},
        }
        found = told(script([other, ARTICLE]) + f"<title>{HEADLINE}</title>")
        assert (found.published.at, found.authors) == (INSTANT, ())

    def test_the_publisher_of_a_graph_is_looked_up(self):
        graph = {
            "@graph": [
                ARTICLE | {"publisher": {"@id": "https://l.example/#o"}},
                {"@type": "Organization", "@id": "https://l.example/#o", "name": "The Ledger"},
            ]
        }
        assert told(script(graph)).site_name == "The Ledger"
        assert told(script(ARTICLE | {"publisher": {"@id": "https://l.example/#o"}})).site_name == ""


class TestTheRestOfAwkwardPages:
    @pytest.mark.parametrize("free", [False, "False", "http://schema.org/False"])
    def test_a_wall_is_told_in_several_ways(self, free):
        assert told(script(ARTICLE | {"isAccessibleForFree": free})).paywalled
        assert told(script(ARTICLE | {"hasPart": {"@type": "WebPageElement", "isAccessibleForFree": free}})).paywalled
        assert not told(
            script(ARTICLE | {"isAccessibleForFree": True, "hasPart": {"isAccessibleForFree": free}})
        ).paywalled

    def test_addresses_are_relative_to_the_base(self):
        assert (
            told("<base href='https://cdn.example/x/'><meta property='og:image' content='i.jpg'>").image
            == "https://cdn.example/x/i.jpg"
        )

    def test_an_image_is_an_address_and_no_reference(self):
        image = {"@type": "ImageObject", "@id": "#i", "url": "https://c.example/i.jpg"}
        assert told(script({"@graph": [ARTICLE | {"image": {"@id": "#i"}}, image]})).image == "https://c.example/i.jpg"
        assert told("<meta property='og:image' content='data:image/png;base64,AAAA'>").image == ""

    @pytest.mark.parametrize(
        ("head", "source", "confidence"),
        [
            (script({"@type": "NewsArticle", "datePublished": 1_795_400_100_000}), "json-ld", 0.95),
            (script({"@type": "NewsArticle", "dateCreated": "2026-11-23T10:15:00+08:00"}), "json-ld", 0.8),
            (script({"@type": "NewsArticle", "dateModified": "2026-11-23T10:15:00+08:00"}), "json-ld", 0.4),
            ("<meta property='og:updated_time' content='2026-11-23T02:15:00Z'>", "meta", 0.4),
        ],
        ids=["milliseconds", "created", "changed", "changed, by a meta"],
    )
    def test_a_date_says_how_far_it_is_to_be_believed(self, head, source, confidence):
        found = told(head, url="https://news.example.org/magnets").published
        assert (found.at, found.source, found.confidence) == (INSTANT, source, confidence)
