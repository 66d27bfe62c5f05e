"""News sitemaps (sitemaps.org 0.9 with Google's news extension) as a second kind of feed, and indexes of them.

A plain sitemap lists every page of a site, so only `<url>`s with a `<news:news>` count once any has one; in a sitemap
without the extension each `<url>` is an entry known by its address.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lxml import etree

from shared.errors import PermanentError
from shared.outcomes import Reason
from workers.poll.core.dates import from_text
from workers.poll.core.entries import absolute, finish
from workers.poll.core.text import plain
from workers.poll.core.values import Draft, ParsedFeed

if TYPE_CHECKING:
    from lxml.etree import _Element

CHILDREN = 50


def parse_sitemap(body: bytes, *, url: str, now: float) -> ParsedFeed:
    """The entries of a sitemap, or the children of a sitemap index, newest first."""
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, recover=True, remove_comments=True
    )
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise PermanentError(Reason.NOT_A_FEED, "a sitemap that is no XML") from error
    if root is None or _name(root) not in {"urlset", "sitemapindex"}:
        raise PermanentError(Reason.NOT_A_FEED, "XML, but no sitemap")
    if _name(root) == "sitemapindex":
        return _index(root, url)
    drafts = [draft for element in root if _name(element) == "url" and (draft := _draft(element)).link]
    with_news = [draft for draft in drafts if draft.title]
    return ParsedFeed(version="sitemap", entries=finish(with_news or drafts, base=url, now=now), parser="sitemap")


def _name(element: _Element) -> str:
    """The local name; empty for comments and processing instructions."""
    return element.tag.rpartition("}")[2].lower() if isinstance(element.tag, str) else ""


def _texts(element: _Element, depth: int) -> dict[str, str]:
    """Local name -> text of the children, down to `depth` levels; the first of a name counts."""
    found: dict[str, str] = {}
    for child in element:
        name = _name(child)
        if name and depth > 1 and len(child) and name in {"news", "publication"}:
            for key, value in _texts(child, depth - 1).items():
                found.setdefault(f"{name}:{key}", value)
        elif name:
            found.setdefault(name, (child.text or "").strip())
    return found


def _draft(element: _Element) -> Draft:
    texts = _texts(element, 3)
    return Draft(
        link=texts.get("loc", ""),
        title=plain(texts.get("news:title", ""), markup=False),
        published_at=from_text(texts.get("news:publication_date") or texts.get("lastmod")),
        language=texts.get("news:publication:language", ""),
    )


def _index(root: _Element, url: str) -> ParsedFeed:
    children = _children(root, url)
    if not children:
        raise PermanentError(Reason.NOT_A_FEED, "a sitemap index that names no sitemap")
    return ParsedFeed(version="sitemap-index", children=children, parser="sitemap")


def _children(root: _Element, url: str) -> tuple[str, ...]:
    dated: list[tuple[float, str]] = []
    for element in root:
        texts = _texts(element, 1)
        if address := absolute(texts.get("loc", ""), url):
            dated.append((-(from_text(texts.get("lastmod")) or 0.0), address))
    return tuple(dict.fromkeys(address for _, address in sorted(dated, key=lambda pair: pair[0])))[:CHILDREN]
