"""How much of an article came out: F1 over words against what the press wrote. Pure."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

WORD = re.compile(r"[぀-ヿ㐀-鿿가-힯]|[^\W_぀-ヿ㐀-鿿가-힯]+")


def words(text: str) -> Counter[str]:
    """Words of a text, lower case; scripts that are written without spaces count by the character."""
    return Counter(WORD.findall(text.lower()))


def f1(found: str, meant: Iterable[str]) -> float:
    """F1 of the words found against the paragraphs meant; 0 where nothing was found."""
    here, there = words(found), words("\n".join(meant))
    both = (here & there).total()
    return 2 * both / (here.total() + there.total()) if both else 0.0
