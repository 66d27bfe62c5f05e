"""The rules that people wrote: what boxes are called, and how blocks begin that belong to the site. Pure.

The rules are data (`data/rules.toml`). Each is evidence for the classifier; near the article's end some are verdicts
(`workers.extract.core.endings`).
"""

from __future__ import annotations

import re
import tomllib
from functools import cache, lru_cache
from pathlib import Path

TABLE = Path(__file__).parent.parent / "data" / "rules.toml"
NAME_GROUPS = ("comments", "aside", "related", "promo", "share", "person", "caption", "meta", "overlay", "site", "body")
PHRASE_GROUPS = ("also_read", "follow", "about", "credit")
MOST_NAMES = 12
LONGEST_NAME = 60
COLONS = (":", "：", "|", "｜", "»", "→")
EDGES = " \t*-–—•·|>»›→►▶:[(\"'“„«（【［《"


@cache
def _table() -> dict[str, dict[str, str | list[str]]]:
    return tomllib.loads(TABLE.read_text("utf-8"))


@cache
def _name_patterns() -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(str(_table()["names"][group])) for group in NAME_GROUPS)


@cache
def _phrases() -> dict[str, tuple[tuple[str, int], ...]]:
    """Each phrase with its group's bit, by its first two characters; the longest first."""
    index: dict[str, list[tuple[str, int]]] = {}
    for bit, group in enumerate(PHRASE_GROUPS):
        for phrase in _table()["phrases"][group]:
            index.setdefault(phrase[:2], []).append((phrase, 1 << bit))
    return {start: tuple(sorted(found, key=lambda pair: (-len(pair[0]), pair))) for start, found in index.items()}


def groups_of_names(names: str) -> int:
    """The purposes that a box's names betray: one bit for each of `NAME_GROUPS`."""
    found = 0
    for name in names.split()[:MOST_NAMES]:
        found |= _groups_of_name(name)
    return found


@lru_cache(maxsize=20_000)
def _groups_of_name(name: str) -> int:
    lowered = name[:LONGEST_NAME].lower()
    return sum(1 << bit for bit, pattern in enumerate(_name_patterns()) if pattern.search(lowered))


def groups_of_text(text: str) -> int:
    """The purposes that a block's beginning betrays: one bit for each of `PHRASE_GROUPS`."""
    beginning = text[:60].lower().lstrip(EDGES)
    found = 0
    for phrase, bit in _phrases().get(beginning[:2], ()):
        if not found & bit and beginning.startswith(phrase) and _ends_there(beginning, phrase):
            found |= bit
    return found


def announces(text: str) -> bool:
    """Whether a block begins with one of the phrases and a colon or a bar, as a label that introduces what it points at."""
    beginning = text[:60].lower().lstrip(EDGES)
    return any(
        beginning.startswith(phrase)
        and (phrase.endswith(COLONS) or beginning[len(phrase) :].lstrip().startswith(COLONS))
        for phrase, _ in _phrases().get(beginning[:2], ())
    )


def _ends_there(beginning: str, phrase: str) -> bool:
    """Whether the phrase ends where a word does; scripts without spaces have no such place."""
    last = phrase[-1]
    return not (last.isalnum() and last < "\u0e00" and beginning[len(phrase) : len(phrase) + 1].isalnum())
