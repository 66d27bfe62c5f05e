"""A small sketch of a text by which near-equal texts find each other. Pure.

The 16 smallest hashes of its five-word shingles (a bottom-k sketch, Broder 1997): the share of hashes two texts have
in common estimates the share of shingles they have in common, whatever their length.
"""

from __future__ import annotations

import hashlib
import heapq
import re
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

SIZE = 16
SHINGLE = 5
# A text of fewer words says too little: equal price lines and one-sentence notes are not one story.
LEAST_WORDS = 40
WORD = re.compile(r"\w+")


def sketch(paragraphs: Sequence[str]) -> tuple[str, ...]:
    """Return up to 16 hashes of 16 hexadecimal characters, smallest first; none for a text under 40 words."""
    words = WORD.findall(unicodedata.normalize("NFKC", "\n".join(paragraphs)).casefold())
    if len(words) < LEAST_WORDS:
        return ()
    shingles = {" ".join(words[start : start + SHINGLE]) for start in range(len(words) - SHINGLE + 1)}
    hashes = (hashlib.blake2b(shingle.encode(), digest_size=8).hexdigest() for shingle in shingles)
    return tuple(heapq.nsmallest(SIZE, hashes))
