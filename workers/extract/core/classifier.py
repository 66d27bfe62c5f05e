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
    """All nodes of all trees in one row. A leaf leads to itself; `value` is its share of the log-odds.

    `child` has two places a node: where a row goes that is above the node's threshold, and where one that is not.
    """

    features: tuple[str, ...]
    feature: NDArray[np.intp]
    threshold: NDArray[np.float32]
    child: NDArray[np.intp]
    value: NDArray[np.float64]
    roots: NDArray[np.intp]
    depth: int
    base: float

    def probabilities(self, rows: NDArray[np.float32]) -> NDArray[np.float64]:
        """How likely each row is a block of the article: 0..1, rounded so that no processor's last bit decides."""
        count, width = rows.shape
        # Flat arrays and `take` walk the trees in a third of the time that indexing by two arrays takes.
        flat, start = rows.ravel(), (np.arange(count) * width).repeat(len(self.roots))
        at = np.tile(self.roots, count)
        for _ in range(self.depth):
            below = flat.take(start + self.feature.take(at)) <= self.threshold.take(at)
            at = self.child.take(2 * at + below)
        odds = self.base + self.value.take(at).reshape(count, -1).sum(axis=1)
        found: NDArray[np.float64] = np.round(1 / (1 + np.exp(-odds)), 4)
        return found


@cache
def fitted() -> Trees:
    """The trees that were fitted."""
    table = json.loads(WEIGHTS.read_text("utf-8"))
    return Trees(
        features=tuple(table["features"]),
        feature=np.array(table["feature"], dtype=np.intp),
        threshold=np.array(table["threshold"], dtype=np.float32),
        child=np.column_stack([table["right"], table["left"]]).astype(np.intp).ravel(),
        value=np.array(table["value"]),
        roots=np.array(table["roots"], dtype=np.intp),
        depth=table["depth"],
        base=table["base"],
    )
