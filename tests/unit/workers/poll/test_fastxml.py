"""The fast way agrees with feedparser on everything it dares to read."""

from __future__ import annotations

from xml.sax.saxutils import escape, quoteattr

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workers.poll.core.certain import Outline
from workers.poll.core.entries import absolute, finish
from workers.poll.core.fastxml import outline
from workers.poll.core.text import primary_language
from workers.poll.core.xmlfeed import read_with_feedparser

URL = "https://feed.example.com/some/feed.xml"
NOW = 1_790_000_000.0

# Text that tempts a reader to see markup, references, mojibake and blanks.
TEXT = st.lists(
    st.one_of(
        st.sampled_from(
            [
                "<",
                ">",
                "&",
                ";",
                "&amp;",
                "&lt;",
                "<b>",
                "</b>",
                "<br/>",
                "&#39;",
                "é",
                "Ã©",
                "\x85",
                " ",
                "\n",
                "稀",
                "'",
                '"',
            ]
        ),
        st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cn")),
    ),
    max_size=12,
).map("".join)
ADDRESS = st.sampled_from(
    [
        "https://e.example.com/a",
        "https://e.example.com/a?x=1&y=2",
        "http://e.example.com/a;b=1",
        "/relative/path",
        "?q=1",
        "https://e.example.com/a#part",
        "HTTPS://E.EXAMPLE.COM/%7Ea",
        "https://e.example.com/&copy;x",
        "tag:e.example.com,2026:1",
        "urn:uuid:1225c695",
        "17",
        "",
        "https://e.example.com/a?",
    ]
)
DATE = st.sampled_from(
    [
        "Mon, 21 Sep 2026 08:00:00 GMT",
        "Tue, 1 Sep 2026 08:00:00 +0530",
        "21 Sep 2026 08:00:00 -0700",
        "Mon, 21 Sep 2026 08:00:00 EST",
        "2026-09-21T08:00:00Z",
        "2026-09-21T08:00:00.123+02:00",
        "2026-09-21",
        "Fri, 31 Feb 2026 08:00:00 GMT",
        "yesterday",
        "",
    ]
)


def leaf(name: str, text: st.SearchStrategy[str], *attributes: str) -> st.SearchStrategy[str]:
    def written(value: str, attribute: str, cdata: bool) -> str:
        inside = f"<![CDATA[{value}]]>" if cdata and "]]>" not in value else escape(value)
        return f"<{name}{attribute}>{inside}</{name}>"

    return st.builds(
        written, text, st.sampled_from(["", *(f" {attribute}" for attribute in attributes)]), st.booleans()
    )


RSS_PARTS = st.one_of(
    leaf("title", TEXT, 'type="html"', 'xml:lang="fr"'),
    leaf("link", ADDRESS, 'rel="alternate"'),
    leaf("guid", ADDRESS, 'isPermaLink="false"', 'isPermaLink="true"', 'ISPERMALINK="FALSE"'),
    leaf("description", TEXT),
    leaf("pubDate", DATE),
    leaf("author", TEXT),
    leaf("category", TEXT, 'domain="x"'),
    leaf("comments", ADDRESS),
    leaf("content:encoded", TEXT),
    leaf("dc:creator", TEXT),
    leaf("dc:date", DATE),
    leaf("media:title", TEXT),
    leaf("slash:comments", st.just("3")),
    leaf("source", TEXT, 'url="https://s.example.com/"'),
    leaf("itunes:summary", TEXT),
    leaf("body", TEXT),
    st.just('<enclosure url="https://e.example.com/a.mp3" type="audio/mpeg" length="1"/>'),
    st.just('<media:content url="https://e.example.com/a.jpg"/>'),
    st.just("<media:group><media:title>deep</media:title></media:group>"),
    st.just('<atom:link href="https://e.example.com/other"/>'),
    st.just('<atom:link rel="replies" href="https://e.example.com/replies"/>'),
    st.just("<description><p>inline</p></description>"),
    st.just("<!-- a comment --><?php echo 1 ?>"),
)
RSS_CHANNEL = st.one_of(
    leaf("title", TEXT),
    leaf("link", ADDRESS),
    leaf("language", st.sampled_from(["en-us", "de", "", "zh_CN"])),
    leaf("ttl", st.sampled_from(["60", "0", "-5", "x"])),
    leaf("description", TEXT),
    leaf("lastBuildDate", DATE),
    leaf("sy:updatePeriod", st.sampled_from(["hourly", "daily", "sometimes"])),
    leaf("sy:updateFrequency", st.sampled_from(["1", "4", "0"])),
    st.just(
        "<image><title>logo</title><link>https://e.example.com/</link><url>https://e.example.com/l.png</url></image>"
    ),
    st.just('<atom:link rel="self" href="https://feed.example.com/self"/>'),
    st.just('<atom:link rel="hub" href="https://hub.example.com/"/>'),
)
ATOM_PARTS = st.one_of(
    leaf("title", TEXT, 'type="html"', 'type="text"', 'type="xhtml"'),
    leaf("id", ADDRESS),
    leaf("updated", DATE),
    leaf("published", DATE),
    leaf("summary", TEXT, 'type="html"'),
    leaf("content", TEXT, 'type="html"', 'type="text/plain"', 'src="https://e.example.com/full"'),
    leaf("rights", TEXT),
    st.builds(
        lambda href, more: f"<link href={quoteattr(href)}{more}/>",
        ADDRESS,
        st.sampled_from(["", ' rel="alternate"', ' rel="edit"', ' type="text/html"', ' type="application/json"']),
    ),
    st.builds(
        lambda name, mail: f"<author><name>{escape(name)}</name>{mail}</author>",
        TEXT,
        st.sampled_from(["", "<email>a@e.example.com</email>", "<uri>https://e.example.com/</uri>"]),
    ),
    st.just('<category term="magnets"/>'),
    st.just("<source><title>elsewhere</title></source>"),
)
NAMESPACES = (
    'xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/" '
    'xmlns:media="http://search.yahoo.com/mrss/" xmlns:atom="http://www.w3.org/2005/Atom" '
    'xmlns:slash="http://purl.org/rss/1.0/modules/slash/" xmlns:sy="http://purl.org/rss/1.0/modules/syndication/" '
    'xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd"'
)


def some(parts: st.SearchStrategy[str], most: int) -> st.SearchStrategy[str]:
    return st.lists(parts, max_size=most).map("".join)


ITEMS = st.lists(some(RSS_PARTS, 6).map(lambda inside: f"<item>{inside}</item>"), max_size=3).map("".join)
ENTRIES = st.lists(some(ATOM_PARTS, 7).map(lambda inside: f"<entry>{inside}</entry>"), max_size=3).map("".join)
RSS = st.builds(
    lambda before, items, after: f'<rss version="2.0" {NAMESPACES}><channel>{before}{items}{after}</channel></rss>',
    some(RSS_CHANNEL, 4),
    ITEMS,
    some(RSS_CHANNEL, 1),
)
ATOM = st.builds(
    lambda language, before, entries: f'<feed xmlns="http://www.w3.org/2005/Atom"{language}>{before}{entries}</feed>',
    st.sampled_from(["", ' xml:lang="pt-BR"', ' lang="fr"', ' version="1.0"']),
    some(ATOM_PARTS, 2),
    ENTRIES,
)
TYPES = st.sampled_from(
    ["", "application/rss+xml", "text/xml", "text/xml; charset=utf-8", "application/xml; charset=iso-8859-1"]
)


def meant(feed: Outline) -> tuple[object, ...]:
    """What of an outline reaches anyone."""
    links = [(rel, absolute(href, URL)) for rel, href in feed.links if rel in {"hub", "self"}]
    entries = finish(feed.drafts, base=URL, now=NOW, language=primary_language(feed.language))
    return feed.version, feed.title, absolute(feed.link, URL), feed.ttl, feed.period, feed.frequency, links, entries


@settings(max_examples=400, deadline=None)
@given(
    document=st.one_of(RSS, ATOM),
    declaration=st.sampled_from(["", '<?xml version="1.0" encoding="UTF-8"?>']),
    content_type=TYPES,
)
def test_what_the_fast_way_reads_is_what_feedparser_reads(document: str, declaration: str, content_type: str) -> None:
    body = (declaration + document).encode()
    fast = outline(body, content_type=content_type)
    if fast is not None:
        assert meant(fast) == meant(read_with_feedparser(body, url=URL, content_type=content_type))


PLAIN = (
    '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel><title>t</title>'
    "<item><title>a</title><link>https://e.example.com/1</link></item></channel></rss>"
)


def test_an_ordinary_feed_takes_the_fast_way() -> None:
    assert outline(PLAIN.encode()) is not None


@pytest.mark.parametrize(
    "document",
    [
        PLAIN.replace("UTF-8", "ISO-8859-1"),
        PLAIN.replace("<rss", "<!DOCTYPE rss><rss"),
        PLAIN.replace("<channel>", '<channel xml:base="https://b.example.com/">'),
        PLAIN.replace('version="2.0"', 'version="0.91"'),
        PLAIN.replace("<title>a</title>", "<title>a</title><title>b</title>"),
        PLAIN.replace("<title>a</title>", "<title>a <b>b</b></title>"),
        PLAIN.replace("<title>a</title>", "<pubDate>last Tuesday</pubDate>"),
        PLAIN.replace("<title>a</title>", "<unheard-of/>"),
        PLAIN.replace("<title>a</title>", "<author>me@e.example.com (Me)</author>"),
        PLAIN.replace("</item>", ""),
        "not xml",
    ],
)
def test_whatever_is_not_certain_is_left_to_feedparser(document: str) -> None:
    assert outline(document.encode()) is None


def test_the_header_may_contradict_the_fast_way() -> None:
    assert outline(PLAIN.encode(), content_type="text/xml; charset=windows-1251") is None
