"""One pass over an article: which spellings stand where. Pure. What they mean is the business of `mentions.py`."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from workers.classify.core.text import SPACED, ends_word, fold, kind, starts_word

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from workers.classify.core.ruleset import Form, Ruleset, Term, Use
    from workers.classify.core.text import Folded

TITLE = -1
_EDGES = " ,.;:!?()\"'/"  # the usual neighbours of words, looked at before anything is asked
_UPPER = re.compile("[A-ZÀ-ÖØ-ÞĞİŁŚŞŻΑ-ΩЀ-Я]")
_CAPITALS = 0.8
_ENOUGH_LETTERS = 12


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """The title (`index` -1) or a paragraph, with its folded form."""

    index: int
    text: str
    folded: Folded

    @property
    def name(self) -> str:
        """What evidence calls it."""
        return "title" if self.index == TITLE else f"paragraphs[{self.index}]"


class Hit(NamedTuple):
    """A term's spelling at a place; offsets are the original's. A tuple, because an article has hundreds."""

    term: Term
    form: Form
    part: int
    start: int
    end: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Cues:
    """Where the words of each group stand: part to group to spans."""

    spans: dict[int, dict[str, list[tuple[int, int]]]] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)

    def at(self, group: str, part: int) -> Sequence[tuple[int, int]]:
        """The spans of a group in a part, in order of their ends."""
        return self.spans.get(part, {}).get(group, ())

    def groups_at(self, part: int) -> Mapping[str, Sequence[tuple[int, int]]]:
        """All groups that have a word in a part."""
        return self.spans.get(part, {})

    def anywhere(self, group: str) -> bool:
        """Whether the article has a word of the group at all."""
        return group in self.seen


def spans_near(spans: Sequence[tuple[int, int]], start: int, end: int, reach: int) -> Iterator[tuple[int, int]]:
    """The spans (in order of their ends) that come within `reach` characters of a place; found by bisection."""
    for index in range(bisect_left(spans, start - reach, key=_end), len(spans)):
        if spans[index][0] > end + reach:
            return
        yield spans[index]


def stands_before(spans: Sequence[tuple[int, int]], start: int, reach: int) -> bool:
    """Whether one of the spans ends at most `reach` characters before a place."""
    return bool(spans) and any(end <= start for _, end in spans_near(spans, start, start, reach))


def stands_after(spans: Sequence[tuple[int, int]], end: int, reach: int) -> bool:
    """Whether one of the spans starts at most `reach` characters after a place."""
    return bool(spans) and any(start >= end for start, _ in spans_near(spans, end, end, reach))


def _end(span: tuple[int, int]) -> int:
    return span[1]


def split_article(title: str, paragraphs: Sequence[str]) -> tuple[Part, ...]:
    """The parts in reading order. Empty ones are left out."""
    texts = [(TITLE, title), *enumerate(paragraphs)]
    return tuple(Part(index=index, text=text, folded=fold(text)) for index, text in texts if text)


@lru_cache(maxsize=64)
def is_shouting(text: str) -> bool:
    """Whether a text is in capitals throughout, so that capitals say nothing."""
    head = text[:400]
    upper = len(_UPPER.findall(head))
    return upper >= _ENOUGH_LETTERS and upper >= _CAPITALS * (upper + sum(map(str.islower, head)))


def find(ruleset: Ruleset, parts: Iterable[Part], *, language: str = "") -> tuple[tuple[Hit, ...], Cues]:
    """All hits of terms, overlaps settled for the longest, and all cue words."""
    hits: list[Hit] = []
    cues = Cues()
    for part in parts:
        hits.extend(_find_in(ruleset, part, language, cues))
    return tuple(hits), cues


def _find_in(ruleset: Ruleset, part: Part, language: str, cues: Cues) -> list[Hit]:
    """The one loop that sees every hit: what most hits need stands first, and a plain cue costs no call."""
    found: list[tuple[int, int, Use]] = []
    here: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
    cues.spans[part.index] = here
    folded, moved = part.folded, bool(part.folded.starts)
    lower, length = folded.lower, len(folded.lower)
    for last, entry in ruleset.automaton.iter(lower):
        end = last + 1
        start = end - entry.length
        at_start = start == 0 or lower[start - 1] in _EDGES or starts_word(lower, start)
        if not at_start and not entry.open_left:
            continue
        at_end = end == length or lower[end] in _EDGES or ends_word(lower, end)
        if at_start and (groups := entry.words if at_end else entry.stems):
            span = folded.original(start, end) if moved else (start, end)
            for group in groups:
                here[group].append(span)
        for use in entry.uses if at_end else entry.stem_uses:
            form = use.form
            if (at_start or form.open_left) and (form.bare or _counts(form, part, start, language)):
                if use.term is not None and form.tail is None:
                    found.append((start, end, use))
                else:
                    _take(use, part, start, end, here=here, found=found)
    cues.seen.update(here)
    return [_hit(part, start, end, use) for start, end, use in _longest(found)]


def _take(
    use: Use,
    part: Part,
    start: int,
    end: int,
    *,
    here: dict[str, list[tuple[int, int]]],
    found: list[tuple[int, int, Use]],
) -> None:
    reach = _reach(use.form, part.folded.lower, end)
    if not reach:
        return
    if use.term is None:
        here.setdefault(use.group, []).append(part.folded.original(start, reach))
    else:
        found.append((start, reach, use))


def _counts(form: Form, part: Part, start: int, language: str) -> bool:
    if form.language and language and form.language != language:
        return False
    if form.exact:
        if not part.folded.cased.startswith(form.exact, start):
            return False
        return not (form.exact.isalnum() and is_shouting(part.text))
    return not form.capital or not part.folded.cased[start].islower()


def _reach(form: Form, lower: str, end: int) -> int:
    """Where the find ends, tail included; 0 when the tail does not follow."""
    if form.tail is None:
        return end
    followed = form.tail.match(lower, end)
    return followed.end() if followed and ends_word(lower, followed.end()) else 0


def _longest(found: list[tuple[int, int, Use]]) -> list[tuple[int, int, Use]]:
    """Of overlapping spans the first, and of those the longest; uses of the same span all stay."""
    if len(found) < 2:  # noqa: PLR2004
        return found
    kept: list[tuple[int, int, Use]] = []
    reached, span = 0, (0, 0)
    for start, end, use in sorted(found, key=lambda item: (item[0], -item[1], not item[2].form.exact)):
        if start < reached and (start, end) != span:
            continue
        if (start, end) == span and any(_same(other, use) for _, other_end, other in kept[-4:] if other_end == end):
            continue  # the same thing, spelled alike twice: the spelling that asks for a casing goes first
        reached, span = end, (start, end)
        kept.append((start, end, use))
    return kept


def _same(one: Use, other: Use) -> bool:
    return one.term is not None and other.term is not None and one.term.key == other.term.key


def _hit(part: Part, start: int, end: int, use: Use) -> Hit:
    assert use.term is not None
    form = use.form
    if form.open_right or form.open_left:
        start, end = _whole_word(part.folded.lower, start, end, form)
    first, last = part.folded.original(start, end)
    return Hit(use.term, form, part.index, first, last)


def _whole_word(lower: str, start: int, end: int, form: Form) -> tuple[int, int]:
    """A stem's evidence is the whole word that a reader sees."""
    while form.open_right and end < len(lower) and kind(lower[end]) == SPACED:
        end += 1
    while form.open_left and start > 0 and kind(lower[start - 1]) == SPACED:
        start -= 1
    return start, end
