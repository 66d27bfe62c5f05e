"""The memory of a site: blocks that keep coming back across its pages are boilerplate. Pure."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

FOLDED = re.compile(r"[\W\d_]+")
LEAST_PAGES = 3
LEAST_SHARE = 0.25  # of the pages learnt from; a wire text that a site carries twice stays far below


@dataclass(frozen=True, kw_only=True)
class SiteMemory:
    """What is known of a site: from how many `pages` it was learnt, and on how many of them each block stood."""

    pages: int = 0
    counts: Mapping[str, int] = field(default_factory=dict)

    def seen(self, key: str) -> int:
        """On how many distinct pages a block stood."""
        return self.counts.get(key, 0)


@dataclass(frozen=True, kw_only=True)
class Fingerprint:
    """A block of a page as the site's memory knows it: a hash of its text, the text, its length, and whether kept."""

    key: str
    text: str
    chars: int
    kept: bool


def fingerprint(text: str) -> str:
    """Ten characters that equal texts share, whatever their case, spaces, marks and numbers."""
    return hashlib.sha256(FOLDED.sub("", text.lower()).encode()).hexdigest()[:10]


def is_boilerplate(memory: SiteMemory, key: str, *, chars: int) -> bool:
    """Whether a block recurs on so many pages of the site that it belongs to the site and not to an article."""
    del chars
    return memory.seen(key) >= max(LEAST_PAGES, LEAST_SHARE * memory.pages)
