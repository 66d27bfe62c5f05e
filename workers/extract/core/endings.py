"""The last word on blocks that the classifier kept: what stands at an article's end and speaks for the site. Pure.

Phrases alone lose gold text when applied everywhere, so they are verdicts only from the end upwards; the shape of a
footer (a bold label, a row of links, a paragraph that introduces the site) counts as much as its wording.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from workers.extract.core import footers, rules
from workers.extract.core.blocks import EMBED
from workers.extract.core.dates import human_date, months

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
ABOUT_CHARS = 1_200  # of a paragraph that begins with its own label
BIO_CHARS = 500
OTHER_WORDS = 3  # beside the numbers and the month of a date
MOSTLY = 0.5
# How many paragraphs a label such as "About us:" may head.
UNDER_LABEL = 2
MOST_LABEL_WORDS = 8
ABOUT_WORDS = frozenset(
    ("about", "über", "à", "acerca", "sobre", "su", "over", "om", "o", "о", "об", "про", "tentang", "về")
)
# "Further: a headline", "Photo: somebody"; a sentence would end as sentences do.
KEY_AND_VALUE = re.compile(r"(?:\S+\s+){0,4}\S{1,24}\s*[:：|→]\s*[^.!?。！？।]{2,110}$")
PROSE_TAGS = frozenset(("p", "div", "span", "section", "article", "body", "h4", "h5", "h6"))
SITE_NAME_CHARS = 4
HEADING_CHARS = 100  # longer ones are text in a heading's clothes
LINKS, HEADING = "links at the end", "a heading with nothing under it"
SHAPES = frozenset((LINKS, HEADING))


@dataclass(frozen=True)
class Ending:
    """A block that the article does not have, and the rule that says so."""

    at: int
    why: str


@dataclass(frozen=True)
class Speakers:
    """Whose names a footer may begin with: the site's and the authors'."""

    site: str = ""
    authors: tuple[str, ...] = ()


def endings(
    blocks: Sequence[Block], kept: Sequence[int], speakers: Speakers, sure: frozenset[int] = frozenset()
) -> list[Ending]:
    """Which of the kept blocks (indices into `blocks`, in order) go, from the last one upwards.

    Those of which the classifier is `sure` need words against them; a shape alone does not do.
    """
    budget = MOST_OF_TEXT * sum(len(blocks[at].text) for at in kept)
    found: list[Ending] = []
    place = len(kept) - 1
    while place >= LEAST_LEFT:
        step = _step(blocks, kept, place, speakers)
        if step and step[0].why in SHAPES and step[0].at in sure:
            break
        budget -= sum(len(blocks[one.at].text) for one in step)
        if not step or budget < 0 or place + 1 - len(step) < LEAST_LEFT:
            break
        found += step
        place -= len(step)
    gone = {one.at for one in found}
    return found + [Ending(at, "also read, with a link") for at in kept if at not in gone and _is_pointer(blocks[at])]


def _step(blocks: Sequence[Block], kept: Sequence[int], place: int, speakers: Speakers) -> list[Ending]:
    """The ending that the last remaining blocks make: one by itself, or up to two under a label, which goes with them.

    The label is looked for on the page, because the classifier may have dropped it already.
    """
    if alone := _footer(blocks[kept[place]], speakers):
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
    block = blocks[at]
    if footers.purpose(block.text, 0.0, footers.LABEL) or _names_what_follows(blocks, at):
        return True
    if not _is_label(block):
        return False
    said = rules.groups_of_text(block.text)
    return bool(said & (ABOUT | FOLLOW)) or any(
        _is_pointer(other) or _is_row_of_links(other) for other in blocks[max(at - 2, 0) : at]
    )


def _names_what_follows(blocks: Sequence[Block], at: int) -> bool:
    """Whether a line such as "About Example Corp" is followed by a paragraph that begins with the same name."""
    return not blocks[at].text.endswith(footers.SENTENCE_ENDS) and _names(blocks[at].text, blocks[at + 1].text)


def _names(label: str, text: str) -> bool:
    """Whether a label in the words of "About …" names what a text begins with."""
    words, said = WORD.findall(label.lower()), WORD.findall(text[:120].lower())
    if not 2 <= len(words) <= MOST_LABEL_WORDS or len(label) > LABEL_CHARS:
        return False
    says_about = rules.groups_of_text(label) & ABOUT or words[0] in ABOUT_WORDS
    return bool(says_about) and words[-1] in said[: len(words) + 1]


def _footer(block: Block, speakers: Speakers) -> str:
    """Why a block at the end is a footer; empty when it is not. A post embedded from elsewhere is nobody's footer."""
    if block.box.marks & EMBED:
        return ""
    return _by_words(block) or _by_shape(block) or _introduces(block.text, speakers)


def _by_words(block: Block) -> str:
    text, said = block.text, rules.groups_of_text(block.text)
    density = block.linked / len(text)
    if found := footers.purpose(text, density, footers.ANYWHERE) or footers.purpose(text, density, footers.END):
        return f"{found}, at the end"
    if said & (ALSO_READ | FOLLOW) and (density >= MOSTLY or (len(text) <= SHORT and rules.announces(text))):
        return "also read or follow, at the end"
    if _is_about(block, said):
        return "about us, at the end"
    return "a credit, at the end" if said & CREDIT and _is_line(text) else ""


def _by_shape(block: Block) -> str:
    text = block.text
    if block.tag in PROSE_TAGS and KEY_AND_VALUE.match(text):
        return "a line with its label, at the end"
    if (block.linked >= MOSTLY * len(text) and len(text) <= 2 * SHORT) or _is_row_of_links(block):
        return LINKS
    if _is_label(block):
        return "a label at the end"
    if block.level and len(text) <= HEADING_CHARS:
        return HEADING
    return "a date, at the end" if _is_date(text) else ""


def _is_date(text: str) -> bool:
    """Whether a line is a date and little else: a weekday, a time, a zone."""
    if not _is_line(text) or human_date(text) is None:
        return False
    others = [word for word in WORD.findall(text.lower()) if not word[0].isdigit() and word not in months()]
    return len(others) <= OTHER_WORDS


def _is_line(text: str) -> bool:
    """Whether a text is short and no sentence."""
    return len(text) <= LABEL_CHARS and not text.endswith(footers.SENTENCE_ENDS)


def _is_about(block: Block, said: int) -> bool:
    """Whether a block is a label such as "About us", or begins with one: by a colon or set in bold."""
    text = block.text
    if footers.purpose(text, 0.0, footers.LABEL) or (said & ABOUT and _is_line(text)):
        return True
    if len(text) > ABOUT_CHARS:
        return False
    if footers.after_label(text) or _names(*text.partition(":")[::2]):
        return True
    bold = text[: block.bold + 1].strip() if 0 < block.bold <= LABEL_CHARS else ""
    return bool(footers.purpose(bold, 0.0, footers.LABEL)) or _names(bold, text[len(bold) :])


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


def _introduces(text: str, speakers: Speakers) -> str:
    """Whether a paragraph begins with the site's own name or an author's: what they say of themselves."""
    if "“" in text or '"' in text:
        return ""
    words = WORD.findall(text[:120].lower())
    if _begins_with(words, speakers.site, SITE_NAME_CHARS):
        return "introduces the site, at the end"
    if len(text) <= BIO_CHARS and any(" " in name and _begins_with(words, name, 0) for name in speakers.authors):
        return "introduces an author, at the end"
    return ""


def _begins_with(words: Sequence[str], whose: str, least: int) -> bool:
    name = WORD.findall(whose.lower())
    if not name or len("".join(name)) < least or not words:
        return False
    core = name[1:] if name[0] in {"the", "die", "der", "das", "le", "la", "el"} and len(name) > 1 else name
    return list(words[: len(core)]) == core or list(words[1 : len(core) + 1]) == core


def _is_row_of_links(block: Block) -> bool:
    """Several links and hardly a word between them."""
    return block.links > 1 and len(block.text) <= LABEL_CHARS * block.links and block.linked >= 0.25 * len(block.text)


def _is_pointer(block: Block) -> bool:
    """A pointer to another article, wherever it stands."""
    text = block.text
    return len(text) <= SHORT and block.linked >= 0.4 * len(text) and bool(rules.groups_of_text(text) & ALSO_READ)
