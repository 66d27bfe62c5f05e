"""The spelling line of the lexicon: `name | other name | stem* | =EXACT | doubtful?`. Pure.

    a | b      alternatives
    stem*      any ending may follow (inflections), also inside: `rare* form*`; *tail any beginning may precede
    =REE       only in this very casing, and not where everything is in capitals
    cerio?     doubtful on its own: counts only in a text that names the topic otherwise
    Name       a capital first, in a facet of names: found only with a capital

Patterns of events add ` + ` (all parts in one sentence), `(a/b/c)` (any of these) and `{facet}` (any mention of it).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from sys import intern

from workers.classify.core.ruleset import Form, Pattern
from workers.classify.core.text import APART, SPACED, fold, fold_form, is_hangul, kind

SHORTEST_OPEN = 3  # letters that a stem must have before `*`
SHORTEST = 2
# Words of almost every text of their language: a term spelled so would match almost everything.
_EVERYWHERE = """
the and of to in is that for it as was with be by on not he his but at are this have from or had an they which you
der die das und ist ein eine nicht mit von den dem des auf für im zu le la les et de un une du que est pour
el los las y una del por con para no o a e os do da em um uma não na il lo gli di che per non een het van en
и в не на с что по это как к из от за i w z się nie jest ve bir bu için dan yang untuk và của là không
في من على إلى عن है के में की और का से ने को 的 了 是 在 一 不 の に は を が と で て 이 그 를 을 는 은 의 에
"""
COMMON_WORDS = frozenset(fold(word).lower for word in _EVERYWHERE.split())
_ENDING = r"\w{0,8}"
_PLUS = re.compile(r"\s\+(?:\s|$)")
_WITHIN = re.compile(r"\s*~(\d+)$")


class FormError(ValueError):
    """A spelling that cannot be used, with the reason in words."""


def parse_forms(line: str, *, names: bool = False, language: str = "") -> tuple[Form, ...]:
    """The forms of one spelling line. `names` asks for the capital that names have. Raises FormError."""
    return tuple(parse_form(piece, names=names, language=language) for piece in line.split("|"))


def parse_form(piece: str, *, names: bool = False, language: str = "") -> Form:
    """One form with its marks. Raises FormError for one that is empty or would match everything."""
    text = piece.strip()
    weak, text = text.endswith("?"), text.removesuffix("?")
    exact, text = text.startswith("="), text.removeprefix("=")
    open_right, text = text.endswith("*"), text.removesuffix("*")
    open_left, text = text.startswith("*"), text.removeprefix("*")
    if "=" in text:
        raise FormError(f"a mark in the middle of {piece.strip()!r}")
    head, _, rest = text.partition("*")
    cased, lower = fold_form(head)
    _refuse_greedy(lower, piece=piece.strip(), exact=exact, opened=open_left or open_right or bool(rest))
    capital = names and cased[0].isupper()
    return Form(
        lower=lower,
        exact=cased if exact else "",
        capital=capital,
        bare=not (exact or capital or language),
        open_left=open_left,
        open_right=open_right,
        weak=weak,
        tail=_tail(rest, open_right=open_right) if rest else None,
        language=language,
    )


def _tail(rest: str, *, open_right: bool) -> re.Pattern[str]:
    """What follows the first stem of `stem* word`: an ending of at most eight letters, then the rest as written."""
    body = _ENDING.join(re.escape(fold(piece).lower) for piece in rest.split("*"))
    return re.compile(_ENDING + body + (r"\w*" if open_right else ""))


def _refuse_greedy(lower: str, *, piece: str, exact: bool, opened: bool) -> None:
    if len(lower) >= SHORTEST_OPEN and lower[:SHORTEST_OPEN].isalnum():
        return  # as most are: enough letters for any mark
    letters = sum(kind(char) != APART for char in lower)
    if not letters:
        raise FormError(f"{piece!r} has no letter: it would match everything or nothing")
    spaced = kind(next(char for char in lower if kind(char) != APART)) == SPACED
    if not spaced or is_hangul(lower[0]):
        return
    if letters < SHORTEST and not exact:
        raise FormError(f"{piece!r} is one letter: it would match almost everything")
    if opened and letters < SHORTEST_OPEN:
        raise FormError(
            f"{piece!r} has fewer than {SHORTEST_OPEN} letters beside its `*`: it would match almost everything"
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class PatternText:
    """A pattern as written: its parts in words, and the reach in characters."""

    parts: tuple[str, ...]
    within: int


def parse_pattern(text: str, *, within: int) -> PatternText:
    """`a + (b/c) ~80`: parts joined by `+`, reach after `~`. Raises FormError for an empty part."""
    reach = _WITHIN.search(text)
    body = _WITHIN.sub("", text).strip()
    parts = tuple(intern(part.strip()) for part in _PLUS.split(body))  # looked up for every article: by identity
    if not all(parts):
        raise FormError(f"an empty part in {text.strip()!r}")
    if all(part.startswith("{") for part in parts):
        raise FormError(f"{text.strip()!r} has no word of its own: it would match almost everything")
    return PatternText(parts=parts, within=int(reach[1]) if reach else within)


def split_patterns(line: str) -> tuple[str, ...]:
    """The alternatives of a pattern line."""
    return tuple(piece.strip() for piece in line.split("|"))


def part_forms(part: str) -> tuple[Form, ...]:
    """The forms of one part: `(a/b/c)` or a single form."""
    inner = part[1:-1] if part.startswith("(") and part.endswith(")") else part
    return tuple(parse_form(piece) for piece in inner.split("/"))


def weighted(parsed: PatternText, weight: float) -> Pattern:
    """The pattern as the rule set keeps it."""
    return Pattern(parts=parsed.parts, within=parsed.within, weight=weight, needs=frozenset(parsed.parts))
