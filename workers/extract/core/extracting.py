"""From a page's bytes to its article, in one pass over one tree. Pure.

parse ─▶ metadata ─┐
     └─▶ blocks ───┴─▶ classifier ─▶ (doubt? trafilatura) ─▶ rules, site's memory ─▶ article
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from shared.article import Article
from shared.outcomes import Reason
from workers.extract.core import metadata
from workers.extract.core.blocks import segment
from workers.extract.core.choice import DOUBTFUL, chosen, doubt, with_embedded, without_copies
from workers.extract.core.classifier import fitted as trees
from workers.extract.core.endings import Speakers, endings
from workers.extract.core.extraction import VERSION, BlockView, Extraction, SiteMemory, Witness
from workers.extract.core.features import CJK, Hints, matrix, table, taken_by, trivial
from workers.extract.core.language import language
from workers.extract.core.lexicon import fitted as lexicon
from workers.extract.core.memory import Fingerprint, fingerprint, known
from workers.extract.core.page import HostilePageError, Page, parse
from workers.extract.core.roads import precise_text
from workers.extract.core.verdicts import Sight, Verdict, verdicts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from workers.extract.core.blocks import Block

# Weighed characters: one of Chinese, Japanese or Korean says about as much as two and a half Latin ones.
SHORTEST = 200
CJK_WEIGHT = 2.5
NOTHING = SiteMemory()
# How likely a block must be the article's for a rule on its shape alone to stand back.
SURE = 0.75


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What was made of each block of a page: how likely, kept or not, and why; `path` says who was asked."""

    blocks: Sequence[Block]
    likely: NDArray[np.float64]
    kept: Sequence[bool]
    why: Sequence[str]
    marks: tuple[Fingerprint, ...]
    path: str
    sure: float


def extract(
    html: bytes | str, url: str, *, charset: str = "", witness: Witness | None = None, memory: SiteMemory | None = None
) -> Extraction:
    """The article of a page, or the reason for its lack; never raises for what a page may contain."""
    try:
        page = parse(html, url, charset=charset)
    except HostilePageError as error:
        return Extraction(drop=Reason.HOSTILE_PAGE, detail=str(error))
    blocks = segment(page.root) if page else []
    if page is None or not blocks:
        return Extraction(drop=Reason.NO_ARTICLE, detail="no text in the page")
    told = metadata.read(page, witness or Witness())
    reading = read(page, blocks, told, memory or NOTHING)
    views = _views(reading)
    wanted = [block for block, kept in zip(reading.blocks, reading.kept, strict=True) if kept]
    if not wanted:
        return Extraction(
            drop=Reason.NO_ARTICLE, detail="no block reads like an article", blocks=views, fingerprints=reading.marks
        )
    if (size := sum(weight(block.text) for block in wanted)) < SHORTEST:
        detail = f"{size:.0f} weighed characters"
        return Extraction(drop=Reason.TOO_SHORT, detail=detail, blocks=views, fingerprints=reading.marks)
    return Extraction(article=_article(wanted, told, reading), blocks=views, fingerprints=reading.marks)


def read(page: Page, blocks: Sequence[Block], told: metadata.Metadata, memory: SiteMemory) -> Reading:
    """Judge every block of a page."""
    hints = Hints.of(told)
    columns = table(blocks, hints, lexicon())
    asked = ~trivial(columns)
    likely = np.zeros(len(blocks))
    if asked.any():
        likely[asked] = trees().probabilities(matrix(columns, trees().features)[asked])
    chars = np.array([len(block.text) for block in blocks], dtype=float)
    unsure = doubt(likely, chars)
    taken = taken_by(blocks, precise_text(page)) if unsure >= DOUBTFUL else None
    by_model = without_copies(blocks, with_embedded(blocks, chosen(likely, taken).tolist()))
    # What the classifier drops anyway, the site's memory need not know.
    marks = [_mark(block) if kept else None for block, kept in zip(blocks, by_model, strict=True)]
    back = known(memory, [mark for mark in marks if mark])
    sights = [
        Sight(block, kept, mark is not None and mark.key in back, p >= SURE)
        for block, kept, mark, p in zip(blocks, by_model, marks, likely.tolist(), strict=True)
    ]
    judged = without_endings(sights, verdicts(sights, hints), Speakers(told.site_name, told.authors))
    return Reading(
        blocks=blocks,
        likely=likely,
        kept=[one.kept for one in judged],
        why=[one.why for one in judged],
        marks=tuple(mark for mark in marks if mark),
        path="classifier" if taken is None else "classifier+trafilatura",
        sure=max(0.0, 1.0 - unsure),
    )


def without_endings(sights: Sequence[Sight], judged: Sequence[Verdict], speakers: Speakers) -> list[Verdict]:
    """The verdicts, after what stands at the end and speaks for the site is taken away."""
    kept = [at for at, one in enumerate(judged) if one.kept]
    sure = frozenset(at for at in kept if sights[at].sure)
    gone = {one.at: one.why for one in endings([one.block for one in sights], kept, speakers, sure)}
    return [Verdict(False, f"rule: {gone[at]}") if at in gone else one for at, one in enumerate(judged)]


def _mark(block: Block) -> Fingerprint:
    return Fingerprint(key=fingerprint(block.text), text=block.text, chars=len(block.text), kept=True)


def weight(text: str) -> float:
    """The length of a text, the characters of dense scripts counted for what they say."""
    return len(text) + (CJK_WEIGHT - 1) * (0 if text.isascii() else len(CJK.findall(text)))


def _views(reading: Reading) -> tuple[BlockView, ...]:
    columns = (reading.blocks, reading.kept, reading.likely.tolist(), reading.why)
    return tuple(
        [BlockView(block.text, block.kind, kept, score, why) for block, kept, score, why in zip(*columns, strict=True)]
    )


def _article(wanted: Sequence[Block], told: metadata.Metadata, reading: Reading) -> Article:
    return Article(
        title=told.title,
        paragraphs=tuple(block.text for block in wanted),
        kinds=tuple(block.kind for block in wanted),
        authors=told.authors,
        published_at=told.published.at,
        published_at_source=told.published.source,
        published_at_confidence=told.published.confidence,
        language=language(" ".join(block.text for block in wanted), told.language),
        canonical_url=told.canonical_url,
        site_name=told.site_name,
        image=told.image,
        summary=told.summary,
        paywalled=told.paywalled,
        quality=round(reading.sure, 3),
        path=reading.path,
        extractor=f"rarewire-{VERSION}",
    )
