"""A small sketch of a text by which near-equal texts find each other. Pure.

The 64 smallest hashes of its shingles (a bottom-k sketch, Broder 1997): the share of hashes two texts have in common
estimates the share of shingles they have in common, whatever their length. A shingle is four words, or eight characters
of a script that puts no spaces between words. How well it does is measured in `benchmarks/classification/copies.py`.
"""

from __future__ import annotations

import hashlib
import heapq
import re
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

SIZE = 64
WORDS, CHARACTERS = 4, 8
# A text of fewer words says too little: equal price lines and one-sentence notes are not one story.
LEAST_WORDS, LEAST_CHARACTERS = 40, 70
# One character of a script without spaces, or a word.
TOKEN = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]|[^\\W\u3040-\u30ff\u3400-\u9fff]+"
)
UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")


def sketch(paragraphs: Sequence[str]) -> tuple[str, ...]:
    """Return up to 64 hashes of 12 hexadecimal characters, smallest first; none for a text that is too short."""
    tokens = TOKEN.findall(unicodedata.normalize("NFKC", "\n".join(paragraphs)).casefold())
    unspaced = sum(UNSPACED.match(token) is not None for token in tokens) * 2 > len(tokens)
    if len(tokens) < (LEAST_CHARACTERS if unspaced else LEAST_WORDS):
        return ()
    length = CHARACTERS if unspaced else WORDS
    shingles = {" ".join(tokens[start : start + length]) for start in range(len(tokens) - length + 1)}
    hashes = (hashlib.blake2b(shingle.encode(), digest_size=6).hexdigest() for shingle in shingles)
    return tuple(heapq.nsmallest(SIZE, hashes))
