"""The values that extraction takes and gives. Pure data; what they mean to the pipeline is `step.py`'s affair."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from workers.extract.core.memory import Fingerprint, SiteMemory

if TYPE_CHECKING:
    from shared.article import Article, BlockKind
    from shared.messages import FeedEntry
    from shared.outcomes import Reason

__all__ = ["VERSION", "BlockView", "Extraction", "Fingerprint", "SiteMemory", "Witness"]

VERSION = "3"


@dataclass(frozen=True, kw_only=True)
class Witness:
    """What a feed says of the page. Times are epoch seconds UTC; an empty field says nothing."""

    title: str = ""
    summary: str = ""
    published_at: float | None = None
    authors: tuple[str, ...] = ()
    language: str = ""

    @classmethod
    def of(cls, entry: FeedEntry) -> Witness:
        """The witness that a feed's entry is."""
        return cls(
            title=entry.title,
            summary=entry.summary,
            published_at=entry.published_at,
            authors=entry.authors,
            language=entry.language,
        )


class BlockView(NamedTuple):
    """A block of the page and what became of it. `score` is the model's 0..1; `why` names the rule that decided."""

    text: str
    kind: BlockKind
    kept: bool
    score: float
    why: str


@dataclass(frozen=True, kw_only=True)
class Extraction:
    """What became of a page: an article, or the reason why there is none."""

    article: Article | None = None
    drop: Reason | None = None
    detail: str = ""
    blocks: tuple[BlockView, ...] = ()
    fingerprints: tuple[Fingerprint, ...] = ()
