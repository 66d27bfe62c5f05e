"""Which blocks are kept: by the classifier where it is sure of the page, else with trafilatura as a second opinion. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from workers.extract.core.blocks import EMBED
from workers.extract.core.features import squeezed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from workers.extract.core.blocks import Block

ENOUGH = 0.5
# What two ways agree on needs less proof than what the classifier says alone.
ENOUGH_WITH = 0.3
ENOUGH_ALONE = 0.85
# Share of the likely text that may be wrong before trafilatura is asked; one page in six is beyond it.
DOUBTFUL = 0.12
LIKELY = 0.25
# A block of so many characters is a copy if so many other kept blocks within reach make up so much of its letters.
COPY_LEAST = 400
COPY_PARTS = 2
COPY_SHARE = 0.6
COPY_REACH = 60
PART_LEAST = 30  # letters; what is shorter stands in many texts by chance


def doubt(probabilities: NDArray[np.float64], chars: NDArray[np.float64]) -> float:
    """How unsure the classifier is of a page: the expected share of wrong characters among the likely ones."""
    likely = float((chars * (probabilities > LIKELY)).sum())
    wrong = float((chars * np.minimum(probabilities, 1 - probabilities)).sum())
    return wrong / likely if likely else 1.0


def chosen(probabilities: NDArray[np.float64], taken: NDArray[np.float64] | None) -> NDArray[np.bool_]:
    """One flag a block; `taken` says which blocks trafilatura took, None if it was not asked. Taking none says nothing."""
    if taken is None or not taken.any():
        return probabilities >= ENOUGH
    return np.where(taken > 0, probabilities >= ENOUGH_WITH, probabilities >= ENOUGH_ALONE)


def with_embedded(blocks: Sequence[Block], kept: Sequence[bool]) -> list[bool]:
    """The choice, where an embedded post goes as the block before it goes: a reader meets it in the text.

    No model is asked: of the labelled sets one has every such post in its gold texts and two have hardly any.
    """
    found = list(kept)
    for at, block in enumerate(blocks):
        if block.box.marks & EMBED:
            found[at] = at > 0 and found[at - 1]
    return found


def without_copies(blocks: Sequence[Block], kept: Sequence[bool]) -> list[bool]:
    """The choice without blocks that say in one piece what the blocks around them say one by one.

    Some pages hold a text twice: set in paragraphs, and whole, for the paywall's script or another layout.
    """
    found = list(kept)
    long = [at for at, block in enumerate(blocks) if kept[at] and len(block.text) >= COPY_LEAST]
    letters = [squeezed(block.text) if wanted and long else "" for block, wanted in zip(blocks, kept, strict=True)]
    for at in long:
        whole = letters[at]
        near = range(max(0, at - COPY_REACH), min(len(blocks), at + COPY_REACH + 1))
        parts = [
            len(letters[one])
            for one in near
            if found[one] and PART_LEAST <= len(letters[one]) < len(whole) and letters[one] in whole
        ]
        found[at] = len(parts) < COPY_PARTS or sum(parts) < COPY_SHARE * len(whole)
    return found
