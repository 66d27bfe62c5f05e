"""The last word on each block: the classifier's, unless a rule that a person wrote or the site's memory knows better. Pure.

Phrase rules hold near the article's end only: applied everywhere they cost more of the article than clutter.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from workers.extract.core import rules
from workers.extract.core.blocks import FIGURE
from workers.extract.core.features import is_headline, squeezed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from workers.extract.core.blocks import Block
    from workers.extract.core.features import Hints

ALSO_READ, FOLLOW, ABOUT, CREDIT = (1 << bit for bit in range(len(rules.PHRASE_GROUPS)))
FOOTERS = {ALSO_READ: "also read", FOLLOW: "follow us", ABOUT: "about us"}
NEAR_END = 0.8  # of the kept characters come before
LABELS_FROM = 0.5  # a lone "About us:" is known sooner; what follows it may be long
SHORT = 300  # characters; longer blocks are prose, whatever they begin with
LABEL = 40  # characters of a lone label such as "About us:", which takes what follows with it


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
        Verdict(False, f"after “{FOOTERS[ABOUT]}”") if one.kept else DROPPED for one in sights[end:]
    ]


def _end(sights: Sequence[Sight]) -> int:
    """Where the article ends for certain: at a lone "About us:" in its second half, whatever comes after it."""
    total, before = _kept_chars(sights), 0
    for at, one in enumerate(sights):
        if one.kept and before >= LABELS_FROM * total and _is_about_label(one.block.text):
            return at
        before += len(one.block.text) * one.kept
    return len(sights)


def _kept_chars(sights: Sequence[Sight]) -> int:
    return sum(len(one.block.text) for one in sights if one.kept)


def _judge(sights: Sequence[Sight], hints: Hints) -> Iterator[Verdict]:
    total, before, started = _kept_chars(sights), 0, False
    for one in sights:
        if not one.kept:
            yield DROPPED
            continue
        text = one.block.text
        footer = _footer(text) if before >= NEAR_END * total else ""
        before += len(text)
        if one.known:
            yield Verdict(False, "the site's memory")
        elif not one.sure and _is_caption(one.block):
            yield Verdict(False, "rule: caption")
        elif footer:
            yield Verdict(False, f"rule: {footer}")
        elif not started and is_headline(squeezed(text[:120]), hints.title):
            yield Verdict(False, "the title")
        else:
            started = started or one.block.level == 0
            yield Verdict(True, "classifier")


def _footer(text: str) -> str:
    if len(text) > SHORT:
        return ""
    said = rules.groups_of_text(text)
    return next((name for bit, name in FOOTERS.items() if said & bit), "")


def _is_caption(block: Block) -> bool:
    return bool(block.box.marks & FIGURE) and len(block.text) < SHORT and block.level == 0


def _is_about_label(text: str) -> bool:
    if len(text) > LABEL or not rules.groups_of_text(text) & ABOUT:
        return False
    return text.rstrip().endswith((":", "：")) or len(text.split()) <= 3
