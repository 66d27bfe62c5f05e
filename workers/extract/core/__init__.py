"""Extraction, the pure part: a page's bytes in, its clean article or the reason for its lack out.

    parse once -> metadata ─┐
              └-> blocks ───┴-> article

The same bytes, witness and memory give the same article in any process and order.
"""

from __future__ import annotations

import logging

import trafilatura

from shared.article import Article
from shared.outcomes import Reason
from workers.extract.core import metadata
from workers.extract.core.extraction import VERSION, BlockView, Extraction, Fingerprint, SiteMemory, Witness
from workers.extract.core.page import HostilePageError, Page, parse

__all__ = ["BlockView", "Extraction", "Fingerprint", "SiteMemory", "Witness", "article_of", "extract", "text_of"]

# It warns of every page it finds nothing in; that is an outcome here.
logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
SHORTEST = 200


def extract(
    html: bytes | str, url: str, *, charset: str = "", witness: Witness | None = None, memory: SiteMemory | None = None
) -> Extraction:
    """The article of a page; never raises for what a page may contain."""
    del memory
    try:
        page = parse(html, url, charset=charset)
    except HostilePageError as error:
        return Extraction(drop=Reason.HOSTILE_PAGE, detail=str(error))
    if page is None:
        return Extraction(drop=Reason.NO_ARTICLE, detail="no markup")
    lines = _lines(page)
    if not lines:
        return Extraction(drop=Reason.NO_ARTICLE, detail="no block reads like an article")
    if (length := sum(map(len, lines))) < SHORTEST:
        return Extraction(drop=Reason.TOO_SHORT, detail=f"{length} characters")
    return Extraction(
        article=_article(page, lines, witness or Witness()),
        blocks=tuple(BlockView(text=line, kind="paragraph", kept=True, score=1.0, why="trafilatura") for line in lines),
    )


def text_of(html: bytes | str, url: str | None) -> str:
    """The article's text, empty where there is none; what a scorer calls."""
    article = article_of(html, url)
    return article.text if article else ""


def article_of(html: bytes | str, url: str | None) -> Article | None:
    """The article of a page, or None."""
    return extract(html, url or "").article


def _lines(page: Page) -> list[str]:
    found = trafilatura.extract(page.root, url=page.url or None, include_comments=False, fast=True)
    return [line for line in (found or "").split("\n") if line]


def _article(page: Page, lines: list[str], witness: Witness) -> Article:
    told = metadata.read(page, witness)
    return Article(
        title=told.title,
        paragraphs=tuple(lines),
        kinds=("paragraph",) * len(lines),
        authors=told.authors,
        published_at=told.published.at,
        published_at_source=told.published.source,
        published_at_confidence=told.published.confidence,
        language=told.language,
        canonical_url=told.canonical_url,
        site_name=told.site_name,
        image=told.image,
        summary=told.summary,
        paywalled=told.paywalled,
        quality=0.8,
        path="fast",
        extractor=f"rarewire-{VERSION}",
    )
