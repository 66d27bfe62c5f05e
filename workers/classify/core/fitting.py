"""Fitting the model: a ridge logistic regression by Newton's method, small enough to need no library. Pure.

Used by `rules test` for cross-validation over sources and by `benchmarks/classification` for the weights that ship;
never by the pipeline.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from workers.classify.core.model import Model

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping, Sequence

RIDGE = 0.5  # the penalty of the weights that ship
_STEPS = 60
_CLOSE = 1e-8
_SMALLEST = 1e-12
_LIMIT = 30.0


@dataclass(frozen=True, kw_only=True)
class Example:
    """A text's features, whether it is on the topic, and the source it must not leak from."""

    features: Mapping[str, float]
    on_topic: bool
    source: Hashable = ""
    weight: float = 1.0


def fit(examples: Sequence[Example], names: Sequence[str], *, ridge: float = RIDGE) -> Model:
    """The weights that make the examples likeliest under a penalty of `ridge` times half their squared length."""
    rows = [[1.0, *(example.features.get(name, 0.0) for name in names)] for example in examples]
    theta = [0.0] * (len(names) + 1)
    for _ in range(_STEPS):
        gradient, hessian = _slopes(rows, examples, theta, ridge)
        step = _solve(hessian, gradient)
        theta = [value - change for value, change in zip(theta, step, strict=True)]
        if max(abs(change) for change in step) < _CLOSE:
            break
    return Model(intercept=theta[0], weights=dict(zip(names, theta[1:], strict=True)))


def _slopes(
    rows: Sequence[Sequence[float]], examples: Sequence[Example], theta: Sequence[float], ridge: float
) -> tuple[list[float], list[list[float]]]:
    """Gradient and Hessian of the penalised loss; the intercept is not penalised."""
    size = len(theta)
    gradient = [0.0, *(ridge * value for value in theta[1:])]
    hessian = [[(ridge if i == j and i else _SMALLEST if i == j else 0.0) for j in range(size)] for i in range(size)]
    for row, example in zip(rows, examples, strict=True):
        odds = sum(value * weight for value, weight in zip(row, theta, strict=True))
        chance = 1.0 / (1.0 + math.exp(-max(-_LIMIT, min(_LIMIT, odds))))
        error = example.weight * (chance - example.on_topic)
        bend = example.weight * chance * (1.0 - chance)
        for i, left in enumerate(row):
            if left:
                gradient[i] += error * left
                line = hessian[i]
                for j in range(size):
                    line[j] += bend * left * row[j]
    return gradient, hessian


def _solve(matrix: Sequence[Sequence[float]], vector: Sequence[float]) -> list[float]:
    """Gaussian elimination with pivoting."""
    size = len(vector)
    work = [[*line, value] for line, value in zip(matrix, vector, strict=True)]
    for column in range(size):
        pivot = max(range(column, size), key=lambda row: abs(work[row][column]))
        work[column], work[pivot] = work[pivot], work[column]
        head = work[column]
        for row in range(size):
            if row != column and work[row][column]:
                factor = work[row][column] / head[column]
                work[row] = [left - factor * right for left, right in zip(work[row], head, strict=True)]
    return [work[row][size] / work[row][row] for row in range(size)]


def cross_validate(examples: Sequence[Example], names: Sequence[str], *, ridge: float = RIDGE) -> list[float]:
    """Each example's probability from a model that saw nothing of its source."""
    chances = [0.0] * len(examples)
    for source in {example.source for example in examples}:
        model = fit([example for example in examples if example.source != source], names, ridge=ridge)
        for index, example in enumerate(examples):
            if example.source == source:
                chances[index] = model.probability(example.features)
    return chances
