"""OPML both ways: subscription lists come in by listparser and are validated, and go out as OPML 2.0.

Lists come from strangers: `file:` addresses, private hosts and repeats are rejected with a reason, each one named.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import listparser
from lxml import etree

from schedulers.catalogue import FeedSource
from schedulers.core.redirects import is_public
from shared.urls import BadURLError, canonical

if TYPE_CHECKING:
    from collections.abc import Iterable

MOST_BYTES = 5_000_000
DEEPEST = 64  # folders in folders; listparser copies the whole path at every outline


class OpmlError(ValueError):
    """A document that is no subscription list; the text says why."""


@dataclass(frozen=True, kw_only=True)
class Rejected:
    """An outline that was not taken over."""

    url: str
    title: str
    why: str


@dataclass(frozen=True, kw_only=True)
class Imported:
    """What an OPML document gave, in its order."""

    feeds: tuple[FeedSource, ...]
    rejected: tuple[Rejected, ...]


def read(document: bytes) -> Imported:
    """The feeds in an OPML, FOAF or iGoogle list; raises OpmlError for anything else. Fetches nothing."""
    if len(document) > MOST_BYTES:
        raise OpmlError(f"the list is larger than {MOST_BYTES:,} bytes")
    _refuse_depth(document)
    harvest = listparser.parse(document)
    if not harvest.version and not harvest.feeds:
        raise OpmlError("this is no subscription list: no <opml> and no outline with an xmlUrl")
    feeds: dict[str, FeedSource] = {}
    rejected: list[Rejected] = []
    for item in harvest.feeds:
        title = " ".join(str(item.get("title") or "").split())[:120]
        taken = _source(str(item.get("url") or ""), title, item.get("categories") or ())
        if isinstance(taken, str):
            rejected.append(Rejected(url=str(item.get("url") or ""), title=title, why=taken))
        elif taken.url in feeds:
            rejected.append(Rejected(url=taken.url, title=title, why="named twice"))
        else:
            feeds[taken.url] = taken
    return Imported(feeds=tuple(feeds.values()), rejected=tuple(rejected))


class _DepthMeter:
    """A parser target that only watches how deeply outlines nest."""

    def __init__(self) -> None:
        self.depth = 0

    def start(self, tag: str, _attributes: object) -> None:
        self.depth += tag == "outline"
        if self.depth > DEEPEST:
            raise OpmlError(f"the list nests outlines more than {DEEPEST} deep")

    def end(self, tag: str) -> None:
        self.depth -= tag == "outline"

    def close(self) -> None:
        """Nothing is kept."""


def _refuse_depth(document: bytes) -> None:
    target: Any = _DepthMeter()  # lxml asks only for the methods that are there, its stubs for all
    if document.strip():
        # The same parser that listparser uses, so that both see the same nesting.
        etree.parse(io.BytesIO(document), etree.HTMLParser(target=target, recover=True))


def _source(url: str, title: str, categories: Iterable[Iterable[str]]) -> FeedSource | str:
    """The feed, or why it is none of ours."""
    try:
        address = canonical(url)
    except BadURLError as error:
        return str(error)
    if not is_public(address):
        return "the address is not a public one"
    tags = tuple(dict.fromkeys("/".join(path)[:80] for path in categories))
    return FeedSource(name=title or address[:120], url=address, tags=tags)


def write(sources: Iterable[FeedSource], *, title: str = "rarewire") -> str:
    """An OPML 2.0 document of the feeds; what `read` makes of it is the same names, addresses and tags."""
    root = ET.Element("opml", version="2.0")
    ET.SubElement(ET.SubElement(root, "head"), "title").text = title
    body = ET.SubElement(root, "body")
    for source in sources:
        attributes = {"type": "rss", "text": source.name, "title": source.name, "xmlUrl": source.url}
        optional = {"htmlUrl": source.homepage, "language": source.language, "category": ",".join(source.tags)}
        ET.SubElement(body, "outline", attributes | {name: value for name, value in optional.items() if value})
    ET.indent(root)
    out = io.StringIO()
    ET.ElementTree(root).write(out, encoding="unicode", xml_declaration=False)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + out.getvalue() + "\n"
