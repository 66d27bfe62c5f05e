"""What a block has from the boxes around it, as a reader of the page would count it."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from workers.extract.core import boxes, rules
from workers.extract.core.blocks import Block, Box, segment
from workers.extract.core.lexicon import Lexicon
from workers.extract.core.page import parse

LEXICON = Lexicon({"story": 1.5, "teaser": -2.0, "body": 0.5, "rail": -0.5}, {}, {})
NAMES = st.sampled_from(["", "story", "story-body", "teaser", "related rail", "article-body story", "x9"])
TAGS = st.sampled_from(["p", "div", "section", "article", "main", "td", "li", "aside", "h2"])
MARKUP = st.recursive(
    st.sampled_from(["word", "<h1>A headline</h1>", '<a href="/">a link</a>', '<a href="/"><p>teaser</p></a>']),
    lambda inner: st.tuples(TAGS, NAMES, st.lists(inner, min_size=1, max_size=4)).map(
        lambda it: f'<{it[0]} class="{it[1]}">{"".join(it[2])}</{it[0]}>'
    ),
    max_leaves=25,
)
# Quarters, which add up exactly in any order.
QUARTERS = st.integers(min_value=0, max_value=40).map(lambda n: n / 4)


def blocks_of(body: str) -> list[Block]:
    page = parse(f"<html><body>{body}</body></html>", "")
    assert page is not None
    return segment(page.root)


def upwards(box: Box | None) -> list[Box]:
    return [box, *upwards(box.parent)] if box else []


class Naive:
    """Each box is asked what is in it, and each block what is around it, one by one."""

    def __init__(self, blocks: list[Block], own: dict[str, np.ndarray]) -> None:
        self.blocks, self.own = blocks, own
        self.whole, self.whole_prose = max(own["chars"].sum(), 1.0), max(own["prose"].sum(), 1.0)
        every = {box.number: box for block in blocks for box in upwards(block.box)}
        self.best = max(every.values(), key=lambda box: (self.score(box), -box.number))
        titled = zip(own["is_title"], blocks, strict=True)
        self.headline = next((block.box for title, block in titled if title and block.level), None)

    def inside(self, name: str, box: Box) -> float:
        numbers = [{one.number for one in upwards(block.box)} for block in self.blocks]
        return sum(value for value, around in zip(self.own[name], numbers, strict=True) if box.number in around)

    def density(self, box: Box) -> float:
        return self.inside("linked", box) / max(self.inside("chars", box), 1.0)

    def direct(self, box: Box) -> float:
        pairs = zip(self.own["prose"], self.blocks, strict=True)
        return sum(prose for prose, block in pairs if holder(block.box).number == box.number)

    def score(self, box: Box) -> float:
        pairs = zip(self.own["prose"], self.blocks, strict=True)
        above = [prose for prose, block in pairs if (up := holder(block.box).parent) and up.number == box.number]
        return (self.direct(box) + sum(above) / 2) * (1 - min(1.0, self.density(box)))

    def row(self, block: Block) -> dict[str, float]:
        parent = holder(block.box)
        grand = parent.parent or parent
        named = [LEXICON.of_names(box.names if box.parent else "") for box in upwards(block.box)]
        at = [LEXICON.of_names(parent.names if parent.parent else ""), named[0]]
        return {
            "name_low": min(low for low, _, _ in named),
            "name_high": max(high for _, high, _ in named),
            "name_sum": sum(total for _, _, total in named),
            "near_low": min(0.0, *(low for low, _, _ in named[:3])),
            "near_high": max(0.0, *(high for _, high, _ in named[:3])),
            **dict(zip(("up_low", "up_high", "up_sum", "own_low", "own_high"), (*at[0], *at[1][:2]), strict=True)),
            "parent_share": self.inside("chars", parent) / self.whole,
            "parent_density": self.density(parent),
            "parent_prose": self.inside("prose", parent) / self.whole_prose,
            "parent_blocks": self.inside("one", parent),
            "parent_mean": self.inside("chars", parent) / self.inside("one", parent),
            "parent_score": self.direct(parent) / max(self.direct(self.best), 1.0),
            "grand_share": self.inside("chars", grand) / self.whole,
            "grand_density": self.density(grand),
            "grand_prose": self.inside("prose", grand) / self.whole_prose,
            "own_blocks": self.inside("one", block.box),
            "best_share": self.inside("prose", self.best) / self.whole_prose,
            **self.ways(block),
        }

    def ways(self, block: Block) -> dict[str, float]:
        path = upwards(block.box)
        to_best, in_best, _ = meeting(path, upwards(self.best))
        article = next((box for box in path if box.tag == "article"), None)
        share = self.inside("prose", article) / self.whole_prose if article else -1.0
        found = {"to_best": to_best, "in_best": in_best, "article_prose": share}
        groups = [0 if box.tag in boxes.ROOTS else rules.groups_of_names(box.names) for box in path]
        there: list[Box] = upwards(self.headline)
        below, ahead, place = meeting(path, there) if there else (len(path), -1, None)
        found["to_headline"], found["in_headline"] = (below, ahead) if there else (-1, -1)
        found["headline_prose"] = self.inside("prose", place) / self.whole_prose if place else -1.0
        is_around = article is not None and article.number in {box.number for box in there}
        found["article_headline"] = float(is_around) if there and article else -1.0
        for bit, name in enumerate(rules.NAME_GROUPS):
            told = groups if name == "body" else groups[:below]
            found[f"named_{name}"] = float(any(group >> bit & 1 for group in told))
        found["named_against"] = sum(found[f"named_{name}"] for name in rules.NAME_GROUPS if name != "body")
        return found


def holder(box: Box) -> Box:
    return box if box.tag in boxes.HOLDERS or box.parent is None else box.parent


def meeting(path: list[Box], other: list[Box]) -> tuple[int, int, Box]:
    ahead = {box.number: at for at, box in enumerate(other)}
    return next((at, ahead[box.number], box) for at, box in enumerate(path) if box.number in ahead)


@given(MARKUP, st.data())
def test_what_is_read_off_the_chains_is_what_asking_box_by_box_gives(body, data):
    blocks = blocks_of(f"<p>first</p>{body}")
    numbers = st.lists(QUARTERS, min_size=len(blocks), max_size=len(blocks)).map(np.array)
    flags = st.lists(st.booleans(), min_size=len(blocks), max_size=len(blocks)).map(
        lambda it: np.array(it, dtype=float)
    )
    own = {name: data.draw(numbers) for name in ("chars", "linked", "prose")}
    own |= {"trails": data.draw(flags), "is_title": data.draw(flags), "one": np.ones(len(blocks))}
    found = boxes.columns(blocks, own, LEXICON)
    naive = Naive(blocks, own)
    for at, block in enumerate(blocks):
        row = naive.row(block)
        assert {name: found[name][at] for name in row} == row


@given(
    st.lists(
        st.sampled_from(["<li class=a>text</li>", "<li>text</li>", "<p class=a>text</p>"]), min_size=1, max_size=12
    )
)
def test_blocks_that_are_set_alike_are_counted_together(items):
    blocks = blocks_of("".join(items))
    columns = dict.fromkeys(("linked", "prose", "trails", "is_title"), np.zeros(len(blocks)))
    found = boxes.columns(blocks, {**columns, "chars": np.full(len(blocks), 4.0)}, LEXICON)
    assert found["cluster_blocks"].tolist() == [items.count(item) for item in items]
    assert found["cluster_share"].tolist() == [items.count(item) / len(items) for item in items]
    assert found["cluster_mean"].tolist() == [4.0] * len(items)
