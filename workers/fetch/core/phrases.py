"""Which of the phrases that walls are known by a text says. Pure; the phrases are data (`data/walls.toml`).

Phrases of all kinds and languages are found together in one pass of an automaton, so their number costs nothing.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any

import ahocorasick

KINDS = ("captcha", "consent", "login", "paywall", "soft_404", "error", "shell")
NOT_WORD = re.compile(r"[\W_]+")
NO_SPACES = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")  # scripts that need no space between words
TITLE_PARTS = re.compile(r"\s*[|–—·•»«:]\s*|\s+-\s+|\s+\.\s+|(?<=[!?.])\s+")
LONGEST_TITLE = 300


@dataclass(frozen=True)
class Hits:
    """Distinct phrases found, as (kind, phrase)."""

    strong: frozenset[tuple[str, str]] = frozenset()
    weak: frozenset[tuple[str, str]] = frozenset()


@dataclass(frozen=True)
class Lexicon:
    """The phrases, compiled."""

    body: Any  # automaton over padded plain text; values are lists of (strength, kind, phrase)
    titles: Any
    exact: dict[str, str]  # whole plain title -> kind
    openings: dict[str, str]  # single words that open a title -> kind
    markers: dict[str, tuple[str, ...]]
    paths: dict[str, tuple[str, ...]]


def plain(text: str) -> str:
    """Lower case words with one space between them and no punctuation."""
    return NOT_WORD.sub(" ", text.lower()).strip()


def _key(phrase: str) -> str:
    return phrase if NO_SPACES.search(phrase) else f" {phrase} "


def _automaton(entries: Iterable[tuple[str, tuple[str, str, str]]]) -> Any:
    found: dict[str, list[tuple[str, str, str]]] = {}
    for phrase, value in entries:
        found.setdefault(_key(phrase), []).append(value)
    automaton = ahocorasick.Automaton()
    for key, values in found.items():
        automaton.add_word(key, values)
    automaton.make_automaton()
    return automaton


@lru_cache(maxsize=1)
def lexicon() -> Lexicon:
    """The phrases of `data/walls.toml`, read once."""
    data = tomllib.loads(resources.files(__package__).joinpath("data/walls.toml").read_text("utf-8"))
    titles = [(kind, title) for kind in KINDS for title in data[kind]["titles"]]
    loose = [(kind, plain(title)) for kind, title in titles if not title.startswith("=")]
    body = [
        (plain(phrase), (strength, kind, plain(phrase)))
        for kind in KINDS
        for strength in ("strong", "weak")
        for phrase in data[kind][strength]
    ]
    return Lexicon(
        body=_automaton(body),
        titles=_automaton((title, ("title", kind, title)) for kind, title in loose if _is_phrase(title)),
        exact={plain(title): kind for kind, title in titles},
        openings={title: kind for kind, title in loose if not _is_phrase(title)},
        markers={kind: tuple(data[kind]["markers"]) for kind in KINDS},
        paths={kind: tuple(data[kind]["paths"]) for kind in KINDS},
    )


def _is_phrase(title: str) -> bool:
    return " " in title or bool(NO_SPACES.search(title))


def hits(text: str) -> Hits:
    """The body phrases in a text."""
    found = [value for _, values in lexicon().body.iter(f" {plain(text)} ") for value in values]
    return Hits(
        strong=frozenset((kind, phrase) for strength, kind, phrase in found if strength == "strong"),
        weak=frozenset((kind, phrase) for strength, kind, phrase in found if strength == "weak"),
    )


def title_kinds(title: str) -> set[str]:
    """The kinds of wall that a title or heading names."""
    words = lexicon()
    found = set()
    for part in (title[:LONGEST_TITLE], *TITLE_PARTS.split(title[:LONGEST_TITLE])):
        text = plain(part)
        found |= {kind for _, values in words.titles.iter(f" {text} ") for _, kind, _ in values}
        found |= {words.exact[text]} if text in words.exact else set()
        found |= {words.openings[text.split(" ")[0]]} if text.split(" ")[0] in words.openings else set()
    return found
