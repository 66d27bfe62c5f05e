"""Feeds: RSS 2.0, RSS 1.0 (RDF), Atom and JSON Feed of an outlet's newest articles. Pure: values in, bytes out."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from html import escape
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from demo.press.outlets import Outlet
    from demo.press.truth import Publication

WRONG_DATE = datetime(1970, 1, 1, tzinfo=UTC)
TYPES = {
    "rss2": "application/rss+xml; charset=UTF-8",
    "rss1": "application/rdf+xml; charset=UTF-8",
    "atom": "application/atom+xml; charset=UTF-8",
    "json": "application/feed+json; charset=UTF-8",
}


@dataclass(frozen=True, kw_only=True)
class Channel:
    """What a feed is made from: the outlet, its address (no slash at the end) and its articles, newest first."""

    outlet: Outlet
    base: str
    items: Sequence[Publication]

    def link(self, item: Publication) -> str:
        """An article's absolute URL."""
        return self.base + item.path


def render(channel: Channel) -> bytes:
    """The feed in the outlet's own format, UTF-8."""
    return _FORMATS[channel.outlet.format](channel).encode()


def _date(item: Publication) -> datetime:
    return WRONG_DATE if item.fault.entry == "wrong_date" else datetime.fromtimestamp(int(item.published_at), UTC)


def _summary(item: Publication) -> str:
    return item.story.paragraphs[0][:280]


def _html(item: Publication) -> str:
    return "".join(f"<p>{escape(paragraph, quote=False)}</p>\n" for paragraph in item.story.paragraphs)


def _rss2(channel: Channel) -> str:
    outlet = channel.outlet
    items = "".join(_rss2_item(channel, item) for item in channel.items)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0" '
        'xmlns:content="http://purl.org/rss/1.0/modules/content/" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:atom="http://www.w3.org/2005/Atom">\n<channel>\n'
        f"<title>{escape(outlet.name)}</title>\n<link>{channel.base}/{outlet.slug}/</link>\n"
        f'<atom:link href="{channel.base}{outlet.feed_path}" rel="self" type="application/rss+xml"/>\n'
        f"<description>{escape(outlet.about)}</description>\n<language>{outlet.language}</language>\n{items}</channel>\n</rss>\n"
    )


def _rss2_item(channel: Channel, item: Publication) -> str:
    link = channel.link(item)
    guid = (
        "" if item.fault.entry == "no_id" else f'<guid isPermaLink="false">{channel.outlet.slug}:{item.number}</guid>'
    )
    full = f"<content:encoded><![CDATA[{_html(item)}]]></content:encoded>\n" if channel.outlet.full_text else ""
    return (
        f"<item>\n<title>{escape(item.story.title)}</title>\n<link>{link}</link>\n{guid}\n"
        f"<pubDate>{format_datetime(_date(item))}</pubDate>\n<dc:creator>{escape(item.author)}</dc:creator>\n"
        f"<description><![CDATA[<p>{escape(_summary(item), quote=False)} […]</p>]]></description>\n{full}</item>\n"
    )


def _rss1(channel: Channel) -> str:
    outlet = channel.outlet
    places = "".join(f'<rdf:li rdf:resource="{channel.link(item)}"/>' for item in channel.items)
    items = "".join(
        f'<item rdf:about="{channel.link(item)}">\n<title>{escape(item.story.title)}</title>\n'
        f"<link>{channel.link(item)}</link>\n<description>{escape(_summary(item))}</description>\n"
        f"<dc:creator>{escape(item.author)}</dc:creator>\n<dc:date>{_date(item).isoformat()}</dc:date>\n</item>\n"
        for item in channel.items
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<rdf:RDF xmlns="http://purl.org/rss/1.0/" '
        'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:dc="http://purl.org/dc/elements/1.1/">\n'
        f'<channel rdf:about="{channel.base}{outlet.feed_path}">\n<title>{escape(outlet.name)}</title>\n'
        f"<link>{channel.base}/{outlet.slug}/</link>\n<description>{escape(outlet.about)}</description>\n"
        f"<dc:language>{outlet.language}</dc:language>\n<items><rdf:Seq>{places}</rdf:Seq></items>\n</channel>\n{items}</rdf:RDF>\n"
    )


def _atom(channel: Channel) -> str:
    outlet = channel.outlet
    newest = max((item.updated_at for item in channel.items), default=0.0)
    entries = "".join(_atom_entry(channel, item) for item in channel.items)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="{outlet.language}">\n'
        f"<id>urn:press:{outlet.slug}</id>\n<title>{escape(outlet.name)}</title>\n"
        f'<link rel="self" href="{channel.base}{outlet.feed_path}"/>\n<link href="{channel.base}/{outlet.slug}/"/>\n'
        f"<updated>{_stamp(newest)}</updated>\n{entries}</feed>\n"
    )


def _atom_entry(channel: Channel, item: Publication) -> str:
    ident = "" if item.fault.entry == "no_id" else f"<id>urn:press:{channel.outlet.slug}:{item.number}</id>\n"
    full = f'<content type="html">{escape(_html(item))}</content>\n' if channel.outlet.full_text else ""
    return (
        f"<entry>\n{ident}<title>{escape(item.story.title)}</title>\n"
        f'<link rel="alternate" type="text/html" href="{channel.link(item)}"/>\n'
        f"<published>{_date(item).isoformat()}</published>\n<updated>{_stamp(item.updated_at)}</updated>\n"
        f"<author><name>{escape(item.author)}</name></author>\n<summary>{escape(_summary(item))}</summary>\n{full}</entry>\n"
    )


def _json(channel: Channel) -> str:
    outlet = channel.outlet
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": outlet.name,
        "home_page_url": f"{channel.base}/{outlet.slug}/",
        "feed_url": channel.base + outlet.feed_path,
        "description": outlet.about,
        "language": outlet.language,
        "items": [_json_item(channel, item) for item in channel.items],
    }
    return json.dumps(feed, ensure_ascii=False, indent=1)


def _json_item(channel: Channel, item: Publication) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "id": f"{channel.outlet.slug}:{item.number}",
        "url": channel.link(item),
        "title": item.story.title,
        "summary": _summary(item),
        "date_published": _date(item).isoformat(),
        "date_modified": _stamp(item.updated_at),
        "authors": [{"name": item.author}],
    }
    if channel.outlet.full_text:
        entry["content_html"] = _html(item)
    if item.fault.entry == "no_id":
        del entry["id"]
    return entry


def _stamp(at: float) -> str:
    return datetime.fromtimestamp(int(at), UTC).isoformat()


_FORMATS: dict[str, Callable[[Channel], str]] = {"rss2": _rss2, "rss1": _rss1, "atom": _atom, "json": _json}
