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
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Mapping

NAME_PART = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
WORD = re.compile(r"[^\W\d_]+|©")
TABLE = Path(__file__).parent.parent / "data" / "lexicon.json"
# Beyond so many words a block is prose, and its words say what it is about, not what it is for.
LONGEST = 40
MOST_WORDS = 12
MOST_NAMES = 12
MOST_REMEMBERED = 20_000
LONGEST_REMEMBERED = 300
T = TypeVar("T")


def name_parts(names: str) -> set[str]:
    """The lower-case words in class names and ids, whole names included."""
    return {part for whole in names.split()[:MOST_NAMES] for part in _parts(whole)}


def _parts(name: str) -> set[str]:
    return {part.lower() for part in NAME_PART.findall(name[:60])} | {name.lower()}


def words(text: str) -> list[str]:
    """The first words of a text, lower case."""
    return WORD.findall(text[:160].lower())[:MOST_WORDS]


def _remember(memo: dict[str, T], key: str, value: T) -> T:
    """Keep a value, unless its key is no name of any ordinary page's; a full memo begins anew with the sites of today."""
    if len(memo) >= MOST_REMEMBERED:
        memo.clear()
    if len(key) <= LONGEST_REMEMBERED:
        memo[key] = value
    return value


@dataclass(frozen=True)
class Lexicon:
    """Log-odds of being article text: `names` of boxes, `terms` of words anywhere in a short block, `heads` of its first."""

    names: Mapping[str, float] = field(default_factory=dict)
    terms: Mapping[str, float] = field(default_factory=dict)
    heads: Mapping[str, float] = field(default_factory=dict)
    # Pages use few names often, and sites the same ones.
    _of_names: dict[str, tuple[float, float, float]] = field(default_factory=dict, compare=False)
    _of_name: dict[str, tuple[float, ...]] = field(default_factory=dict, compare=False)

    def of_names(self, names: str) -> tuple[float, float, float]:
        """Lowest, highest and sum of the weights of a box's names."""
        found = self._of_names.get(names)
        if found is None:
            weights = [weight for name in names.split()[:MOST_NAMES] for weight in self._weights(name)]
            whole = (min(weights), max(weights), sum(weights)) if weights else (0.0, 0.0, 0.0)
            found = _remember(self._of_names, names, whole)
        return found

    def _weights(self, name: str) -> tuple[float, ...]:
        """The weights of a name's parts."""
        found = self._of_name.get(name)
        if found is None:
            weights = tuple(self.names[part] for part in sorted(_parts(name)) if part in self.names)
            found = _remember(self._of_name, name, weights)
        return found

    def of_text(self, text: str, count: float) -> tuple[float, float, float]:
        """Lowest and mean weight of a short text's words, and that of its first; zeros for a long one."""
        if count > LONGEST:
            return 0.0, 0.0, 0.0
        found = words(text)
        if not found:
            return 0.0, 0.0, 0.0
        get = self.terms.get
        weights = [get(word, 0.0) for word in found]
        return min(weights), sum(weights) / len(weights), self.heads.get(found[0], 0.0)


@cache
def fitted() -> Lexicon:
    """The lexicon that was fitted."""
    table = json.loads(TABLE.read_text("utf-8"))
    return Lexicon(table["names"], table["terms"], table["heads"])
