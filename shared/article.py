"""The clean article: what extraction makes of a page and classification reads. Pure data, kept as JSON."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

BlockKind = Literal["paragraph", "heading", "list_item", "table_row", "quote", "code"]


class Article(BaseModel):
    """A page's article. Times are epoch seconds UTC; `paragraphs` are in reading order and evidence points at them."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    title: str
    paragraphs: tuple[str, ...]
    kinds: tuple[BlockKind, ...] = ()  # one for each paragraph
    authors: tuple[str, ...] = ()
    published_at: float | None = None
    published_at_source: str = ""  # json-ld, meta, time-tag, url, text, feed
    published_at_confidence: float = 0.0  # 0..1
    language: str = ""  # BCP 47 primary tag
    canonical_url: str = ""
    site_name: str = ""
    image: str = ""
    summary: str = ""
    paywalled: bool = False
    quality: float = 0.0  # 0..1
    path: str = ""  # which way of extraction won
    extractor: str = ""  # the extractor's version

    @property
    def text(self) -> str:
        """The body: paragraphs joined by a blank line."""
        return "\n\n".join(self.paragraphs)
