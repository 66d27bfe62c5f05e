"""From a page to its article: the one place where the ways, the classifier, the rules and the memory meet. Pure.

parse ─┬─ metadata ──────────────┐
       ├─ blocks ── features ────┤
       └─ trafilatura (fast) ────┴─ classifier ─ endings ─ site memory ─ article
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from shared.article import Article
from shared.outcomes import Reason
from shared.urls import BadURLError, canonical, host
from workers.extract.core import classifier, features, lexicon, metadata, roads, sites
from workers.extract.core.blocks import Block, segment
from workers.extract.core.choice import chosen
from workers.extract.core.endings import endings
from workers.extract.core.extraction import VERSION, BlockView, Extraction, Fingerprint, SiteMemory, Witness
from workers.extract.core.language import language
from workers.extract.core.page import HostilePageError, Page, parse

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from shared.article import BlockKind
    from workers.extract.core.metadata import Metadata

SHORTEST = 140
# With less than this the dear road may know better.
POOR = 400
BETTER = 1.5
# Blocks that were nearly kept are remembered with those that were.
NEARLY = 0.1


@dataclass
class Verdicts:
    """The page's blocks, what the classifier gave each, whether it is kept, and why."""

    blocks: list[Block]
    scores: NDArray[np.float64]
    kept: list[bool]
    why: list[str]

    def drop(self, at: int, why: str) -> None:
        """Take a block out again."""
        self.kept[at], self.why[at] = False, why

    def places(self) -> list[int]:
        """Where the kept blocks are."""
        return [at for at, kept in enumerate(self.kept) if kept]


def extract(
    html: bytes | str, url: str, *, charset: str = "", witness: Witness | None = None, memory: SiteMemory | None = None
) -> Extraction:
    """The article of a page, or the reason why there is none; never raises for what a page may contain.

    `url` is the page's address (may be empty), `charset` the label its transport gave, `witness` what a feed says of it,
    `memory` what is known of its site.
    """
    try:
        page = parse(html, url, charset=charset)
    except HostilePageError as error:
        return Extraction(drop=Reason.HOSTILE_PAGE, detail=str(error))
    blocks = segment(page.root) if page else []
    if page is None or not blocks:
        return Extraction(drop=Reason.NO_ARTICLE, detail="no text in the page")
    told = metadata.read(page, witness or Witness())
    verdicts, taken = _judged(page, blocks, told)
    marks = _marks(verdicts)
    _remember(verdicts, marks, memory or SiteMemory())
    return _concluded(page, told, verdicts, taken, tuple(marks.values()))


def _judged(page: Page, blocks: list[Block], told: Metadata) -> tuple[Verdicts, NDArray[np.float64]]:
    columns = features.table(blocks, features.Hints.of(told), lexicon.fitted())
    taken = features.taken_by(blocks, roads.fast_text(page))
    if not taken.any():
        taken = columns["is_prose"] * (columns["to_best"] <= 1) * (columns["in_best"] == 0)
    trivial = features.trivial(columns)
    scores = np.zeros(len(blocks))
    if not trivial.all():
        scores[~trivial] = classifier.fitted().probabilities(features.matrix(columns, taken)[~trivial])
    kept = chosen(scores, taken)
    why = [
        "navigation or a lone link" if trivial[at] else _by_classifier(float(taken[at]), bool(kept[at]))
        for at in range(len(blocks))
    ]
    verdicts = Verdicts(blocks, scores, kept.tolist(), why)
    _drop_title(verdicts, columns)
    for ending in endings(blocks, verdicts.places(), told.site_name or _site_word(page.url)):
        verdicts.drop(ending.at, ending.why)
    return verdicts, taken


def _by_classifier(taken: float, kept: bool) -> str:  # noqa: FBT001
    return f"classifier, {'with' if bool(taken) == kept else 'against'} trafilatura"


def _drop_title(verdicts: Verdicts, columns: dict[str, NDArray[np.float64]]) -> None:
    for at in verdicts.places():
        if columns["is_title"][at] and verdicts.blocks[at].level:
            verdicts.drop(at, "the title")


def _site_word(url: str) -> str:
    try:
        return host(canonical(url)).removeprefix("www.").rsplit(".", 1)[0]
    except BadURLError:
        return ""


def _marks(verdicts: Verdicts) -> dict[int, Fingerprint]:
    return {
        at: Fingerprint(key=sites.fingerprint(block.text), chars=len(block.text), kept=verdicts.kept[at])
        for at, block in enumerate(verdicts.blocks)
        if verdicts.kept[at] or verdicts.scores[at] >= NEARLY
    }


def _remember(verdicts: Verdicts, marks: dict[int, Fingerprint], memory: SiteMemory) -> None:
    places = verdicts.places()
    for place, count in sites.repeated(memory, [marks[at] for at in places]).items():
        verdicts.drop(places[place], f"on {count} of {memory.pages} pages of the site")


def _concluded(
    page: Page, told: Metadata, verdicts: Verdicts, taken: NDArray[np.float64], marks: tuple[Fingerprint, ...]
) -> Extraction:
    places = verdicts.places()
    texts: list[str] = [verdicts.blocks[at].text for at in places]
    kinds: list[BlockKind] = [verdicts.blocks[at].kind for at in places]
    path = "agreed" if sum(taken[at] for at in places) >= 0.9 * len(places) else "classifier"  # noqa: PLR2004
    if sum(map(len, texts)) < POOR:
        rescued = _rescued(page, texts)
        if rescued:
            texts, kinds, path = rescued, ["paragraph"] * len(rescued), "rescued"
    views = tuple(
        BlockView(text=block.text, kind=block.kind, kept=kept, score=float(score), why=why)
        for block, kept, score, why in zip(verdicts.blocks, verdicts.kept, verdicts.scores, verdicts.why, strict=True)
    )
    if drop := _lack(texts, told):
        return Extraction(drop=drop, detail=f"{sum(map(len, texts))} characters", blocks=views, fingerprints=marks)
    quality = _quality(texts, told, [float(verdicts.scores[at]) for at in places], path)
    return Extraction(article=_article(told, texts, kinds, path, quality), blocks=views, fingerprints=marks)


def _rescued(page: Page, texts: Sequence[str]) -> list[str]:
    lines = [line for line in roads.full_text(page).split("\n") if line.strip()]
    return lines if sum(map(len, lines)) > max(BETTER * sum(map(len, texts)), SHORTEST) else []


def _lack(texts: Sequence[str], told: Metadata) -> Reason | None:
    if sum(map(len, texts)) >= SHORTEST:
        return None
    if told.paywalled:
        return Reason.PAYWALL
    return Reason.TOO_SHORT if texts else Reason.NO_ARTICLE


def _quality(texts: Sequence[str], told: Metadata, scores: Sequence[float], path: str) -> float:
    """How far the result is to be trusted, 0..1: the classifier's certainty, enough text, a title and a date."""
    certainty = sum(scores) / len(scores) if scores and path != "rescued" else 0.5
    length = min(sum(map(len, texts)) / 1200, 1.0)
    known = (bool(told.title) + (told.published.at is not None)) / 2
    return round(0.6 * certainty + 0.25 * length + 0.15 * known, 3)


def _article(told: Metadata, texts: Sequence[str], kinds: Sequence[BlockKind], path: str, quality: float) -> Article:
    return Article(
        title=told.title,
        paragraphs=tuple(texts),
        kinds=tuple(kinds),
        authors=told.authors,
        published_at=told.published.at,
        published_at_source=told.published.source,
        published_at_confidence=told.published.confidence,
        language=language(" ".join(texts), told.language),
        canonical_url=told.canonical_url,
        site_name=told.site_name,
        image=told.image,
        summary=told.summary,
        paywalled=told.paywalled,
        quality=quality,
        path=path,
        extractor=f"rarewire-{VERSION}",
    )
