"""A page's visible text in blocks, read off its markup in a few passes and without a tree. Pure.

Good for telling a page with an article from a page with a notice, not for extraction: it knows neither nesting nor
order of importance. Each pass is linear, and the text looked at is bounded.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from workers.fetch.core.markup import unescaped

if TYPE_CHECKING:
    from collections.abc import Iterator

LOOKED_AT = 600_000  # characters of markup, once scripts and styles are out
BLOCKS = 1_500
UNSEEN = re.compile(r"<(script|style|template|svg|noscript|textarea|select|iframe|object|head)\b|<!--", re.IGNORECASE)
# The start of an end tag is enough: what is left of it goes with the tags.
ENDS = {
    name: re.compile(f"</{name}" if name else "-->", re.IGNORECASE)
    for name in ("script", "style", "template", "svg", "noscript", "textarea", "select", "iframe", "object", "head", "")
}
LINK = re.compile(r"<a\b[^<>]*>", re.IGNORECASE)
LINK_END = re.compile(r"</a\s*>", re.IGNORECASE)
INLINE = re.compile(
    r"</?(?:b|i|u|s|em|strong|span|font|small|big|sub|sup|mark|abbr|cite|q|code|kbd|time|wbr|ins|del|bdi|label)\b[^<>]*>",
    re.IGNORECASE,
)
TAG = re.compile(r"<[^<>]*>")
LINKED = re.compile("\x01[^\x02]*\x02?")
SPACE = re.compile(r"\s+")
WIDE = re.compile("[\u2e80-\uffff]")
SENTENCE = re.compile("[.!?…。！？।؟]")
SHORTEST = 80  # of a block that may be prose, in Latin letters' worth
MOST_LINKED = 0.5


@dataclass(frozen=True)
class Block:
    """A run of text between two block tags; `size` counts an ideograph as three letters."""

    text: str
    size: int
    linked: float  # share of it that is in links

    @cached_property
    def is_prose(self) -> bool:
        """Whether it reads like a piece of a text: long enough, sentences, not mainly links."""
        return self.size >= SHORTEST and self.linked < MOST_LINKED and bool(SENTENCE.search(self.text))


def size(text: str) -> int:
    """Characters, with each ideograph or syllable of East Asia as three."""
    return len(text) if text.isascii() else len(text) + 2 * len(WIDE.findall(text))


def without(text: str, unseen: re.Pattern[str] = UNSEEN) -> str:
    """The markup less comments and the elements whose content is not shown. An element that is never closed goes on."""
    kept, at = [], 0
    while found := unseen.search(text, at):
        kept.append(text[at : found.start()])
        end = ENDS[(found[1] or "").lower()].search(text, found.end())
        if not end:
            return "".join(kept)
        at = end.end() if not found[1] else end.start()
    return "".join([*kept, text[at:]])


def blocks(markup: str) -> list[Block]:
    """The visible blocks in order, at most 1,500 of them."""
    shown = without(markup)[:LOOKED_AT]
    shown = LINK_END.sub("\x02", LINK.sub("\x01", shown))
    shown = INLINE.sub("", shown)
    return list(_limited(_block(piece) for piece in TAG.split(shown) if piece and not piece.isspace()))


def _limited(found: Iterator[Block | None]) -> Iterator[Block]:
    count = 0
    for block in found:
        if block:
            yield block
            count += 1
            if count == BLOCKS:
                return


def _block(piece: str) -> Block | None:
    words = SPACE.sub(" ", unescaped(piece.replace("\x01", "").replace("\x02", ""))).strip()
    if not words:
        return None
    inside = sum(len(link) for link in LINKED.findall(piece)) if "\x01" in piece else 0
    return Block(words, size(words), min(1.0, inside / len(piece)))
