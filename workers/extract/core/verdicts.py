"""The last word on each block: the classifier's, unless a rule that a person wrote or the site's memory knows better. Pure.

Evidence in an article's wording is the classifier's affair; a verdict needs a whole phrase (`workers.extract.core.footers`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from workers.extract.core import footers
from workers.extract.core.blocks import FIGURE
from workers.extract.core.features import is_headline, squeezed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from workers.extract.core.blocks import Block
    from workers.extract.core.features import Hints

LABELS_FROM = 0.5  # of the kept characters come before a lone "About us:"; what follows it may be long
SHORT = 300  # characters; longer blocks are prose, whatever holds them
LINKED = 0.6  # share of links of what stands under a list's heading
BYLINE = 60  # characters after the title in one block: who wrote it, and when

LIST_HEADING = "rule: a list’s heading"
UNDER_LIST = "rule: under a list’s heading"
LISTED = frozenset((LIST_HEADING, UNDER_LIST))


class Sight(NamedTuple):
    """A block, whether the classifier keeps it and is sure of it, and whether the site's memory knows it as boilerplate."""

    block: Block
    kept: bool
    known: bool
    sure: bool = False


class Verdict(NamedTuple):
    """Whether a block is kept, and who decided."""

    kept: bool
    why: str


DROPPED = Verdict(False, "classifier")


def verdicts(sights: Sequence[Sight], hints: Hints) -> list[Verdict]:
    """One verdict for each block, in reading order."""
    end = _end(sights)
    return list(_judge(sights[:end], hints)) + [
        Verdict(False, "after “about us”") if one.kept else DROPPED for one in sights[end:]
    ]


def _end(sights: Sequence[Sight]) -> int:
    """Where the article ends for certain: at a lone "About us:" in its second half, whatever comes after it."""
    total, before = sum(len(one.block.text) for one in sights if one.kept), 0
    for at, one in enumerate(sights):
        late = before >= LABELS_FROM * total and (one.kept or _heads_what_is_kept(sights, at))
        if late and footers.purpose(one.block.text, 0.0, footers.LABEL):
            return at
        before += len(one.block.text) * one.kept
    return len(sights)


def _heads_what_is_kept(sights: Sequence[Sight], at: int) -> bool:
    """Whether the block below is kept and stands in the same box: a label that the classifier told, and not its text."""
    below = sights[at + 1] if at + 1 < len(sights) else None
    return below is not None and below.kept and below.block.box.parent is sights[at].block.box.parent


def _judge(sights: Sequence[Sight], hints: Hints) -> Iterator[Verdict]:
    started = listed = False
    for one in sights:
        if not one.kept:
            yield DROPPED
            continue
        verdict = _verdict(one, hints, started=started, listed=listed)
        listed = verdict.why in LISTED
        started = started or (verdict.kept and one.block.level == 0)
        yield verdict


def _verdict(one: Sight, hints: Hints, *, started: bool, listed: bool) -> Verdict:
    block = one.block
    linked = block.linked / len(block.text)
    if one.known:
        return Verdict(False, "the site's memory")
    if not one.sure and _is_caption(block):
        return Verdict(False, "rule: caption")
    if footer := footers.purpose(block.text, linked, footers.ANYWHERE):
        return Verdict(False, f"rule: {footer}")
    if listed and linked >= LINKED and len(block.text) <= SHORT:
        return Verdict(False, UNDER_LIST)
    if not started and _is_title(block, hints.title):
        return Verdict(False, "the title")
    return Verdict(True, "classifier")


def _is_title(block: Block, title: str) -> bool:
    key = squeezed(block.text)
    return is_headline(key[:100], title) and (block.level > 0 or len(key) <= len(title) + BYLINE)


def _is_caption(block: Block) -> bool:
    return bool(block.box.marks & FIGURE) and len(block.text) < SHORT and block.level == 0
