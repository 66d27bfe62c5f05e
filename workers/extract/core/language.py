"""The language of an article: what the page declares unless its letters say otherwise, else what its short words say. Pure.

Counting short words tells the languages of news apart at no cost to speak of; a statistical detector was tried and cost
0.45 s and 85 MB in every worker for the one page in many that declares nothing.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from dataclasses import dataclass
from functools import cache
from pathlib import Path

TABLE = Path(__file__).parent.parent / "data" / "language.toml"
# Not `\w`: the vowel signs of Indian scripts are no letters to it.
WORD = re.compile(r"[^\s\d_.,;:!?…'’\"“”„«»()\[\]।،؟—–-]+")
SAMPLE = 2_000
# A script is the text's when so much of it is written in it, and a language when it has so many of its short words.
SHARE = 0.15
LEAST_WORDS = 3
# A declared language is a mistake when the text has so many words of another and not this share of them of its own.
CERTAIN_WORDS = 15
CONTRADICTED = 0.2


@dataclass(frozen=True)
class Script:
    """Letters, the languages that are written in them, and the one it usually is (empty: several)."""

    letters: re.Pattern[str]
    languages: frozenset[str]
    usually: str


@cache
def _scripts() -> tuple[Script, ...]:
    rows = tomllib.loads(TABLE.read_text("utf-8"))["letters"]
    return tuple(Script(re.compile(f"[{row['class']}]"), frozenset(row["languages"]), row["usually"]) for row in rows)


@cache
def _languages_by_word() -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for name, words in tomllib.loads(TABLE.read_text("utf-8"))["words"].items():
        for word in words.split():
            found.setdefault(word, []).append(name)
    return {word: tuple(names) for word, names in found.items()}


@cache
def _known() -> frozenset[str]:
    return frozenset(name for names in _languages_by_word().values() for name in names)


def language(text: str, declared: str) -> str:
    """BCP 47 primary tag of a text; empty when nothing is declared and the text does not tell."""
    sample = text[:SAMPLE]
    script = next((one for one in _scripts() if len(one.letters.findall(sample)) >= SHARE * len(sample) > 0), None)
    if script is None:
        elsewhere = any(declared in one.languages for one in _scripts())
        if declared and not (elsewhere and sample.strip()):
            return _unless_contradicted(declared, sample)
        return _by_words(sample, None) or declared
    if declared in script.languages:
        return declared
    return script.usually or _by_words(sample, script.languages)


def _unless_contradicted(declared: str, sample: str) -> str:
    """The declared language, unless we know its words and the text has hardly any of them but many of another's."""
    if declared not in _known():
        return declared
    counts, seen = _counted(sample, None)
    best = _best(counts)
    if best and seen[best] >= CERTAIN_WORDS and counts.get(declared, 0.0) < CONTRADICTED * counts[best]:
        return best
    return declared


def _by_words(sample: str, among: frozenset[str] | None) -> str:
    counts, seen = _counted(sample, among)
    best = _best(counts)
    return best if seen[best] >= LEAST_WORDS else ""


def _best(counts: dict[str, float]) -> str:
    return min(counts, key=lambda name: (-round(counts[name], 6), name), default="")


def _counted(sample: str, among: frozenset[str] | None) -> tuple[dict[str, float], Counter[str]]:
    """How telling a text's short words are for each language, and how many there are."""
    counts: dict[str, float] = {}
    seen: Counter[str] = Counter()
    for word in WORD.findall(sample.lower()):
        names = _languages_by_word().get(word, ())
        for name in names:
            if among is None or name in among:
                # A word says the less the more languages share it.
                counts[name] = counts.get(name, 0.0) + 1 / len(names)
                seen[name] += 1
    return counts, seen
