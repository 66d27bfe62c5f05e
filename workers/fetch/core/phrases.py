"""Which of the phrases that walls are known by a text says. Pure; the phrases are data (`data/*.toml`).

Phrases of all kinds and languages are found together in one pass of an automaton, so their number costs nothing.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING, Any

import ahocorasick

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

KINDS = ("captcha", "consent", "login", "paywall", "soft_404", "error", "shell")
NOT_WORD = re.compile(r"[\W_]+")
NO_SPACES = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")  # scripts that need no space between words
TITLE_PARTS = re.compile(r"\s*[|–—·•»«]\s*|\s+-\s+|\s+\.\s+|(?<=[!?.])\s+")
COLON = re.compile(r"\s*[:：]\s*")
LONGEST_TITLE = 300
MORE_WORDS = 4  # that a part of a title may have beside the phrase


@dataclass(frozen=True)
class Hits:
    """Distinct phrases found in a block, as (kind, phrase), and the kinds whose notices it belongs to by them."""

    strong: frozenset[tuple[str, str]] = frozenset()
    weak: frozenset[tuple[str, str]] = frozenset()
    kinds: frozenset[str] = frozenset()


NOTHING = Hits()
ENOUGH_WEAK = 2


@dataclass(frozen=True)
class Lexicon:
    """The phrases, compiled."""

    body: Any  # automaton over padded plain text; values are lists of (strength, kind, phrase)
    titles: Any
    exact: dict[str, str]  # whole plain title -> kind
    openings: dict[str, str]  # single words that open a title -> kind
    ideas: Any  # automaton over padded plain text; values are lists of (kind, number of the idea, -1 for "not")
    enough: dict[str, int]
    markers: dict[str, tuple[str, ...]]
    paths: dict[str, tuple[str, ...]]


def plain(text: str) -> str:
    """Lower case words with one space between them and no punctuation."""
    return NOT_WORD.sub(" ", text.lower()).strip()


def _key(phrase: str) -> str:
    return phrase if NO_SPACES.search(phrase) else f" {phrase} "


def _beginning(word: str) -> str:
    """The key of a word beginning: open at its end, unless it is marked as a whole word."""
    key = _key(plain(word))
    return key if word.endswith("$") or NO_SPACES.search(word) else key.rstrip()


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads(resources.files(__package__).joinpath("data", name).read_text("utf-8"))


def _ideas(notices: dict[str, Any]) -> Iterator[tuple[str, tuple[str, int]]]:
    for kind in KINDS:
        for number, words in enumerate(notices[kind]["ideas"]):
            yield from ((_beginning(word), (kind, number)) for word in words)
        yield from ((_beginning(word), (kind, -1)) for word in notices[kind].get("not", ()))


def _automaton(entries: Iterable[tuple[str, Any]]) -> Any:
    found: dict[str, list[Any]] = {}
    for key, value in entries:
        found.setdefault(key, []).append(value)
    automaton = ahocorasick.Automaton()
    for key, values in found.items():
        automaton.add_word(key, values)
    automaton.make_automaton()
    return automaton


@lru_cache(maxsize=1)
def lexicon() -> Lexicon:
    """The phrases of `data/walls.toml`, read once."""
    data, notices = _read("walls.toml"), _read("notices.toml")
    titles = [(kind, title) for kind in KINDS for title in data[kind]["titles"]]
    loose = [(kind, plain(title)) for kind, title in titles if not title.startswith("=")]
    body = [
        (_key(plain(phrase)), (strength, kind, plain(phrase)))
        for kind in KINDS
        for strength in ("strong", "weak")
        for phrase in data[kind][strength]
    ]
    return Lexicon(
        body=_automaton(body),
        titles=_automaton((_key(title), ("title", kind, title)) for kind, title in loose if _is_phrase(title)),
        exact={plain(title): kind for kind, title in titles},
        openings={title: kind for kind, title in loose if not _is_phrase(title)},
        ideas=_automaton(_ideas(notices)),
        enough={kind: notices[kind]["enough"] for kind in KINDS},
        markers={kind: tuple(data[kind]["markers"]) for kind in KINDS},
        paths={kind: tuple(data[kind]["paths"]) for kind in KINDS},
    )


def _is_phrase(title: str) -> bool:
    return " " in title or bool(NO_SPACES.search(title))


def hits(text: str) -> Hits:
    """The body phrases in a text."""
    found = {value for _, values in lexicon().body.iter(f" {plain(text)} ") for value in values}
    if not found:
        return NOTHING
    strong = frozenset((kind, phrase) for strength, kind, phrase in found if strength == "strong")
    weak = frozenset((kind, phrase) for strength, kind, phrase in found if strength == "weak")
    often = Counter(kind for kind, _ in weak)
    kinds = {kind for kind, _ in strong} | {kind for kind, count in often.items() if count >= ENOUGH_WEAK}
    return Hits(strong, weak, frozenset(kinds))


def noticed(text: str) -> set[str]:
    """The kinds of which a text joins enough ideas to be their notice."""
    found: dict[str, set[int]] = {}
    for _, values in lexicon().ideas.iter(f" {plain(text)} "):
        for kind, number in values:
            found.setdefault(kind, set()).add(number)
    return {kind for kind, ideas in found.items() if -1 not in ideas and len(ideas) >= lexicon().enough[kind]}


def _parts(title: str) -> set[str]:
    """A title and its parts. What stands before a colon is one only if no story follows it."""
    parts = {title, *TITLE_PARTS.split(title)}
    for part in tuple(parts):
        sides = COLON.split(part)
        parts |= set(sides) if all(len(side.split()) <= MORE_WORDS for side in sides) else set()
    return parts


def title_kinds(title: str) -> set[str]:
    """The kinds of wall that a title or heading names. A long part of a title that has a wall's words tells a story."""
    words = lexicon()
    found = set()
    for part in _parts(title[:LONGEST_TITLE]):
        text = plain(part)
        length = len(text.split())
        found |= {
            kind
            for _, values in words.titles.iter(f" {text} ")
            for _, kind, phrase in values
            if length <= len(phrase.split()) + MORE_WORDS
        }
        found |= {words.exact[text]} if text in words.exact else set()
        opening = text.split(" ")[0]
        found |= {words.openings[opening]} if opening in words.openings and length <= 1 + MORE_WORDS else set()
    return found
