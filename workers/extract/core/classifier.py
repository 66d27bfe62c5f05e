"""The fitted block classifier: boosted trees as tables, walked for all blocks and trees at once. Pure.

The weights are data (`data/blocks.json`), made by `benchmarks/extraction/fit.py`; running needs nothing that fitting does.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

WEIGHTS = Path(__file__).parent.parent / "data" / "blocks.json"


@dataclass(frozen=True)
class Trees:
    """All nodes of all trees in one row. A leaf leads to itself; `value` is its share of the log-odds."""

    features: tuple[str, ...]
    feature: NDArray[np.int32]
    threshold: NDArray[np.float32]
    left: NDArray[np.int32]
    right: NDArray[np.int32]
    value: NDArray[np.float64]
    roots: NDArray[np.int32]
    depth: int
    base: float

    def probabilities(self, rows: NDArray[np.float32]) -> NDArray[np.float64]:
        """How likely each row is a block of the article: 0..1, rounded so that no processor's last bit decides."""
        block = np.arange(len(rows))[:, None]
        at = np.broadcast_to(self.roots, (len(rows), len(self.roots)))
        for _ in range(self.depth):
            goes_left = rows[block, self.feature[at]] <= self.threshold[at]
            at = np.where(goes_left, self.left[at], self.right[at])
        odds = self.base + self.value[at].sum(axis=1)
        return np.round(1 / (1 + np.exp(-odds)), 4)


@cache
def fitted() -> Trees:
    """The trees that were fitted."""
    table = json.loads(WEIGHTS.read_text("utf-8"))
    return Trees(
        features=tuple(table["features"]),
        feature=np.array(table["feature"], dtype=np.int32),
        threshold=np.array(table["threshold"], dtype=np.float32),
        left=np.array(table["left"], dtype=np.int32),
        right=np.array(table["right"], dtype=np.int32),
        value=np.array(table["value"]),
        roots=np.array(table["roots"], dtype=np.int32),
        depth=table["depth"],
        base=table["base"],
    )
