"""An outgoing feed as Atom (RFC 4287). Pure. All text goes in as text, so that hostile words stay words."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lxml import etree

from shared.events import SCHEMAS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from console.outgoing.choosing import Item
    from shared.tags import Tag

ATOM = "http://www.w3.org/2005/Atom"
LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
NOT_XML = re.compile(r"[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0, 2.2
NEVER = "1970-01-01T00:00:00Z"  # when an empty feed was updated: Atom wants a time, and none is true
CONTENT_TYPE = "application/atom+xml; charset=utf-8"


@dataclass(frozen=True, kw_only=True)
class Channel:
    """The feed as a whole: its id, title, address, the page for people, the program's version, whether text goes in."""

    id: str
    title: str
    url: str
    home: str
    version: str
    full_text: bool = False


def atom(channel: Channel, items: Sequence[Item]) -> bytes:
    """Return the document."""
    feed = etree.Element(f"{{{ATOM}}}feed", nsmap={None: ATOM})
    _add(feed, "id", channel.id)
    _add(feed, "title", channel.title)
    _add(feed, "updated", max((item.updated for item in items), default=NEVER))
    _add(_add(feed, "author"), "name", "rarewire")
    _add(feed, "link", rel="self", type="application/atom+xml", href=channel.url)
    _add(feed, "link", rel="alternate", type="text/html", href=channel.home)
    _add(feed, "generator", "rarewire", version=channel.version)
    for item in items:
        _entry(feed, item, full_text=channel.full_text)
    return etree.tostring(feed, xml_declaration=True, encoding="utf-8")


def _entry(feed: etree._Element, item: Item, *, full_text: bool) -> None:
    article = item.article
    entry = _add(feed, "entry")
    if article.language:
        entry.set(LANGUAGE, clean(article.language))
    _add(entry, "id", item.id)
    _add(entry, "title", article.title or article.url)
    _add(entry, "updated", item.updated)
    _add(entry, "published", item.published)
    _add(entry, "link", rel="alternate", type="text/html", href=article.url)
    for name in item.authors:
        _add(_add(entry, "author"), "name", name)
    for tag in item.tags:
        _add(entry, "category", term=tag.id, scheme=scheme(tag), label=tag.label)
    if item.summary:
        _add(entry, "summary", item.summary)
    if full_text and article.paragraphs:
        _add(entry, "content", "".join(f"<p>{html.escape(text)}</p>" for text in article.paragraphs), type="html")


def scheme(tag: Tag) -> str:
    """Return the IRI that says of which facet a category is."""
    return f"{SCHEMAS}/tags/{tag.facet}"


def _add(parent: etree._Element, name: str, text: str = "", **attributes: str) -> etree._Element:
    made = etree.SubElement(
        parent, f"{{{ATOM}}}{name}", {key: clean(value) for key, value in attributes.items() if value}
    )
    made.text = clean(text) or None
    return made


def clean(text: str) -> str:
    """Return a text without what no XML document may hold."""
    return NOT_XML.sub("", text)
