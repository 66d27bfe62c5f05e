"""Which blocks of a labelled page belong to its article, told by the gold text. For fitting only."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

WORD = re.compile(r"\w+")
SHINGLE = 4
SHORT = 8
REACH = 5


def tokens(text: str) -> list[str]:
    """The lower-case words of a text, as the public score cuts them."""
    return WORD.findall(text.lower())


def labels(texts: Sequence[str], gold: str) -> list[float]:
    """The share of each block that is gold, 0..1. Short and repeated blocks count where gold has them beside a neighbour."""
    want = tokens(gold)
    shingles = set(zip(*(want[at:] for at in range(SHINGLE)), strict=False))
    whole = f" {' '.join(want)} "
    cut = [tokens(text) for text in texts]
    share = [_share(words, shingles) for words in cut]
    keys = Counter(map(" ".join, cut))
    found = list(share)
    for at, words in enumerate(cut):
        repeated = keys[" ".join(words)] > 1
        if words and (len(words) < SHORT or repeated):
            fits = f" {' '.join(words)} " in whole and _fits(at, cut, share, whole)
            found[at] = (
                max(share[at], float(len(words) < SHINGLE))
                if fits
                else 0.0
                if len(words) < SHINGLE or repeated
                else share[at]
            )
    _restore_first_of_repeats(cut, share, found)
    return found


def _share(words: list[str], shingles: set[tuple[str, ...]]) -> float:
    mine = list(zip(*(words[at:] for at in range(SHINGLE)), strict=False))
    return sum(shingle in shingles for shingle in mine) / len(mine) if mine else 0.0


def _fits(at: int, cut: list[list[str]], share: list[float], whole: str) -> bool:
    """Whether gold has this block directly after or before one of its neighbours on the page."""
    words = cut[at]
    for step in (-1, 1):
        for other in range(at + step, at + step * REACH, step):
            if not 0 <= other < len(cut):
                break
            if cut[other] and (share[other] >= 0.5 or len(cut[other]) < SHINGLE):
                joint = cut[other][-3:] + words[:6] if step < 0 else words[-6:] + cut[other][:3]
                if f" {' '.join(joint)} " in whole:
                    return True
                if share[other] >= 0.5:
                    break
    return False


def _restore_first_of_repeats(cut: list[list[str]], share: list[float], found: list[float]) -> None:
    places: dict[str, list[int]] = {}
    for at, words in enumerate(cut):
        if len(words) >= SHORT and share[at] >= 0.5:
            places.setdefault(" ".join(words), []).append(at)
    for same in places.values():
        if not any(found[at] >= 0.5 for at in same):
            found[same[0]] = share[same[0]]
