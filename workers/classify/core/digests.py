"""Digests: several unrelated items in one text, of which each is judged by itself. Pure.

    Morning briefing                    the title says so, or hardly one item in three speaks of the topic
    • Rates stay where they are …       marks split it: bullets, dashes, numbers, headings, 【…】
    • A mine asks for a licence …

One story under subheadings, or with its key points in front, is no digest. The rule: an article is news of the topic
where that is one of at most three things it is about; so is a digest of which a third of the items are.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

from workers.classify.core.features import CLEAR, features_of
from workers.classify.core.matching import TITLE
from workers.classify.core.mentions import read

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from workers.classify.core.mentions import Mention, Reading
    from workers.classify.core.ruleset import Ruleset

CUE = "digest"  # the context whose words in a title announce a digest
FEWEST = 4  # items
AT_MOST_THREE = 3
_COVERED = 0.6  # of the text must stand in items
_LONGEST_HEADING = 120
_MARK = re.compile(
    r"\s*(?:[•‣▪●■◆◇▶►▷★☆✔✅➤➡👉·・*\-–—]\s+|[•●■◆▶►]|\(?\d{1,2}[.)、．]\s*(?!\d)|[①-⑳]|[一二三四五六七八九十]{1,2}、|【|\[\d{1,2}\]\s)"
)
_HEADING = re.compile(r"\s*#{1,6}\s")
_INLINE = re.compile(r"(?<=\s)[•▪●■◆▶►|](?=\s)")

Span = tuple[int, int, int]  # part, start, end


@dataclass(frozen=True, kw_only=True, slots=True)
class Item:
    """One item: its heading, which may be empty, and its paragraphs (or stretches of one)."""

    heading: Span | None
    body: tuple[Span, ...]

    @property
    def spans(self) -> tuple[Span, ...]:
        """All that belongs to it."""
        return (self.heading, *self.body) if self.heading else self.body


@dataclass(frozen=True, kw_only=True, slots=True)
class Digest:
    """A text that is one: how many items, which of them are on the topic, and the best one's probability."""

    items: int
    on_topic: tuple[Item, ...]
    best: float

    @property
    def share(self) -> float:
        """The part of the best item's probability that counts: all where a third of the items are on the topic."""
        part = len(self.on_topic) / self.items
        return 1.0 if part * AT_MOST_THREE >= 1.0 else part * AT_MOST_THREE / 2.0


def find_digest(ruleset: Ruleset, reading: Reading, kinds: Sequence[str], *, on_topic: float) -> Digest | None:
    """The digest that a text is, or None where it is one story (or does not mention the topic at all).

    `kinds` says of each paragraph what it was (`heading`, `list_item`, …) where that is known; `on_topic` is the least
    probability for the topic.
    """
    telling = [mention for mention in reading.mentions if mention.strength >= CLEAR]
    items = split(reading, kinds) if telling else ()
    owners = _owners(items, telling)
    spoken = [items[at] for at in sorted({at for at in owners if at is not None})]
    if len(items) < FEWEST or not spoken:
        return None
    titled = any(mention.hit.part == TITLE for mention in telling)
    # One story under subheadings names its subject in the title, before the first of them, or all along.
    framed = any(owner is None and not mention.zone for mention, owner in zip(telling, owners, strict=True))
    if not reading.cues.at(CUE, TITLE) and (framed or len(spoken) * AT_MOST_THREE > len(items)):
        return None
    chances = [(_probability(ruleset, reading, item), item) for item in spoken]
    chosen = tuple(item for chance, item in chances if titled or chance >= on_topic)
    return Digest(items=len(items), on_topic=chosen, best=max(chance for chance, _ in chances))


def only(reading: Reading, items: Sequence[Item]) -> Reading:
    """The reading without what stands in other items; offsets stay those of the whole text."""
    parts = {part for item in items for part, _, _ in item.spans} | {TITLE}
    owned = zip(reading.mentions, _owners(items, reading.mentions), strict=True)
    return replace(
        reading,
        mentions=tuple(each for each, owner in owned if owner is not None or each.hit.part == TITLE),
        parts=tuple(part for part in reading.parts if part.index in parts),
        body=tuple(part for part in reading.body if part.index in parts),
    )


def split(reading: Reading, kinds: Sequence[str]) -> tuple[Item, ...]:
    """The items that marks make of the body; none where they do not cover most of it.

    Marks that plain text follows are headings of what follows, others are items by themselves.
    """
    parts = [(part.index, part.text) for part in reading.body]
    marked = [_kind(text, kinds[index] if index < len(kinds) else "") for index, text in parts]
    heads = [at for at, mark in enumerate(marked) if mark == "heading" and not _stands_alone(marked, at)]
    if len(heads) < FEWEST:
        heads = [at for at, mark in enumerate(marked) if mark and not _stands_alone(marked, at)]
        if len(heads) < FEWEST or len(heads) * 2 < sum(map(bool, marked)):
            return _marked_items(parts, marked) if any(marked) else _announced(reading, parts)
    ends = [*heads[1:], len(parts)]
    return _if_covering(parts, [_section(parts[start:end]) for start, end in zip(heads, ends, strict=True)])


def _announced(reading: Reading, parts: Sequence[tuple[int, str]]) -> tuple[Item, ...]:
    """Without marks the paragraphs of a text that calls itself a digest are its items."""
    if not reading.cues.at(CUE, TITLE):
        return ()
    return tuple(Item(heading=None, body=((index, 0, len(text)),)) for index, text in parts)


def _kind(text: str, kind: str) -> str:
    if kind == "heading" or _HEADING.match(text):
        return "heading"
    if kind == "list_item" or (not "a" <= text[0].lower() <= "z" and _MARK.match(text)):
        return "item"
    return "item" if not text.isascii() and len(_INLINE.findall(text)) >= FEWEST - 1 else ""


def _stands_alone(marked: Sequence[str], at: int) -> bool:
    """Whether no plain text follows a mark; a heading over marked items is the name of a section."""
    return at + 1 >= len(marked) or bool(marked[at + 1])


def _section(parts: Sequence[tuple[int, str]]) -> Item:
    (index, head), *rest = parts
    spans = tuple((at, 0, len(text)) for at, text in rest)
    if len(head) > _LONGEST_HEADING:
        return Item(heading=None, body=((index, 0, len(head)), *spans))
    return Item(heading=(index, 0, len(head)), body=spans)


def _marked_items(parts: Sequence[tuple[int, str]], marked: Sequence[str]) -> tuple[Item, ...]:
    items = [
        Item(heading=None, body=(span,))
        for (index, text), mark in zip(parts, marked, strict=True)
        if mark == "item"
        for span in _pieces(index, text)
    ]
    return _if_covering(parts, items)


def _pieces(index: int, text: str) -> Iterator[Span]:
    """A paragraph that holds several marks is cut at them."""
    cuts = [0, *(match.start() for match in _INLINE.finditer(text)), len(text)]
    if len(cuts) <= FEWEST:
        yield index, 0, len(text)
        return
    for start, end in pairwise(cuts):
        if text[start:end].strip():
            yield index, start, end


def _if_covering(parts: Sequence[tuple[int, str]], items: Sequence[Item]) -> tuple[Item, ...]:
    length = sum(len(text) for _, text in parts)
    covered = sum(end - start for item in items for _, start, end in item.spans)
    return tuple(items) if covered >= _COVERED * length else ()


def _owners(items: Sequence[Item], mentions: Sequence[Mention]) -> list[int | None]:
    """The item that each mention stands in, by its place in `items`; None for one in none."""
    spans = sorted((*span, at) for at, item in enumerate(items) for span in item.spans)
    owners: list[int | None] = []
    for mention in mentions:
        hit = mention.hit
        at = bisect_left(spans, (hit.part, hit.start + 1)) - 1
        owners.append(spans[at][3] if at >= 0 and spans[at][0] == hit.part and hit.start < spans[at][2] else None)
    return owners


def _probability(ruleset: Ruleset, reading: Reading, item: Item) -> float:
    """An item's own, as if it were an article."""
    title = reading.text(item.heading[0]) if item.heading else ""
    own = read(ruleset, title, [reading.text(part)[start:end] for part, start, end in item.body])
    return ruleset.model.probability(features_of(own))
