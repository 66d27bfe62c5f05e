"""Extraction, the pure part: a page's bytes in, its clean article or the reason for its lack out.

    parse once -> metadata ─┐
              └-> blocks ───┴-> classifier, rules, the site's memory -> article      (`extracting.py` is the flow)

The same bytes, witness and memory give the same article in any process and order.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from workers.extract.core.extracting import extract
from workers.extract.core.extraction import VERSION, BlockView, Extraction, SiteMemory, Witness
from workers.extract.core.memory import Fingerprint

if TYPE_CHECKING:
    from shared.article import Article

__all__ = [
    "VERSION",
    "BlockView",
    "Extraction",
    "Fingerprint",
    "SiteMemory",
    "Witness",
    "article_of",
    "extract",
    "text_of",
]


def text_of(html: bytes | str, url: str | None) -> str:
    """The article's text, empty where there is none; what a scorer calls."""
    article = article_of(html, url)
    return article.text if article else ""


def article_of(html: bytes | str, url: str | None) -> Article | None:
    """The article of a page, or None."""
    return extract(html, url or "").article
