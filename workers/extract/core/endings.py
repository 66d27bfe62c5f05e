"""The last word on blocks that the classifier kept: what stands at an article's end and speaks for the site. Pure.

Phrases alone lose gold text when applied everywhere, so they are verdicts only from the end upwards; the shape of a
footer (a bold label, a row of links, a paragraph that introduces the site) counts as much as its wording.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from workers.extract.core import rules

if TYPE_CHECKING:
    from collections.abc import Sequence

    from workers.extract.core.blocks import Block

ALSO_READ, FOLLOW, ABOUT, CREDIT = (1 << bit for bit in range(4))
WORD = re.compile(r"\w+")
# An ending is never more than this share of the text, and leaves this many blocks.
MOST_OF_TEXT = 0.35
LEAST_LEFT = 2
LABEL_CHARS = 60
SHORT = 300
MOSTLY = 0.5
# How many paragraphs a label such as "About us:" may head.
UNDER_LABEL = 2
SITE_NAME_CHARS = 4
HEADING_CHARS = 100  # longer ones are text in a heading's clothes
LINKS, HEADING = "links at the end", "a heading with nothing under it"
SHAPES = frozenset((LINKS, HEADING))


@dataclass(frozen=True)
class Ending:
    """A block that the article does not have, and the rule that says so."""

    at: int
    why: str


def endings(
    blocks: Sequence[Block], kept: Sequence[int], site_name: str, sure: frozenset[int] = frozenset()
) -> list[Ending]:
    """Which of the kept blocks (indices into `blocks`, in order) go, from the last one upwards.

    Those of which the classifier is `sure` need words against them; a shape alone does not do.
    """
    budget = MOST_OF_TEXT * sum(len(blocks[at].text) for at in kept)
    found: list[Ending] = []
    place = len(kept) - 1
    while place >= LEAST_LEFT:
        step = _step(blocks, kept, place, site_name)
        if step and step[0].why in SHAPES and step[0].at in sure:
            break
        budget -= sum(len(blocks[one.at].text) for one in step)
        if not step or budget < 0 or place + 1 - len(step) < LEAST_LEFT:
            break
        found += step
        place -= len(step)
    gone = {one.at for one in found}
    return found + [Ending(at, "also read, with a link") for at in kept if at not in gone and _is_pointer(blocks[at])]


def _step(blocks: Sequence[Block], kept: Sequence[int], place: int, site_name: str) -> list[Ending]:
    """The ending that the last remaining blocks make: one by itself, or up to two under a label, which goes with them.

    The label is looked for on the page, because the classifier may have dropped it already.
    """
    if alone := _footer(blocks[kept[place]], site_name):
        return [Ending(kept[place], alone)]
    for under in range(1, UNDER_LABEL + 1):
        if place + 1 - under < LEAST_LEFT:
            break
        label = kept[place + 1 - under] - 1
        if label >= 0 and _heads_a_footer(blocks, label):
            return [Ending(at, "under a label at the end") for at in kept[place + 1 - under : place + 1]]
    return []


def _heads_a_footer(blocks: Sequence[Block], at: int) -> bool:
    """Whether a block is a label in a footer's words, or any label right below a pointer or a row of links."""
    if not _is_label(blocks[at]):
        return False
    said = rules.groups_of_text(blocks[at].text)
    return bool(said & (ABOUT | FOLLOW)) or any(
        _is_pointer(block) or _is_row_of_links(block) for block in blocks[max(at - 2, 0) : at]
    )


def _footer(block: Block, site_name: str) -> str:
    """Why a block at the end is a footer; empty when it is not."""
    text, said = block.text, rules.groups_of_text(block.text)
    density = block.linked / len(text)
    if said & (ALSO_READ | FOLLOW) and (len(text) <= SHORT or density >= MOSTLY):
        return "also read or follow, at the end"
    if said & (ABOUT | CREDIT) and len(text) <= LABEL_CHARS:
        return "about or credit, at the end"
    if (density >= MOSTLY and len(text) <= 2 * SHORT) or _is_row_of_links(block):
        return LINKS
    if _is_label(block):
        return "a label at the end"
    if block.level and len(text) <= HEADING_CHARS:
        return HEADING
    return "introduces the site, at the end" if _introduces(text, site_name) else ""


def _is_label(block: Block) -> bool:
    """A short line that heads what is no part of the article: set in bold or as a heading, or in the words of a footer."""
    text = block.text
    if len(text) > LABEL_CHARS:
        return False
    said = rules.groups_of_text(text)
    set_apart = block.level > 0 or block.bold >= 0.9 * len(text) or text.endswith((":", "："))
    return (bool(said & (ABOUT | FOLLOW)) and set_apart) or (
        text.endswith((":", "：")) and block.bold >= 0.9 * len(text)
    )


def _introduces(text: str, site_name: str) -> bool:
    """Whether a paragraph begins with the site's own name: what a site says of itself."""
    name, words = WORD.findall(site_name.lower()), WORD.findall(text[:120].lower())
    if len("".join(name)) < SITE_NAME_CHARS or not words or "“" in text or '"' in text:
        return False
    core = name[1:] if name[0] in {"the", "die", "der", "das", "le", "la", "el"} and len(name) > 1 else name
    return words[: len(core)] == core or words[1 : len(core) + 1] == core


def _is_row_of_links(block: Block) -> bool:
    """Several links and hardly a word between them."""
    return block.links > 1 and len(block.text) <= LABEL_CHARS * block.links and block.linked >= 0.25 * len(block.text)


def _is_pointer(block: Block) -> bool:
    """A pointer to another article, wherever it stands."""
    text = block.text
    return len(text) <= SHORT and block.linked >= 0.4 * len(text) and bool(rules.groups_of_text(text) & ALSO_READ)
