"""The trees, walked for all rows at once, say what walking each by itself says."""

from __future__ import annotations

import json

import numpy as np
import pytest

from workers.extract.core.classifier import WEIGHTS, fitted


def one_by_one(table: dict, row: np.ndarray) -> float:
    odds = table["base"]
    for root in table["roots"]:
        node = root
        for _ in range(table["depth"]):
            below = row[table["feature"][node]] <= np.float32(table["threshold"][node])
            node = table["left" if below else "right"][node]
        odds += table["value"][node]
    return 1 / (1 + np.exp(-odds))


@pytest.mark.parametrize("spread", [1.0, 20.0, 300.0])
def test_every_row_gets_what_a_walk_down_each_tree_gives(spread):
    table, trees = json.loads(WEIGHTS.read_text("utf-8")), fitted()
    rows = np.random.default_rng(7).normal(0, spread, (12, len(trees.features))).astype(np.float32)
    assert trees.probabilities(rows) == pytest.approx([one_by_one(table, row) for row in rows], abs=1e-4)


def test_a_row_on_a_threshold_goes_the_way_of_those_below():
    table, trees = json.loads(WEIGHTS.read_text("utf-8")), fitted()
    row = np.zeros(len(trees.features), dtype=np.float32)
    for node in table["roots"]:
        row[table["feature"][node]] = table["threshold"][node]
    assert trees.probabilities(row[None]) == pytest.approx([one_by_one(table, row)], abs=1e-4)
