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
    """Full binary trees of one depth; a leaf that is less deep is stretched to the bottom by questions that decide nothing.

    `levels` has from the top each level's features and thresholds, the nodes of all trees in one row: the node at `n` leads
    to 2n on the next level above its threshold and to 2n + 1 else. `leaves` are shares of the log-odds.
    """

    features: tuple[str, ...]
    levels: tuple[tuple[NDArray[np.intp], NDArray[np.float32]], ...]
    leaves: NDArray[np.float64]
    count: int
    base: float

    def probabilities(self, rows: NDArray[np.float32]) -> NDArray[np.float64]:
        """How likely each row is a block of the article: 0..1, rounded so that no processor's last bit decides."""
        size, width = rows.shape
        # Flat arrays and `take` walk the trees in a third of the time that indexing by two arrays takes.
        flat, start = rows.ravel(), (np.arange(size) * width).repeat(self.count)
        at = np.tile(np.arange(self.count), size)
        for feature, threshold in self.levels:
            at = 2 * at + (flat.take(start + feature.take(at)) <= threshold.take(at))
        odds = self.base + self.leaves.take(at).reshape(size, -1).sum(axis=1)
        found: NDArray[np.float64] = np.round(1 / (1 + np.exp(-odds)), 4)
        return found


@cache
def fitted() -> Trees:
    """The trees that were fitted."""
    table = json.loads(WEIGHTS.read_text("utf-8"))
    feature, threshold = np.array(table["feature"], dtype=np.intp), np.array(table["threshold"], dtype=np.float32)
    # A leaf's two ways lead to itself.
    ways = np.column_stack([table["right"], table["left"]])
    nodes, levels = np.array(table["roots"]), []
    for _ in range(table["depth"]):
        levels.append((feature[nodes], threshold[nodes]))
        nodes = ways[nodes].ravel()
    return Trees(
        features=tuple(table["features"]),
        levels=tuple(levels),
        leaves=np.array(table["value"])[nodes],
        count=len(table["roots"]),
        base=table["base"],
    )
