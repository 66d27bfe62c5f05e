"""RSS 2.0 by lxml, as feedparser reads it; NotSureError for anything that only feedparser can tell."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from workers.poll.core.certain import (
    ABSOLUTE,
    ATOM,
    Outline,
    ignorable,
    names,
    no_context,
    once,
    sideways,
    sure,
    text,
    when,
)
from workers.poll.core.text import looks_like_markup, plain
from workers.poll.core.values import Draft

if TYPE_CHECKING:
    from lxml.etree import _Element

CONTENT = "{http://purl.org/rss/1.0/modules/content/}encoded"
CREATOR = "{http://purl.org/dc/elements/1.1/}creator"
PERIOD = "{http://purl.org/rss/1.0/modules/syndication/}updatePeriod"
FREQUENCY = "{http://purl.org/rss/1.0/modules/syndication/}updateFrequency"
CHANNEL = frozenset({"title", "link", "language", "ttl", PERIOD, FREQUENCY})
CHANNEL_LEAVES = frozenset(
    {
        *("lastBuildDate", "pubDate", "generator", "copyright", "docs", "category", "managingEditor", "webMaster"),
        *("description", "cloud"),
    }
)
CHANNEL_BRANCHES = frozenset({"image", "skipHours", "skipDays"})
ITEM = frozenset({"title", "link", "guid", "description", "pubDate", CONTENT})
ITEM_LEAVES = frozenset({"category", "comments", "enclosure"})


def read_rss(root: _Element) -> Outline:
    """The feed under an `<rss>` element."""
    sure(of=(root.get("version") or "").startswith("2.") and len(root) == 1 and root[0].tag == "channel")
    no_context(root)
    sure(of=not root[0].attrib)
    feed = Outline(version="rss20")
    seen: dict[str, str] = {}
    for element in root[0]:
        tag = str(element.tag)
        if tag == "item":
            feed.drafts.append(_item(element, seen.get("language", "")))
        elif tag in CHANNEL:
            no_context(element)
            # A language counts for what comes after it, and a link with attributes is Atom's in disguise.
            sure(of=not (tag == "language" and feed.drafts) and not (tag == "link" and element.attrib))
            once(seen, tag, text(element))
        elif tag == ATOM + "link":
            feed.links.append(sideways(element))
        else:
            ignorable(element, CHANNEL_LEAVES, CHANNEL_BRANCHES)
    feed.title, feed.link, feed.language = (
        words(seen.get("title", "")),
        _mended(seen.get("link", "")),
        seen.get("language", ""),
    )
    feed.ttl, feed.period, feed.frequency = (seen.get(name, "") for name in ("ttl", PERIOD, FREQUENCY))
    return feed


def words(title: str) -> str:
    """A title's words. RSS does not say whether it is HTML, so its text has to."""
    return plain(title, markup=looks_like_markup(title))


def _item(item: _Element, language: str) -> Draft:
    sure(of=not item.attrib)
    seen: dict[str, str] = {}
    authors: list[str] = []
    for element in item:
        tag = str(element.tag)
        if tag in ITEM:
            no_context(element)
            once(seen, tag, text(element))
        elif tag in {"author", CREATOR}:
            no_context(element)
            authors.append(text(element))
        elif tag == ATOM + "link":
            sideways(element)
        else:
            ignorable(element, ITEM_LEAVES)
    content = seen.get(CONTENT, "")
    return Draft(
        entry_id=seen.get("guid", ""),
        link=_link(item, seen),
        title=words(seen.get("title", "")),
        summary=seen.get("description", content),
        content=content,
        published_at=when(seen.get("pubDate", "")),
        authors=names(authors),
        language=language,
    )


def _link(item: _Element, seen: dict[str, str]) -> str:
    """The page's address: the link, else a guid that is one."""
    guid, link = item.find("guid"), item.find("link")
    if guid is not None:
        by_name = {str(name).lower(): value for name, value in guid.attrib.items()}
        if by_name.get("ispermalink", "true") == "true":
            sure(of=not seen["guid"] or bool(ABSOLUTE.fullmatch(seen["guid"])))
            if link is None:
                return seen["guid"]
    sure(of=link is None or not link.attrib)
    return _mended(seen.get("link", ""))


def _mended(link: str) -> str:
    """A link as feedparser mends it; it also drops an empty query or fragment, which is left to it."""
    sure(of=not link.endswith(("?", "#", ";")))
    return re.sub(r"&([A-Za-z0-9_]+);", r"&\1", link.replace("&amp;", "&"))
