"""How telling words are: log-odds of class names and of the words of short blocks, counted on labelled pages. Pure.

The tables are data (`data/lexicon.json`, made by `benchmarks/extraction`); what a name or a word says here is evidence for
the classifier, never a verdict.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

NAME_PART = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
WORD = re.compile(r"[^\W\d_]+|©")
TABLE = Path(__file__).parent.parent / "data" / "lexicon.json"
# Beyond so many words a block is prose, and its words say what it is about, not what it is for.
LONGEST = 40
MOST_WORDS = 12


def name_parts(names: str) -> set[str]:
    """The lower-case words in class names and ids, whole names included."""
    wholes = names.split()[:12]
    return {part.lower() for whole in wholes for part in NAME_PART.findall(whole[:60])} | {
        whole.lower() for whole in wholes
    }


def words(text: str) -> list[str]:
    """The first words of a text, lower case."""
    return [word.lower() for word in WORD.findall(text[:160])[:MOST_WORDS]]


@dataclass(frozen=True)
class Lexicon:
    """Log-odds of being article text: `names` of boxes, `terms` of words anywhere in a short block, `heads` of its first."""

    names: Mapping[str, float] = field(default_factory=dict)
    terms: Mapping[str, float] = field(default_factory=dict)
    heads: Mapping[str, float] = field(default_factory=dict)
    _memo: dict[str, tuple[float, float, float]] = field(default_factory=dict, compare=False)

    def of_names(self, names: str) -> tuple[float, float, float]:
        """Lowest, highest and sum of the weights of a box's names."""
        found = self._memo.get(names)
        if found is None:
            weights = [self.names[part] for part in name_parts(names) if part in self.names]
            found = (min(weights, default=0.0), max(weights, default=0.0), sum(sorted(weights)))
            if len(self._memo) < 20_000:
                self._memo[names] = found
        return found

    def of_text(self, text: str, count: float) -> tuple[float, float, float]:
        """Lowest and mean weight of a short text's words, and that of its first; zeros for a long one."""
        if count > LONGEST:
            return 0.0, 0.0, 0.0
        found = words(text)
        weights = [self.terms.get(word, 0.0) for word in found]
        return (
            min(weights, default=0.0),
            sum(weights) / max(len(weights), 1),
            self.heads.get(found[0], 0.0) if found else 0.0,
        )


@cache
def fitted() -> Lexicon:
    """The lexicon that was fitted."""
    table = json.loads(TABLE.read_text("utf-8"))
    return Lexicon(table["names"], table["terms"], table["heads"])
