"""The second opinion: what trafilatura takes from the tree that is parsed already. Pure."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import trafilatura

if TYPE_CHECKING:
    from workers.extract.core.page import Page

# It warns of every page it finds nothing in; that is an outcome here.
logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
# Its cost grows faster than the page (200,000 links: 44 s); no article of the labelled sets has half of this.
MOST_ELEMENTS = 12_000


def precise_text(page: Page) -> str:
    """What trafilatura takes when it is asked to favour precision, without its dear fallbacks; empty when nothing."""
    if page.elements > MOST_ELEMENTS:
        return ""
    found = trafilatura.extract(
        page.root, url=page.url or None, include_comments=False, favor_precision=True, fast=True
    )
    return found or ""
