"""Documents of every kind, well and ill, to feeds."""

from __future__ import annotations

import json

import pytest

from shared.errors import PermanentError
from shared.outcomes import Reason
from workers.poll.core import ParsedFeed, parse

NOW = 1_790_000_000.0
URL = "https://news.example.com/feed.xml"

RSS = """<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/"
     xmlns:atom="http://www.w3.org/2005/Atom" xmlns:sy="http://purl.org/rss/1.0/modules/syndication/">
<channel>
  <title>Metals &amp; Magnets</title><link>https://news.example.com/</link><description>d</description>
  <language>en-GB</language><ttl>90</ttl>
  <sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>2</sy:updateFrequency>
  <skipHours><hour>0</hour><hour>1</hour><hour>24</hour></skipHours><skipDays><day>Sunday</day></skipDays>
  <atom:link href="https://news.example.com/feed.xml" rel="self" type="application/rss+xml"/>
  <atom:link rel="hub" href="https://hub.example.com/"/>
  <item>
    <title>Separation plant &lt;em&gt;opens&lt;/em&gt; in Norway</title>
    <link>/2026/09/plant?utm_source=rss</link>
    <guid isPermaLink="false">tag:17</guid>
    <pubDate>Mon, 21 Sep 2026 08:00:00 +0200</pubDate>
    <dc:creator>A. Writer</dc:creator>
    <description>Short.</description>
    <content:encoded><![CDATA[<p>The whole text.</p>]]></content:encoded>
  </item>
</channel></rss>"""

ATOM = """<?xml version="1.0"?>
<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="de">
  <title>Erzblatt</title><id>urn:feed</id><updated>2026-09-21T08:00:00Z</updated>
  <link href="https://erz.example.com/"/><link rel="hub" href="https://hub.example.com/"/>
  <entry><title type="html">Dysprosium &amp;amp; Terbium</title><id>urn:1</id>
    <link href="https://erz.example.com/1"/><updated>2026-09-21T08:00:00Z</updated>
    <published>2026-09-20T08:00:00.25Z</published><author><name>B. Autor</name></author>
    <summary>Kurz.</summary></entry>
</feed>"""

RDF = """<?xml version="1.0"?>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
  xmlns:dc="http://purl.org/dc/elements/1.1/">
<channel rdf:about="https://old.example.com/"><title>Old style</title><link>https://old.example.com/</link></channel>
<item rdf:about="https://old.example.com/a"><title>A</title><link>https://old.example.com/a</link>
<dc:date>2026-09-01T00:00:00Z</dc:date></item>
</rdf:RDF>"""


def parsed(document: str | bytes, **more: str) -> ParsedFeed:
    body = document.encode() if isinstance(document, str) else document
    return parse(body, url=URL, now=NOW, **more)


def test_rss_gives_its_entry_whole() -> None:
    feed = parsed(RSS)
    (entry,) = feed.entries
    assert (feed.version, feed.title, feed.language, feed.parser) == ("rss20", "Metals & Magnets", "en", "lxml")
    assert entry.entry_id == "tag:17"
    assert entry.url == "https://news.example.com/2026/09/plant?utm_source=rss"
    assert entry.title == "Separation plant opens in Norway"
    assert (entry.summary, entry.content) == ("Short.", "<p>The whole text.</p>")
    assert entry.published_at == 1_789_970_400.0
    assert entry.authors == ("A. Writer",)
    assert entry.language == "en"


def test_rss_gives_the_publishers_wishes_and_the_hub() -> None:
    feed = parsed(RSS)
    assert feed.ttl == 90 * 60
    assert feed.skip_hours == {0, 1}
    assert feed.skip_days == {6}
    assert feed.hubs == ("https://hub.example.com/",)
    assert feed.self_url == URL


def test_atom_gives_its_entry_whole() -> None:
    feed = parsed(ATOM)
    (entry,) = feed.entries
    assert (feed.version, feed.language) == ("atom10", "de")
    assert entry.title == "Dysprosium & Terbium"
    assert entry.published_at == 1_789_891_200.0
    assert entry.authors == ("B. Autor",)
    assert feed.hubs == ("https://hub.example.com/",)


def test_rdf_is_read_by_feedparser() -> None:
    feed = parsed(RDF)
    assert (feed.version, feed.parser) == ("rss10", "feedparser")
    assert [entry.url for entry in feed.entries] == ["https://old.example.com/a"]


def test_broken_xml_is_read_as_far_as_it_goes() -> None:
    feed = parsed(RSS.replace("</channel></rss>", "<item><title>Torn & open"))
    assert feed.parser == "feedparser"
    assert feed.entries[0].entry_id == "tag:17"


def test_another_encoding_is_told_by_header_or_declaration() -> None:
    text = RSS.replace("A. Writer", "Åse Ødegård").replace('encoding="UTF-8"', 'encoding="ISO-8859-1"')
    assert parsed(text.encode("latin-1")).entries[0].authors == ("Åse Ødegård",)
    bare = text.replace('encoding="ISO-8859-1"', "")
    assert parsed(bare.encode("latin-1"), content_type="application/xml; charset=ISO-8859-1").entries[0].authors == (
        "Åse Ødegård",
    )


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b" \n\t",
        b"\xef\xbb\xbf",
        b"hello",
        b"/etc/passwd",
        b"https://example.com/feed.xml",
        b"<!doctype html><html><body><p>No feed here</p></body></html>",
        b'<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><body/></html>',
        b"<note><to>x</to></note>",
        b'{"no": "feed"}',
        b'{"items": ',
        b"{" * 100_000,
        b'{"items":' + b"[" * 100_000,
        b'{"version": 1e999, "items": 5}',
        b"\x00\x01\x02\x03" * 1000,
        b"\x1f\x8b\x08\x00 still compressed",
        b'<?xml version="1.0" encoding="punycode"?><a/>',
        b'<?xml version="1.0" encoding="undefined"?><a/>',
    ],
)
def test_what_is_no_feed_is_refused_with_that_reason(document: bytes) -> None:
    with pytest.raises(PermanentError) as refused:
        parsed(document)
    assert refused.value.reason is Reason.NOT_A_FEED


def test_a_path_in_the_body_opens_no_file(tmp_path: object) -> None:
    secret = __import__("pathlib").Path(str(tmp_path)) / "feed.xml"
    secret.write_text(RSS)
    with pytest.raises(PermanentError):
        parsed(str(secret))


def test_a_feed_without_entries_is_a_feed() -> None:
    assert parsed("<rss version='2.0'><channel><title>Quiet</title></channel></rss>").entries == ()


def test_entities_from_outside_are_neither_fetched_nor_expanded(tmp_path: object) -> None:
    secret = __import__("pathlib").Path(str(tmp_path)) / "secret"
    secret.write_text("top secret")
    bomb = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    document = RSS.replace(
        "<rss ", f'<!DOCTYPE rss [<!ENTITY x SYSTEM "file://{secret}"><!ENTITY a0 "ha">{bomb}]><rss ', 1
    ).replace("Short.", "&x;&a9;")
    assert "top secret" not in str(parsed(document))
    assert len(str(parsed(document))) < 10_000


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Mon, 21 Sep 2026 08:00:00 GMT", 1_789_977_600.0),
        ("2026-09-21T08:00:00Z", 1_789_977_600.0),
        ("21 September 2026", 1_789_948_800.0),
        ("Fri, 01 Jan 1763 00:00:00 GMT", None),
        ("9999-01-01T00:00:00Z", None),
        ("-0001-01-01T00:00:00Z", None),
        ("soon", None),
        ("", None),
    ],
)
def test_a_date_that_cannot_be_true_is_no_date(written: str, read: float | None) -> None:
    document = RSS.replace("Mon, 21 Sep 2026 08:00:00 +0200", written)
    assert parsed(document).entries[0].published_at == read


@pytest.mark.parametrize(
    ("written", "url"),
    [
        ("https://other.example.com/a b", "https://other.example.com/a%20b"),
        ("//cdn.example.com/x", "https://cdn.example.com/x"),
        ("?id=7", "https://news.example.com/feed.xml?id=7"),
        ("javascript:alert(1)", ""),
        ("file:///etc/passwd", ""),
        ("https://user:pw@example.com/", ""),
        ("", ""),
    ],
)
def test_a_link_becomes_one_that_may_be_asked_for_or_none(written: str, url: str) -> None:
    assert parsed(RSS.replace("/2026/09/plant?utm_source=rss", written)).entries[0].url == url


def test_json_with_a_lone_surrogate_can_be_stored() -> None:
    item = {"id": "1", "url": "https://e.example.com/1", "title": "\ud800 broken", "content_text": "\udfff"}
    body = json.dumps({"version": "https://jsonfeed.org/version/1.1", "items": [item]})
    (entry,) = parsed(body).entries
    assert entry.title.encode()
    assert entry.content.encode()
