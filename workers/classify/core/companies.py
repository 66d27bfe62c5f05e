"""Companies that the lexicon does not know, read off what stands behind a name: a ticker or a legal form. Pure.

    Northern Example Minerals Inc. (TSXV: NEX) said …        name, legal form, exchange and symbol

Only the name's own capitals say where it starts, so this is for scripts that have them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from workers.classify.core.matching import TITLE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from workers.classify.core.matching import Part
    from workers.classify.core.mentions import Reading

Span = tuple[int, int]
EXCHANGE, LEGAL_FORM = "exchange", "legal_form"
_REACH = 120
MOST = 6  # unknown companies of one article; a list of a hundred tickers is no news of any
MOST_MENTIONS = 20
MOST_CUES = 40  # of one paragraph
_NAME = re.compile(r"(?:[A-Z0-9][\w&.'’+-]*[ \t]+(?:(?:of|de|do|da|&)[ \t]+)?){0,5}[A-Z][\w&'’+-]*\.?$")
_SYMBOL = re.compile(r"\s*[:：]\s*([A-Z0-9][A-Z0-9.]{0,6})")
_OPENING = re.compile(r"[(（\[<][^()（）]{0,80}$")
# A capital at the start of a sentence, or a word that is never a name's first.
_NOT_FIRST = frozenset({
    "The", "A", "An", "In", "On", "At", "By", "For", "From", "With", "And", "But", "Of", "As", "To", "Its", "Their",
    "This", "That", "When", "While", "After", "Before", "Says", "Under",
})  # fmt: skip
_TAIL = re.compile(
    r"[,\s]+(?:Inc|Corp|Corporation|Ltd|Limited|plc|PLC|LLC|Co|Company|AG|GmbH|SA|NV|Pty|Holdings?|Group)\.?$"
)
_FEWEST_LETTERS = 3
_LEGAL_FORMS = frozenset({
    "inc", "corp", "corporation", "ltd", "limited", "plc", "llc", "co", "company", "ag", "gmbh", "sa", "nv", "holdings",
    "holding",
})  # fmt: skip


@dataclass(frozen=True, kw_only=True, slots=True)
class UnknownCompany:
    """A name with where it is mentioned (part, start, end) and its tickers."""

    name: str
    tickers: tuple[str, ...]
    places: tuple[tuple[int, int, int], ...]


def find_companies(reading: Reading) -> tuple[UnknownCompany, ...]:
    """The unknown companies of an article's title and news, each with all its mentions."""
    known: dict[int, list[Span]] = {}
    for mention in reading.mentions:
        known.setdefault(mention.hit.part, []).append((mention.hit.start, mention.hit.end))
    tickers: dict[str, list[str]] = {}
    for part in reading.parts:
        if part.index in reading.zones:
            continue
        for name, ticker in _names_in(part, reading, known.get(part.index, [])):
            symbols = tickers.setdefault(name, [])
            if ticker and ticker not in symbols:
                symbols.append(ticker)
    kept = list(tickers.items())[:MOST]
    found = [
        UnknownCompany(name=name, tickers=tuple(symbols), places=tuple(_places(reading, name)))
        for name, symbols in kept
    ]
    # In a headline every word may have a capital, so its names are believed when the body has them too.
    return tuple(each for each in found if not reading.body or any(part != TITLE for part, _, _ in each.places))


def _names_in(part: Part, reading: Reading, known: list[Span]) -> Iterator[tuple[str, str]]:
    for start, end in reading.cues.at(EXCHANGE, part.index)[:MOST_CUES]:
        symbol = _SYMBOL.match(part.text, end)
        opening = _OPENING.search(part.text, max(0, start - _REACH), start)
        if symbol and opening:
            name = _name_before(part.text, opening.start(), known)
            if name:
                yield name, f"{part.text[start:end]}:{symbol[1]}"
    for start, end in reading.cues.at(LEGAL_FORM, part.index)[:MOST_CUES]:
        if part.text[start : start + 1].isupper() or part.text[start:end] == "plc":
            name = _name_before(part.text, start, known)
            if name:
                yield name, ""


def _name_before(text: str, end: int, known: list[Span]) -> str:
    """The capitalised words that end at `end`; empty when they are a known thing, or no name."""
    stop = len(text[:end].rstrip(" \t,"))
    found = _NAME.search(text, max(0, stop - _REACH), stop)
    if found is None:
        return ""
    words = found[0].split()
    cut = max((index for index, word in enumerate(words) if word in _NOT_FIRST), default=-1)
    words = words[cut + 1 :]
    name = _TAIL.sub("", " ".join(words))
    start = stop - len(found[0])
    # A known word inside a longer name is a part of it; one that starts or ends it is the known thing itself.
    overlaps = any(first <= start < last or first < stop <= last for first, last in known)
    return "" if overlaps or sum(map(str.isalpha, plain_id(name))) < _FEWEST_LETTERS or name.isupper() else name


def _places(reading: Reading, name: str) -> Iterator[tuple[int, int, int]]:
    pattern = re.compile(rf"(?<!\w){re.escape(name)}(?!\w)")
    left = MOST_MENTIONS
    for part in reading.parts:
        for found in pattern.finditer(part.text) if left else ():
            yield part.index, found.start(), found.end()
            left -= 1
            if not left:
                break


def plain_id(name: str) -> str:
    """A name as an id: its words in lower case, without what is in brackets and the legal form."""
    words = "".join(char if char.isalnum() else " " for char in name.partition("(")[0].lower()).split()
    return "_".join(word for word in words if word not in _LEGAL_FORMS)
