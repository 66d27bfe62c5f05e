"""The memory of a site: blocks that keep coming back across its pages are the site's, not an article's. Pure.

A block is known by a fingerprint of its letters. Learning is cautious, because forgetting a footer costs a line and
learning an article costs the article:

- a page counts once for each of its blocks, and not at all when it is an article that was seen before: a wire text on
  several pages of a site comes back as a whole, a footer comes back among ever different neighbours;
- a block is boilerplate once it stood on enough pages and on enough of them (a lower bound on its share, so that few
  pages prove little); short blocks, and blocks that stand amid an article's text, need more of both;
- what is known of a page never empties it (`known`).
"""

from __future__ import annotations

import hashlib
import math
import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

MOST_MARKS = 1_000  # a site; about 40 pages of blocks that are seen once, and all that come back more often than that
MOST_PAGES = 8  # pages that a mark remembers by name
MOST_BLOCKS = 300  # of a page that are learnt
MOST_TEXT = 160  # characters of a block that are kept to be shown
LEAST_SEEN = 3
SHORT = 80  # characters below which a block is a heading or a label as likely as a sentence
WINDOW = 10  # pages over which a block that came late must prove itself
Z = 1.645  # of the share's lower bound: 95 % one-sided
SAME_ARTICLE, SAME_TITLE = 0.4, 0.2  # share of a page's text that it has in common with an earlier one
SAME_BLOCKS = 3
LEFT_CHARS, LEFT_SHARE = 200, 0.25

NO_LETTER = re.compile(r"[\W_]+")
NUMBER = re.compile(r"\d+")


@dataclass(frozen=True, kw_only=True)
class Fingerprint:
    """A block of a page as the memory knows it. `kept`: the extractor keeps it when it knows nothing of the site."""

    key: str
    text: str
    chars: int
    kept: bool


@dataclass(frozen=True, kw_only=True)
class Mark:
    """What is known of a block: on how many pages it stood, and on how many of these amid the text (`inside`).

    `first` and `last` are the site's page count when it was learnt, `pages` the last that it stood on; it has its
    `text` once it came back.
    """

    seen: int
    first: int
    last: int
    inside: int = 0
    chars: int = 0
    pages: tuple[str, ...] = ()
    text: str = ""


@dataclass(frozen=True, kw_only=True)
class SiteMemory:
    """What extraction knows of a site: how many `pages` were learnt from, and the blocks that came back on them."""

    pages: int = 0
    marks: Mapping[str, Mark] = field(default_factory=dict)

    def seen(self, fingerprint: str) -> int:
        """On how many pages a block stood; 0 where it is not known."""
        mark = self.marks.get(fingerprint)
        return mark.seen if mark else 0


@dataclass(frozen=True, kw_only=True)
class PageBlocks:
    """A page to learn from: its article's id, its title, and its blocks in reading order."""

    article: str
    title: str
    blocks: tuple[Fingerprint, ...]


def fingerprint(text: str) -> str:
    """10 hexadecimal characters that texts of the same letters share; empty for a text without letters.

    Case, white space, marks and numbers make no difference: counters and dates change in boilerplate.
    """
    letters = NUMBER.sub("0", NO_LETTER.sub("", text.casefold()))
    if not letters.strip("0"):
        return ""
    return hashlib.blake2b(letters.encode(), digest_size=5).hexdigest()


def is_boilerplate(memory: SiteMemory, fingerprint: str, *, chars: int) -> bool:
    """Whether a block of so many characters is the site's own and no article's."""
    mark = memory.marks.get(fingerprint)
    if mark is None or mark.seen < LEAST_SEEN:
        return False
    least, share = _demands(inside=2 * mark.inside > mark.seen, short=chars < SHORT)
    since = max(memory.pages - mark.first + 1, min(memory.pages, WINDOW))
    return mark.seen >= least and _at_least(mark.seen, since) >= share


def known(memory: SiteMemory, blocks: Sequence[Fingerprint]) -> frozenset[str]:
    """The fingerprints of a page's boilerplate; none where the kept text would go with it."""
    found = frozenset(
        block.key for block in blocks if block.key and is_boilerplate(memory, block.key, chars=block.chars)
    )
    whole = sum(block.chars for block in blocks if block.kept)
    left = sum(block.chars for block in blocks if block.kept and block.key not in found)
    return frozenset() if left < min(LEFT_CHARS, LEFT_SHARE * whole) else found


def learn(state: SiteMemory, page: PageBlocks) -> SiteMemory:
    """The memory after a page. A page of an article that was seen before changes nothing, so learning twice is once.

    `state` may be part of a memory: its page count and the marks of this page's blocks.
    """
    blocks = _candidates(state, page)
    if not blocks or seen_before(state, page, blocks):
        return state
    here, name, amid = state.pages + 1, reference(page), _amid(state, blocks)
    marks = dict(state.marks)
    for block in blocks:
        marks[block.key] = _marked(marks.get(block.key), block, here=here, name=name, inside=block.key in amid)
    for key in overflow(((mark.last, key) for key, mark in marks.items()), len(marks)):
        del marks[key]
    return SiteMemory(pages=here, marks=marks)


def overflow(order: Iterable[tuple[int, str]], count: int) -> list[str]:
    """Which of `count` marks must leave: those learnt longest ago, by (page count, key)."""
    return [key for _, key in sorted(order)[: max(count - MOST_MARKS, 0)]]


def reference(page: PageBlocks) -> str:
    """A page's name in marks: 8 characters for its article, 6 for its title."""
    return _short(page.article, 4) + _short(fingerprint(page.title), 3)


def seen_before(state: SiteMemory, page: PageBlocks, blocks: Sequence[Fingerprint]) -> bool:
    """Whether the page's text, apart from known boilerplate, is mostly that of one earlier page."""
    body = [block for block in blocks if block.kept and not is_boilerplate(state, block.key, chars=block.chars)]
    whole, name = sum(block.chars for block in body), reference(page)
    shared: dict[str, list[int]] = {}
    for place, block in enumerate(body):
        mark = state.marks.get(block.key)
        for other in mark.pages if mark else ():
            shared.setdefault(other, []).append(place)
    for other, places in shared.items():
        share = sum(body[place].chars for place in places) / max(whole, 1)
        titled = bool(page.title) and other[8:] == name[8:]
        if other[:8] == name[:8] or (titled and share >= SAME_TITLE):
            return True
        if share >= SAME_ARTICLE and (places[0] == 0 or len(places) >= SAME_BLOCKS):
            return True
    return False


def _candidates(state: SiteMemory, page: PageBlocks) -> list[Fingerprint]:
    """The blocks to learn, each once: those that would be kept, and those that are known already."""
    once: dict[str, Fingerprint] = {}
    for block in page.blocks:
        if block.key and (block.kept or block.key in state.marks):
            once.setdefault(block.key, block)
    return list(once.values())[:MOST_BLOCKS]


def _amid(state: SiteMemory, blocks: Sequence[Fingerprint]) -> frozenset[str]:
    """The blocks between two sentences that this page alone has."""
    own = [
        place
        for place, block in enumerate(blocks)
        if block.kept and block.chars >= SHORT and block.key not in state.marks
    ]
    return frozenset(block.key for block in blocks[own[0] + 1 : own[-1]]) if own else frozenset()


def _marked(mark: Mark | None, block: Fingerprint, *, here: int, name: str, inside: bool) -> Mark:
    if mark is None:
        return Mark(seen=1, first=here, last=here, inside=int(inside), chars=block.chars, pages=(name,))
    return replace(
        mark,
        seen=mark.seen + 1,
        last=here,
        inside=mark.inside + inside,
        pages=(*mark.pages, name)[-MOST_PAGES:],
        text=block.text[:MOST_TEXT],
    )


def _demands(*, inside: bool, short: bool) -> tuple[int, float]:
    """How many pages, and at least which share of the pages since it came, a block must have stood on."""
    if inside:
        return 5, 0.5
    return (5, 0.3) if short else (LEAST_SEEN, 0.15)


def _at_least(seen: int, pages: int) -> float:
    """Wilson's lower bound of a share."""
    share = min(seen / pages, 1.0)
    middle = share + Z * Z / (2 * pages)
    spread = Z * math.sqrt(share * (1 - share) / pages + Z * Z / (4 * pages * pages))
    return (middle - spread) / (1 + Z * Z / pages)


def _short(text: str, size: int) -> str:
    return hashlib.blake2b(text.encode(), digest_size=size).hexdigest()
