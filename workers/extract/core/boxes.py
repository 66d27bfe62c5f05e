"""What the boxes of a page hold and are called: the features that a block has from where it stands. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from workers.extract.core import rules

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from workers.extract.core.blocks import Block, Box
    from workers.extract.core.lexicon import Lexicon

    Column = NDArray[np.float64]

# What a box's names say: lowest, highest and sum of their weights, and their purposes.
Said = tuple[float, float, float, int]
NOTHING_SAID: Said = (0.0, 0.0, 0.0, 0)
ROOTS = frozenset(("html", "body", "main"))
HOLDERS = frozenset(("div", "td", "article", "section", "body", "main"))
BODY_GROUP = 1 << rules.NAME_GROUPS.index("body")
NEAR_STEPS = 3
COLUMNS = (
    "name_low", "name_high", "name_sum", "up_low", "up_high", "up_sum", "own_low", "own_high", "parent_share", "parent_density",
    "parent_prose", "parent_blocks", "grand_share", "grand_density", "grand_prose", "parent_score", "to_best", "in_best",
    "best_share", "own_blocks", "parent_mean", "near_low", "near_high", "to_headline", "in_headline", "headline_prose",
    "article_prose", "article_headline", "groups", "parent",
    "cluster_share", "cluster_density", "cluster_prose", "cluster_blocks", "cluster_mean", "cluster_links", "cluster_trails",
)  # fmt: skip


class Held:
    """What a box holds, all levels down, and what its names say; counts are in weighted characters."""

    __slots__ = (
        "all_groups", "all_high", "all_low", "all_sum", "article", "blocks", "box", "chars", "direct", "groups", "high",
        "linked", "low", "prose", "score", "sum", "up",
    )  # fmt: skip

    def __init__(self, box: Box, up: Held | None, said: Said) -> None:
        self.box, self.up = box, up
        self.chars = self.linked = self.prose = self.score = self.direct = 0.0
        self.blocks = 0
        self.low, self.high, self.sum, self.groups = said
        if up is None:
            self.all_low, self.all_high, self.all_sum, self.all_groups = said
        else:
            # What holds for the box and all around it; boxes are made from the outside in.
            self.all_low = min(up.all_low, self.low)
            self.all_high = max(up.all_high, self.high)
            self.all_sum = self.sum + up.all_sum
            self.all_groups = self.groups | up.all_groups
        self.article: Held | None = self if box.tag == "article" else up.article if up else None

    @property
    def holder(self) -> Held:
        """The box that holds the block as one of several: a paragraph's parent, or the box itself for bare text."""
        return self if self.box.tag in HOLDERS or self.up is None else self.up


def columns(
    blocks: Sequence[Block],
    chars: list[float],
    linked: list[float],
    prose: list[float],
    titles: Column,
    trails: Column,
    lexicon: Lexicon,
) -> dict[str, Column]:
    """The features of each block that its boxes give, by name."""
    homes, everything = _homes(blocks, lexicon)
    _fill(homes, everything, chars, linked, prose)
    best = max(everything, key=lambda one: (one.score, -one.box.number))
    headline = next((home for at, home in enumerate(homes) if titles[at] and blocks[at].level), None)
    whole, whole_prose = max(sum(chars), 1.0), max(sum(prose), 1.0)
    paths = (_lineage(best), _lineage(headline))
    memo: dict[int, tuple[float, ...]] = {}
    rows = []
    for home in homes:
        if home.box.number not in memo:
            memo[home.box.number] = _of_box(home, best, paths, whole, whole_prose)
        rows.append(memo[home.box.number])
    clusters = _clusters(blocks, (chars, linked, prose, trails.tolist()), whole, whole_prose)
    table = dict(zip(COLUMNS, np.column_stack([np.array(rows, dtype=float), clusters]).T, strict=True))
    groups = table.pop("groups").astype(np.int64)
    table.update({f"named_{name}": ((groups >> bit) & 1).astype(float) for bit, name in enumerate(rules.NAME_GROUPS)})
    table["named_against"] = np.sum([table[f"named_{name}"] for name in rules.NAME_GROUPS[:-1]], axis=0)
    return table


def _homes(blocks: Sequence[Block], lexicon: Lexicon) -> tuple[list[Held], list[Held]]:
    """The box of each block, and all boxes around any, each after the one that it is in."""
    held: dict[int, Held] = {}
    said: dict[str, Said] = {"": NOTHING_SAID}

    def of(box: Box) -> Held:
        found = held.get(box.number)
        if found is None:
            up = of(box.parent) if box.parent else None
            names = box.names if up else ""
            if names not in said:
                said[names] = (*lexicon.of_names(names), rules.groups_of_names(names))
            told = said[names]
            # What holds the whole page is named after what the page is, and not after what it does in it.
            found = held[box.number] = Held(box, up, (*told[:3], 0) if box.tag in ROOTS else told)
        return found

    return [of(block.box) for block in blocks], list(held.values())


def _fill(
    homes: list[Held], everything: list[Held], chars: list[float], linked: list[float], prose: list[float]
) -> None:
    """Give every box what it holds; the score is readability's: prose counts in full for its holder, half above it."""
    for home, its_chars, its_linked, its_prose in zip(homes, chars, linked, prose, strict=True):
        home.chars += its_chars
        home.linked += its_linked
        home.prose += its_prose
        home.blocks += 1
        if its_prose:
            holder = home.holder
            holder.score += its_prose
            holder.direct += its_prose
            if holder.up:
                holder.up.score += its_prose / 2
    for one in reversed(everything):
        if up := one.up:
            up.chars += one.chars
            up.linked += one.linked
            up.prose += one.prose
            up.blocks += one.blocks
        one.score *= 1 - min(1.0, one.linked / max(one.chars, 1.0))


def _lineage(held: Held | None) -> dict[int, int]:
    steps: dict[int, int] = {}
    while held is not None:
        steps[held.box.number] = len(steps)
        held = held.up
    return steps


def _of_box(
    home: Held, best: Held, paths: tuple[dict[int, int], dict[int, int]], whole: float, whole_prose: float
) -> tuple[float, ...]:
    parent = home.holder
    grand = parent.up or parent
    near = _near(home)
    to_best, in_best, _, _ = _joined(home, paths[0], whole_prose)
    to_headline, in_headline, share, groups = _joined(home, paths[1], whole_prose)
    article = home.article
    with_headline = float(article.box.number in paths[1]) if article and paths[1] else -1.0
    return (
        home.all_low, home.all_high, home.all_sum, parent.low, parent.high, parent.sum, home.low, home.high, parent.chars / whole,
        parent.linked / max(parent.chars, 1), parent.prose / whole_prose, parent.blocks, grand.chars / whole,
        grand.linked / max(grand.chars, 1), grand.prose / whole_prose, parent.direct / max(best.direct, 1.0), to_best, in_best,
        best.prose / whole_prose, home.blocks, parent.chars / max(parent.blocks, 1), *near, to_headline, in_headline, share,
        article.prose / whole_prose if article else -1.0, with_headline, groups, parent.box.number,
    )  # fmt: skip


def _near(home: Held) -> tuple[float, float]:
    """Lowest and highest weight of the names of the box and the two around it."""
    low = high = 0.0
    level: Held | None = home
    for _ in range(NEAR_STEPS):
        if level is None:
            break
        low = min(low, level.low)
        high = max(high, level.high)
        level = level.up
    return low, high


def _joined(home: Held, path: dict[int, int], whole_prose: float) -> tuple[float, float, float, int]:
    """Where the way up from here meets another: steps up from here, steps up from there, share of the prose in that box.

    Then the purposes of the boxes below it: a box around the headline is named after all that is in it, and speaks for
    nothing but a body.
    """
    level: Held | None = home
    steps, groups = 0, 0
    while level is not None:
        if level.box.number in path:
            share = level.prose / whole_prose
            return float(steps), float(path[level.box.number]), share, groups | level.all_groups & BODY_GROUP
        groups |= level.groups
        level, steps = level.up, steps + 1
    return -1.0, -1.0, -1.0, groups


def _clusters(
    blocks: Sequence[Block],
    columns: tuple[list[float], ...],
    whole: float,
    whole_prose: float,
) -> NDArray[np.float64]:
    """Blocks that are set alike (tag, names, parent's names and tag) taken together: what one teaser is, all are.

    `columns` are characters, linked characters, prose, and whether the text breaks off.
    """
    places: dict[tuple[str, str, str, str], int] = {}
    keys = []
    for block in blocks:
        up = block.box.parent
        keys.append(
            places.setdefault((block.tag, block.box.names, up.names if up else "", up.tag if up else ""), len(places))
        )
    weighed = (*columns, [float(block.links > 0) for block in blocks])
    chars, linked, prose, trails, links = (np.bincount(keys, column) for column in weighed)
    count = np.bincount(keys)
    table = (
        chars / whole,
        linked / np.maximum(chars, 1.0),
        prose / whole_prose,
        count,
        chars / count,
        links / count,
        trails / count,
    )
    found: NDArray[np.float64] = np.column_stack(table)[keys].astype(np.float64)
    return found
