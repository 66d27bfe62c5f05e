"""What the boxes of a page hold and are called: the features that a block has from where it stands. Pure.

Boxes are rows of arrays, each after the one that it is in. What a block has from all around it is read off its chain:
the boxes from its own to the page's, one step up a row.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from workers.extract.core import rules

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from workers.extract.core.blocks import Block, Box
    from workers.extract.core.lexicon import Lexicon

    Column = NDArray[np.float64]
    Places = NDArray[np.intp]
    Table = dict[str, Column]

ROOTS = frozenset(("html", "body", "main"))
HOLDERS = frozenset(("div", "td", "article", "section", "body", "main"))
BODY_GROUP = 1 << rules.NAME_GROUPS.index("body")
NEAR_STEPS = 3


@dataclass(frozen=True, kw_only=True)
class Plan:
    """The boxes around any block, each after the one that it is in; the first is the page's own, and around itself.

    Boxes are known by their places: `homes` are those of the blocks' own boxes, `up` has the box around each, `holder`
    the one that holds a box's text as one of several: a paragraph's parent, or the box itself for bare text. `chain` has
    a column a block: the boxes from its own upwards, one a row, the page's own where none is left.
    """

    boxes: Sequence[Box]
    up: Places
    homes: Places
    holder: Places
    chain: Places

    @classmethod
    def of(cls, blocks: Sequence[Block]) -> Plan:
        """The plan of a page."""
        boxes, places = _around(blocks)
        up = np.array([places[box.parent.number] if box.parent else 0 for box in boxes])
        homes = np.array([places[block.box.number] for block in blocks])
        chain = [homes]
        while chain[-1].any():
            chain.append(up[chain[-1]])
        holds = np.array([box.tag in HOLDERS for box in boxes])
        holder = np.where(holds, np.arange(len(boxes)), up)
        return cls(boxes=boxes, up=up, homes=homes, holder=holder, chain=np.array(chain))

    def meeting(self, place: int) -> tuple[Places, Places, Places]:
        """Where the way up from each block meets that from a box: steps up from here, from there, and the place."""
        ahead = np.full(len(self.boxes), -1)
        steps = 0
        while ahead[place] < 0:
            ahead[place] = steps
            place, steps = self.up[place], steps + 1
        here, there = self.first(ahead >= 0)
        return here, ahead[there], there

    def first(self, wanted: NDArray[np.bool_]) -> tuple[Places, Places]:
        """The first box upwards from each block's own that is wanted: steps up, and place; its own when there is none."""
        steps = wanted[self.chain].argmax(axis=0)
        return steps, self.chain[steps, np.arange(len(steps))]


def _around(blocks: Sequence[Block]) -> tuple[list[Box], dict[int, int]]:
    """All boxes around any block, each after the one that it is in, and their places by their numbers."""
    boxes: list[Box] = []
    places: dict[int, int] = {}
    for block in blocks:
        fresh: list[Box] = []
        box: Box | None = block.box
        while box is not None and box.number not in places:
            fresh.append(box)
            box = box.parent
        for one in reversed(fresh):
            places[one.number] = len(boxes)
            boxes.append(one)
    return boxes, places


@dataclass(frozen=True, kw_only=True)
class Held:
    """What each box holds, all levels down; characters are weighted. `direct` is the prose whose holder it is."""

    chars: Column
    linked: Column
    prose: Column
    blocks: Column
    direct: Column

    @classmethod
    def by(cls, plan: Plan, chars: Column, linked: Column, prose: Column) -> Held:
        """What the boxes of a page hold, given what each block is."""
        size = len(plan.boxes)
        sums = [
            np.bincount(plan.homes, column, size).tolist() for column in (chars, linked, prose, np.ones(len(chars)))
        ]
        ups = plan.up.tolist()
        for column in sums:
            for at in range(size - 1, 0, -1):
                column[ups[at]] += column[at]
        whole = dict(zip(("chars", "linked", "prose", "blocks"), map(np.array, sums), strict=True))
        return cls(**whole, direct=np.bincount(plan.holder[plan.homes], prose, size).astype(float))

    @property
    def density(self) -> Column:
        """The linked share of each box's characters."""
        found: Column = self.linked / np.maximum(self.chars, 1.0)
        return found


def columns(blocks: Sequence[Block], own: Table, lexicon: Lexicon) -> Table:
    """The features of each block that its boxes give, by name; `own` are those that it has by itself."""
    chars, linked, prose, trails = (own[name] for name in ("chars", "linked", "prose", "trails"))
    plan = Plan.of(blocks)
    held = Held.by(plan, chars, linked, prose)
    whole, whole_prose = max(sum(chars.tolist()), 1.0), max(sum(prose.tolist()), 1.0)
    titles = own["is_title"].tolist()
    headline = next(
        (home for home, title, block in zip(plan.homes.tolist(), titles, blocks, strict=True) if title and block.level),
        None,
    )
    said = _said(plan.boxes, lexicon)
    found = _holding(plan, held, _best(plan, held, prose), whole, whole_prose)
    found |= _named(plan, said) | _headlined(plan, headline, held.prose / whole_prose, said[-1].astype(np.int64))
    return found | _clusters(blocks, (chars, linked, prose, trails), whole, whole_prose)


def _best(plan: Plan, held: Held, prose: Column) -> int:
    """The box of the highest score.

    It is readability's: prose counts in full for its holder and half for the box around that, less the share of links.
    """
    holder = plan.holder[plan.homes]
    # In turn, so that the sums are rounded in reading order.
    places = np.column_stack([holder, plan.up[holder]])
    shares = np.column_stack([prose, np.where(holder > 0, prose / 2, 0.0)])
    score = np.bincount(places.ravel(), shares.ravel(), len(plan.boxes))
    return int(np.argmax(score * (1 - np.minimum(1.0, held.density))))


def _holding(plan: Plan, held: Held, best: int, whole: float, whole_prose: float) -> Table:
    """What the boxes around each block hold, and how far off the best one is."""
    parent = plan.holder[plan.homes]
    grand = plan.up[parent]
    to_best, in_best, _ = plan.meeting(best)
    return {
        "parent": parent.astype(float),
        "parent_share": held.chars[parent] / whole,
        "parent_density": held.density[parent],
        "parent_prose": held.prose[parent] / whole_prose,
        "parent_blocks": held.blocks[parent],
        "parent_mean": held.chars[parent] / np.maximum(held.blocks[parent], 1),
        "parent_score": held.direct[parent] / max(held.direct[best], 1.0),
        "grand_share": held.chars[grand] / whole,
        "grand_density": held.density[grand],
        "grand_prose": held.prose[grand] / whole_prose,
        "own_blocks": held.blocks[plan.homes],
        "to_best": to_best.astype(float),
        "in_best": in_best.astype(float),
        "best_share": np.full(len(parent), held.prose[best] / whole_prose),
    }


def _said(boxes: Sequence[Box], lexicon: Lexicon) -> NDArray[np.float64]:
    """What the boxes' names say: lowest, highest and sum of their weights, and their purposes; shape (4, boxes)."""
    memo: dict[str, tuple[float, float, float, int]] = {"": (0.0, 0.0, 0.0, 0)}
    rows = []
    for box in boxes:
        names = box.names if box.parent else ""
        if names not in memo:
            memo[names] = (*lexicon.of_names(names), rules.groups_of_names(names))
        row = memo[names]
        # What holds the whole page is named after what the page is, and not after what it does in it.
        rows.append((*row[:3], 0) if box.tag in ROOTS else row)
    return np.array(rows, dtype=float).T


def _named(plan: Plan, said: NDArray[np.float64]) -> Table:
    """What the names of the boxes around each block weigh."""
    low, high, total, _ = said
    parent = plan.holder[plan.homes]
    near = plan.chain[:NEAR_STEPS]
    return {
        "name_low": low[plan.chain].min(axis=0),
        "name_high": high[plan.chain].max(axis=0),
        "name_sum": total[plan.chain[::-1]].cumsum(axis=0)[-1],
        "up_low": low[parent],
        "up_high": high[parent],
        "up_sum": total[parent],
        "own_low": low[plan.homes],
        "own_high": high[plan.homes],
        "near_low": np.minimum(low[near].min(axis=0), 0.0),
        "near_high": np.maximum(high[near].max(axis=0), 0.0),
    }


def _headlined(plan: Plan, headline: int | None, prose: Column, groups: NDArray[np.int64]) -> Table:
    """Where each block stands to the headline's box, and the purposes of the boxes around it; `prose` is each box's share."""
    is_article = np.array([box.tag == "article" for box in plan.boxes])
    outwards, article = plan.first(is_article)
    has_article, purposes = is_article[article], groups[plan.chain]
    absent = np.full(len(article), -1.0)
    found = {"article_prose": np.where(has_article, prose[article], -1.0)}
    if headline is None:
        found |= dict.fromkeys(("to_headline", "in_headline", "headline_prose", "article_headline"), absent)
        return found | _purposes(np.bitwise_or.reduce(purposes))
    steps, there, meeting = plan.meeting(headline)
    # A box around the headline is named after all that is in it, and speaks for nothing but a body.
    speaking = np.where(np.arange(len(purposes))[:, None] < steps, purposes, purposes & BODY_GROUP)
    found["to_headline"] = steps.astype(float)
    found["in_headline"] = there.astype(float)
    found["headline_prose"] = prose[meeting]
    # What is around both is no nearer than where their ways meet.
    found["article_headline"] = np.where(has_article, outwards >= steps, absent)
    return found | _purposes(np.bitwise_or.reduce(speaking))


def _purposes(groups: NDArray[np.int64]) -> Table:
    found = {f"named_{name}": ((groups >> bit) & 1).astype(float) for bit, name in enumerate(rules.NAME_GROUPS)}
    found["named_against"] = np.sum([found[f"named_{name}"] for name in rules.NAME_GROUPS[:-1]], axis=0)
    return found


def _clusters(blocks: Sequence[Block], columns: Sequence[Column], whole: float, whole_prose: float) -> Table:
    """Blocks that are set alike (tag, names, parent's names and tag) taken together: what one teaser is, all are.

    `columns` are characters, linked characters, prose, and whether the text breaks off.
    """
    places: dict[tuple[str, str, str, str], int] = {}
    keys = []
    for block in blocks:
        up = block.box.parent
        key = (block.tag, block.box.names, up.names if up else "", up.tag if up else "")
        keys.append(places.setdefault(key, len(places)))
    has_links = np.array([block.links > 0 for block in blocks], dtype=float)
    chars, linked, prose, trails, links = (np.bincount(keys, column) for column in (*columns, has_links))
    count = np.bincount(keys)
    table = {
        "share": chars / whole,
        "density": linked / np.maximum(chars, 1.0),
        "prose": prose / whole_prose,
        "blocks": count.astype(float),
        "mean": chars / count,
        "links": links / count,
        "trails": trails / count,
    }
    return {f"cluster_{name}": column[keys] for name, column in table.items()}
