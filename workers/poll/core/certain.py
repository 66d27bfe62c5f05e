"""What the fast readers share: elements read as feedparser reads them, or not at all.

Whatever could make feedparser see more than these readers do raises NotSureError, and feedparser reads the document.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from workers.poll.core.fastdates import epoch
from workers.poll.core.text import mended, plain

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lxml.etree import _Element

    from workers.poll.core.values import Draft

ATOM = "{http://www.w3.org/2005/Atom}"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"
# Elements that change nothing of what an entry means to us, however feedparser stores them, if they have no children.
IGNORED_NAMESPACES = frozenset(
    {
        "http://wellformedweb.org/CommentAPI/",
        "http://purl.org/rss/1.0/modules/slash/",
        "http://purl.org/syndication/thread/1.0",
        "http://rssnamespace.org/feedburner/ext/1.0",
    }
)
IGNORED = frozenset(
    {
        "{com-wordpress:feed-additions:1}post-id",
        "{com-wordpress:feed-additions:1}site",
        "{http://purl.org/rss/1.0/modules/syndication/}updateBase",
        *(
            f"{{http://search.yahoo.com/mrss/}}{name}"
            for name in ("content", "thumbnail", "credit", "keywords", "copyright", "rating")
        ),
    }
)
# feedparser joins an id to the base, which changes all but an absolute address with its scheme in lower case.
ABSOLUTE = re.compile(r"[a-z][a-z0-9+.-]*:(?://[^/\s])?[^\s]*[^\s?#;]")


class NotSureError(Exception):
    """This document is feedparser's to read."""


@dataclass(kw_only=True)
class Outline:
    """What was read of a feed, before URLs are made canonical; `links` are (rel, href)."""

    version: str
    title: str = ""
    link: str = ""
    language: str = ""
    ttl: str = ""
    period: str = ""
    frequency: str = ""
    links: list[tuple[str, str]] = field(default_factory=list)
    drafts: list[Draft] = field(default_factory=list)


def sure(*, of: bool) -> None:
    """Raise NotSureError unless `of` holds."""
    if not of:
        raise NotSureError


def text(element: _Element) -> str:
    """The text of an element without children."""
    sure(of=not len(element))
    return mended((element.text or "").strip())


def no_context(element: _Element) -> None:
    """A language or base set on an element reaches all below it, which only feedparser follows."""
    sure(of=not any(name in {"base", "lang", LANG} for name in element.attrib))


def ignorable(element: _Element, leaves: frozenset[str], branches: frozenset[str] = frozenset()) -> None:
    """Pass over an element that means nothing to us: a known leaf, or a known branch whose children are not ours."""
    tag = str(element.tag)
    if tag in branches:
        return
    known = tag in leaves or tag in IGNORED or tag[1:].partition("}")[0] in IGNORED_NAMESPACES
    sure(of=known and not len(element))


def once(seen: dict[str, str], name: str, value: str) -> None:
    """Keep a value under a name that may come only once: which of two counts is feedparser's to say."""
    sure(of=name not in seen)
    seen[name] = value


def when(value: str) -> float | None:
    """The date in a text, None for no text."""
    if not value:
        return None
    at = epoch(value)
    sure(of=at is not None)
    return at


def names(authors: Iterable[str]) -> tuple[str, ...]:
    """Author names without repeats; one with an e-mail address in it is feedparser's to take apart."""
    listed = list(authors)
    sure(of=not any("@" in name for name in listed))
    return tuple(dict.fromkeys(name for author in listed if (name := plain(author))))


def sideways(element: _Element) -> tuple[str, str]:
    """The rel and href of an `atom:link` that does not name the page itself."""
    rel, href = (element.get("rel") or "alternate").lower(), element.get("href") or ""
    sure(of=rel != "alternate" and bool(href) and not len(element))
    no_context(element)
    return rel, href
