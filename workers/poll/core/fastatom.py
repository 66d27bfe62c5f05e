"""Atom 1.0 by lxml, as feedparser reads it; NotSureError for anything that only feedparser can tell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workers.poll.core.certain import (
    ABSOLUTE,
    ATOM,
    LANG,
    Outline,
    ignorable,
    names,
    no_context,
    once,
    sure,
    text,
    when,
)
from workers.poll.core.text import plain
from workers.poll.core.values import Draft

if TYPE_CHECKING:
    from lxml.etree import _Element

FEED_LEAVES = frozenset(
    ATOM + name for name in ("updated", "generator", "rights", "icon", "logo", "subtitle", "category")
)
FEED_BRANCHES = frozenset({ATOM + "author"})
ENTRY = frozenset(ATOM + name for name in ("title", "id", "published", "updated", "summary", "content"))
ENTRY_LEAVES = frozenset(ATOM + name for name in ("category", "rights"))
HTML = frozenset({"text/html", "application/xhtml+xml", "html", "xhtml"})


def read_atom(root: _Element) -> Outline:
    """The feed under a `<feed>` element."""
    sure(of=not any(name in {"base", "lang", "version"} for name in root.attrib))
    feed = Outline(version="atom10", language=root.get(LANG) or "")
    seen: dict[str, str] = {}
    for element in root:
        tag = str(element.tag)
        if tag == ATOM + "entry":
            feed.drafts.append(_entry(element, feed.language))
        elif tag == ATOM + "title":
            once(seen, tag, _title(element))
        elif tag == ATOM + "id":
            no_context(element)
            once(seen, tag, text(element))
        elif tag == ATOM + "link":
            feed.links.append(_link(element))
        else:
            ignorable(element, FEED_LEAVES, FEED_BRANCHES)
    page, feed_id = _page(feed.links), seen.get(ATOM + "id", "")
    # An id is an address to feedparser where there is no other.
    sure(of=bool(page) or not feed_id or bool(ABSOLUTE.fullmatch(feed_id)))
    feed.title, feed.link = seen.get(ATOM + "title", ""), page or feed_id
    return feed


def _entry(entry: _Element, language: str) -> Draft:
    no_context(entry)
    seen: dict[str, str] = {}
    authors: list[str] = []
    links: list[tuple[str, str]] = []
    for element in entry:
        tag = str(element.tag)
        if tag in ENTRY:
            _kind(element)
            once(seen, tag, _title(element) if tag == ATOM + "title" else text(element))
        elif tag == ATOM + "link":
            links.append(_link(element))
        elif tag == ATOM + "author":
            authors.append(_person(element))
        else:
            ignorable(element, ENTRY_LEAVES)
    entry_id, content, page = seen.get(ATOM + "id", ""), seen.get(ATOM + "content", ""), _page(links)
    sure(of=bool(page) and (not entry_id or bool(ABSOLUTE.fullmatch(entry_id))))
    published, updated = when(seen.get(ATOM + "published", "")), when(seen.get(ATOM + "updated", ""))
    return Draft(
        entry_id=entry_id,
        link=page,
        title=seen.get(ATOM + "title", ""),
        summary=seen.get(ATOM + "summary", content),
        content=content,
        published_at=updated if published is None else published,
        authors=names(authors),
        language=language,
    )


def _title(element: _Element) -> str:
    return plain(text(element), markup=_kind(element) == "html")


def _kind(element: _Element) -> str:
    """What a text construct says it is made of; anything but text and HTML is feedparser's."""
    no_context(element)
    kind = (element.get("type") or "text").lower()
    sure(of=kind in {"text", "html"} and element.get("mode") is None and element.get("src") is None)
    return kind


def _link(element: _Element) -> tuple[str, str]:
    no_context(element)
    href, rel = element.get("href") or "", (element.get("rel") or "alternate").lower()
    sure(of=bool(href) and not len(element) and not href.endswith(("?", "#", ";")))
    sure(of=rel != "alternate" or (element.get("type") or "text/html").lower() in HTML)
    return rel, href


def _page(links: list[tuple[str, str]]) -> str:
    """The page that the links name: the last alternate one counts."""
    return next((href for rel, href in reversed(links) if rel == "alternate"), "")


def _person(author: _Element) -> str:
    no_context(author)
    parts = {str(part.tag): text(part) for part in author}
    sure(of=not (author.text or "").strip() and len(parts) == len(author))
    sure(of=parts.keys() <= {ATOM + "name", ATOM + "email", ATOM + "uri"} and bool(parts.get(ATOM + "name")))
    return parts[ATOM + "name"]
