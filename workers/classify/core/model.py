"""The calibrated model: a logistic regression whose weights are a data file that anyone can read. Pure.

Fitting is not done here but in `benchmarks/classification`; this only weighs.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_LIMIT = 30.0


@dataclass(frozen=True, kw_only=True)
class Model:
    """Weights over the features as they are named in `features.py`; a feature without a weight counts nothing."""

    intercept: float = 0.0
    weights: Mapping[str, float] = field(default_factory=dict)

    def contributions(self, features: Mapping[str, float]) -> dict[str, float]:
        """What each feature adds to the log-odds."""
        return {name: weight * features.get(name, 0.0) for name, weight in self.weights.items()}

    def probability(self, features: Mapping[str, float]) -> float:
        """The probability that the article is news of the topic."""
        odds = self.intercept + sum(self.contributions(features).values())
        return 1.0 / (1.0 + math.exp(-max(-_LIMIT, min(_LIMIT, odds))))
