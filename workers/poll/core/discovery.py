"""The feeds that a page names, for who adds a site by its address. A scan for tags, linear in the page; no DOM."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from workers.poll.core.entries import absolute
from workers.poll.core.text import plain

if TYPE_CHECKING:
    from collections.abc import Iterator

SCANNED = 1_000_000  # characters
MOST = 50
TAG = re.compile(r"<(link|a|base)\s([^<>]{1,4096})>", re.IGNORECASE)
ATTRIBUTE = re.compile(r"([a-z-]{1,20})\s{0,9}=\s{0,9}(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))", re.IGNORECASE)
TYPES = frozenset({"application/rss+xml", "application/atom+xml", "application/rdf+xml", "application/feed+json"})
JSON = "application/json"  # the type that JSON Feed 1.0 named; others use it for their APIs
FEED_PATH = re.compile(r"(?:^|[/._-])(?:feed|rss|atom|rdf)s?(?:$|[/._?-])", re.IGNORECASE)
NOT_NEWS = re.compile(r"comment|kommentar|comentario|commentaire|oembed|wp-json", re.IGNORECASE)
# Where publishing systems put feeds that their pages do not name, most common first.
USUAL_PATHS = ("/feed/", "/rss.xml", "/feed.xml", "/atom.xml", "/rss", "/index.xml", "/feed.json", "/news-sitemap.xml")


@dataclass(frozen=True, kw_only=True, slots=True)
class FoundFeed:
    """A feed that a page names. `declared` is false for a mere link that looks like one."""

    url: str
    title: str = ""
    declared: bool = True


def feeds_in_page(page: str, *, url: str) -> tuple[FoundFeed, ...]:
    """The feeds that a page at a canonical `url` names: declared ones first, those of comments last, each once."""
    base, declared, linked = url, [], []
    for name, attributes in _tags(page[:SCANNED]):
        href = attributes.get("href", "")
        if name == "base":
            base = absolute(href, url) or base
        elif name == "link" and _declares(attributes):
            declared.append(FoundFeed(url=absolute(href, base), title=plain(attributes.get("title", ""))))
        elif name == "a" and FEED_PATH.search(href.split("?", 1)[0]):
            linked.append(FoundFeed(url=absolute(href, base), declared=False))
    by_url: dict[str, FoundFeed] = {}
    for found in (*declared, *linked):
        if found.url and found.url != url:
            by_url.setdefault(found.url, found)
    ordered = sorted(by_url.values(), key=_of_comments)
    return tuple(ordered[:MOST])


def _of_comments(found: FoundFeed) -> bool:
    return bool(NOT_NEWS.search(found.url) or NOT_NEWS.search(found.title))


def usual_places(url: str) -> tuple[str, ...]:
    """Addresses worth asking when a page names no feed, most common first."""
    return tuple(address for path in USUAL_PATHS if (address := absolute(path, url)))


def _tags(page: str) -> Iterator[tuple[str, dict[str, str]]]:
    for name, inside in TAG.findall(page):
        yield (
            name.lower(),
            {key.lower(): html.unescape(a or b or c) for key, a, b, c in ATTRIBUTE.findall(inside)},
        )


def _declares(attributes: dict[str, str]) -> bool:
    rels = attributes.get("rel", "").lower().split()
    kind = attributes.get("type", "").lower().partition(";")[0].strip()
    looks_so = FEED_PATH.search(attributes.get("href", "")) is not None
    return ("alternate" in rels and (kind in TYPES or (kind == JSON and looks_so))) or "feed" in rels
