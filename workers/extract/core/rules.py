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
EDGES = " \t*-–—•·|>»›→►▶:[(\"'“„«"


@cache
def _table() -> dict[str, dict[str, str | list[str]]]:
    return tomllib.loads(TABLE.read_text("utf-8"))


@cache
def _name_patterns() -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(str(_table()["names"][group])) for group in NAME_GROUPS)


@cache
def _phrase_patterns() -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(_beginning(sorted(_table()["phrases"][group], key=lambda p: (-len(p), p)))) for group in PHRASE_GROUPS)


def _beginning(phrases: list[str]) -> str:
    return "|".join(re.escape(phrase) + (r"(?!\w)" if phrase[-1].isascii() and phrase[-1].isalnum() else "") for phrase in phrases)


@lru_cache(maxsize=20_000)
def groups_of_names(names: str) -> int:
    """The purposes that a box's names betray: one bit for each of `NAME_GROUPS`."""
    lowered = names.lower()[:400]
    return sum(1 << bit for bit, pattern in enumerate(_name_patterns()) if pattern.search(lowered))


def groups_of_text(text: str) -> int:
    """The purposes that a block's beginning betrays: one bit for each of `PHRASE_GROUPS`."""
    beginning = text[:60].lower().lstrip(EDGES)
    return sum(1 << bit for bit, pattern in enumerate(_phrase_patterns()) if pattern.match(beginning))
