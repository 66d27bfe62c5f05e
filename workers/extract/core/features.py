"""What the classifier sees of each block: one row of numbers a block, in the order of `NAMES`. Pure.

Four kinds of sight: the block itself, the boxes that hold it, its neighbours, and the page's other witnesses (headline,
description, JSON-LD body).
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from workers.extract.core import rules

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from workers.extract.core.blocks import Block, Box
    from workers.extract.core.lexicon import Lexicon
    from workers.extract.core.metadata import Metadata

    Column = NDArray[np.float64]

CJK = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uff66-\uff9f]")
UPPER = re.compile(r"[A-ZÀ-ÖØ-ÞА-Я]")
DIGIT = re.compile(r"\d")
SENTENCE_END = re.compile(r"[.!?…]['\"”»)]?(?:\s|$)|[。！？]")
TERMINAL = tuple(".!?…。！？")
QUOTE_MARKS = tuple("\"“„«»‘'「『")
ALNUM = re.compile(r"[\W_]+")
MARK_NAMES = ("article", "main", "aside", "footer", "header", "nav", "form", "figure", "table", "list", "hidden", "body_property", "quote", "section", "linked")
TAGS = ("p", "div", "li", "td", "span", "h1", "h2", "h3", "h4", "figcaption")
PROSE_CHARS = 40
BODY_GROUP = 1 << rules.NAME_GROUPS.index("body")


@dataclass(frozen=True)
class Hints:
    """What else the page says of its article: headline, description, and the body in its JSON-LD; alphanumerics only."""

    title: str = ""
    summary: str = ""
    body: str = ""

    @classmethod
    def of(cls, told: Metadata) -> Hints:
        """The hints that the metadata give."""
        return cls(squeezed(told.title), squeezed(told.summary), squeezed(told.article_body))


def squeezed(text: str) -> str:
    """A text's letters and digits, lower case: what stays the same however it is set."""
    return ALNUM.sub("", text.lower())


def matrix(blocks: Sequence[Block], hints: Hints, lexicon: Lexicon) -> NDArray[np.float32]:
    """The features of a page's blocks: shape (blocks, features)."""
    own = _own(blocks, lexicon)
    table: dict[str, Column] = dict(own)
    table.update(_marked(blocks))
    table.update(_witnessed(blocks, hints, own))
    table.update(_boxed(blocks, own, lexicon, table["is_title"]))
    table.update(_placed(own, table))
    table.update(_neighbours(table))
    return np.column_stack([table[name] for name in sorted(table)]).astype(np.float32)


def names(blocks: Sequence[Block], lexicon: Lexicon) -> list[str]:
    own = _own(blocks, lexicon)
    table: dict[str, Column] = dict(own)
    table.update(_marked(blocks))
    table.update(_witnessed(blocks, Hints(), own))
    table.update(_boxed(blocks, own, lexicon, table["is_title"]))
    table.update(_placed(own, table))
    table.update(_neighbours(table))
    return sorted(table)


def _own(blocks: Sequence[Block], lexicon: Lexicon) -> dict[str, Column]:
    rows = np.array([_row(block, lexicon) for block in blocks], dtype=np.float64)
    names = ("chars", "words", "commas", "sentences", "linked", "links", "bold", "level", "upper", "digits", "ends", "colon",
             "quoted", "initial", "term_low", "term_mean", "head", "raw", "email", "bars", "says")
    table = dict(zip(names, rows.T, strict=True))
    said = table.pop("says").astype(np.int64)
    table.update({f"says_{group}": ((said >> bit) & 1).astype(float) for bit, group in enumerate(rules.PHRASE_GROUPS)})
    chars, words = table["chars"], table["words"]
    table["density"] = table["linked"] / table["raw"]
    table["bold_share"] = table["bold"] / table["raw"]
    table["word_length"] = np.minimum(chars / words, 20)
    table["comma_rate"] = table["commas"] / words
    table["sentence_words"] = words / (table["sentences"] + 1)
    table["is_prose"] = ((table["level"] == 0) & (table["density"] < 0.4) & (chars >= PROSE_CHARS) & (words >= 6)).astype(float)
    table["prose"] = table["is_prose"] * (1 + table["commas"] + np.minimum(chars / 100, 3))
    table["upper"] = table["upper"] / np.minimum(table["raw"], 100)
    table["digits"] = table["digits"] / np.minimum(table["raw"], 100)
    return table


def _row(block: Block, lexicon: Lexicon) -> tuple[float, ...]:
    text = block.text
    head = text[:100]
    commas, wide = text.count(","), 0
    if not text.isascii():
        wide = len(CJK.findall(text))
        commas += text.count("，") + text.count("、") + text.count("،")
    words = text.count(" ") + 1 + wide / 2
    low, mean, first = lexicon.of_text(text, words)
    return (
        # A CJK character says about as much as two and a half Latin ones.
        len(text) + 1.5 * wide, words, commas, len(SENTENCE_END.findall(text)), block.linked, block.links, block.bold, block.level,
        len(UPPER.findall(head)), len(DIGIT.findall(head)), text.endswith(TERMINAL), text.endswith((":", "：")),
        text.startswith(QUOTE_MARKS), head[0].isupper(), low, mean, first, len(text), "@" in text, text.count("|"),
        rules.groups_of_text(text),
    )  # fmt: skip


def _marked(blocks: Sequence[Block]) -> dict[str, Column]:
    bits = np.array([block.box.marks for block in blocks], dtype=np.int64)
    table = {f"in_{name}": ((bits >> at) & 1).astype(float) for at, name in enumerate(MARK_NAMES)}
    tags = np.array([block.tag for block in blocks])
    table.update({f"is_{tag}": (tags == tag).astype(float) for tag in TAGS})
    table["depth"] = np.array([block.box.depth for block in blocks], dtype=float)
    return table


class _Held:
    """What a box holds, all levels down, and what its and its ancestors' names say."""

    __slots__ = ("best", "blocks", "box", "chars", "direct", "linked", "low", "prose", "score", "sum", "high", "up", "groups")

    def __init__(self, box: Box, up: _Held | None, lexicon: Lexicon) -> None:
        self.box, self.up = box, up
        self.chars = self.linked = self.prose = self.score = self.direct = 0.0
        self.blocks = 0
        self.groups = rules.groups_of_names(box.names) if box.names and box.tag not in {"html", "body", "main"} else 0
        self.low, self.high, self.sum = lexicon.of_names(box.names) if box.names and up is not None else (0.0, 0.0, 0.0)


def _boxed(blocks: Sequence[Block], own: dict[str, Column], lexicon: Lexicon, is_title: Column) -> dict[str, Column]:
    held: dict[int, _Held] = {}

    def of(box: Box) -> _Held:
        found = held.get(box.number)
        if found is None:
            found = held[box.number] = _Held(box, of(box.parent) if box.parent else None, lexicon)
        return found

    homes = [of(block.box) for block in blocks]
    chars, linked, prose = (own[name].tolist() for name in ("chars", "linked", "prose"))
    for at, home in enumerate(homes):
        level: _Held | None = home
        parent = home if home.box.tag in {"div", "td", "article", "section", "body", "main"} else (home.up or home)
        parent.score += prose[at]
        parent.direct += prose[at]
        if parent.up:
            parent.up.score += prose[at] / 2
        while level is not None:
            level.chars += chars[at]
            level.linked += linked[at]
            level.prose += prose[at]
            level.blocks += 1
            level = level.up
    for one in held.values():
        one.score *= 1 - min(1.0, one.linked / max(one.chars, 1.0))
    best = max(held.values(), key=lambda one: (one.score, -one.box.number))
    lineage = _lineage(best)
    headline = next((home for at, home in enumerate(homes) if is_title[at] and blocks[at].level), None)
    from_headline = _lineage(headline)
    articles = sum(1 for one in held.values() if one.box.tag == "article")
    total = max(homes[0].chars if False else sum(chars), 1.0)
    total_prose = max(sum(prose), 1.0)
    clusters: dict[tuple[str, str, str], list[float]] = {}
    keys = []
    for at, block in enumerate(blocks):
        box = block.box
        key = (block.tag, box.names, box.parent.names if box.parent else "", box.parent.tag if box.parent else "")
        keys.append(key)
        stats = clusters.setdefault(key, [0.0, 0.0, 0.0, 0.0])
        stats[0] += chars[at]
        stats[1] += linked[at]
        stats[2] += prose[at]
        stats[3] += 1
    memo: dict[int, tuple[float, ...]] = {}
    rows = []
    for at, home in enumerate(homes):
        number = home.box.number
        if number not in memo:
            memo[number] = _seen_of_box(home, lineage, total, total_prose, best) + _by_headline(home, from_headline, total_prose) + (articles,)
        c = clusters[keys[at]]
        rows.append((*memo[number], c[0] / total, c[1] / max(c[0], 1.0), c[2] / total_prose, c[3], c[0] / c[3]))
    columns = np.array(rows, dtype=float).T
    names = ("name_low", "name_high", "name_sum", "up_low", "up_high", "up_sum", "own_low", "own_high", "parent_chars", "parent_share", "parent_density",
             "parent_prose", "parent_blocks", "grand_share", "grand_density", "grand_prose", "parent_score", "to_best", "in_best", "best_share",
             "own_blocks", "parent_mean", "near_low", "near_high", "to_headline", "in_headline", "headline_prose", "article_prose", "article_headline", "groups", "articles",
             "cluster_share", "cluster_density", "cluster_prose", "cluster_blocks", "cluster_mean")
    table = dict(zip(names, columns, strict=True))
    groups = table.pop("groups").astype(np.int64)
    table.update({f"named_{group}": ((groups >> bit) & 1).astype(float) for bit, group in enumerate(rules.NAME_GROUPS)})
    table["named_against"] = sum(table[f"named_{group}"] for group in rules.NAME_GROUPS[:-1])
    return table


def _lineage(held: _Held | None) -> dict[int, int]:
    steps: dict[int, int] = {}
    while held is not None:
        steps[held.box.number] = len(steps)
        held = held.up
    return steps


def _by_headline(home: _Held, lineage: dict[int, int], total_prose: float) -> tuple[float, ...]:
    to = above = prose = -1.0
    groups = 0
    article_prose = article_headline = -1.0
    level: _Held | None = home
    steps = 0
    while level is not None:
        if to < 0 and level.box.number in lineage:
            to, above, prose = float(steps), float(lineage[level.box.number]), level.prose / total_prose
        # A box around the headline is named after all that is in it.
        if level.box.number not in lineage or level.groups & BODY_GROUP:
            groups |= level.groups if level.box.number not in lineage else BODY_GROUP
        if article_prose < 0 and level.box.tag == "article":
            article_prose, article_headline = level.prose / total_prose, float(level.box.number in lineage) if lineage else -1.0
        level, steps = level.up, steps + 1
    return to, above, prose, article_prose, article_headline, float(groups)


def _seen_of_box(home: _Held, lineage: dict[int, int], total: float, total_prose: float, best: _Held) -> tuple[float, ...]:
    low = high = total_sum = 0.0
    near_low = near_high = 0.0
    level: _Held | None = home
    steps = 0
    joined = -1
    while level is not None:
        low, high, total_sum = min(low, level.low), max(high, level.high), total_sum + level.sum
        if steps < 3:
            near_low, near_high = min(near_low, level.low), max(near_high, level.high)
        if joined < 0 and level.box.number in lineage:
            joined = steps
            above = lineage[level.box.number]
        level, steps = level.up, steps + 1
    parent = home if home.box.tag in {"div", "td", "article", "section", "body", "main"} else (home.up or home)
    grand = parent.up or parent
    return (
        low, high, total_sum, parent.low, parent.high, parent.sum, home.low, home.high, parent.chars, parent.chars / total, parent.linked / max(parent.chars, 1),
        parent.prose / total_prose, parent.blocks, grand.chars / total, grand.linked / max(grand.chars, 1), grand.prose / total_prose,
        parent.direct / max(best.direct, 1.0), joined, above, best.prose / total_prose,
        home.blocks, parent.chars / max(parent.blocks, 1), near_low, near_high,
    )  # fmt: skip


def _witnessed(blocks: Sequence[Block], hints: Hints, own: dict[str, Column]) -> dict[str, Column]:
    keys = [squeezed(block.text[:120]) for block in blocks]
    tails = [squeezed(block.text[-80:]) for block in blocks]
    counts = Counter(keys)
    has_body = len(hints.body) > 200
    rows = []
    title_seen = 0
    for at, key in enumerate(keys):
        is_title = bool(key) and len(key) > 8 and (key == hints.title or (len(hints.title) > 12 and (hints.title.startswith(key) or key.startswith(hints.title))))
        title_seen += is_title and blocks[at].level in (1, 2)
        in_body = in_tail = 0.0
        if has_body and len(key) > 12:
            in_body = 1.0 if key[:60] in hints.body else -1.0
            in_tail = 1.0 if tails[at] in hints.body else -1.0
        rows.append((is_title, bool(title_seen), in_body, in_tail, len(key) > 20 and bool(hints.summary) and (key[:50] in hints.summary or hints.summary[:50] in key),
                     counts[key] - 1, bool(hints.title) and len(key) > 15 and key[:40] in hints.title))
    columns = np.array(rows, dtype=float).T
    table = dict(zip(("is_title", "after_title", "in_body", "tail_in_body", "in_summary", "repeats", "part_of_title"), columns, strict=True))
    chars = own["chars"]
    covered = float((chars * (table["in_body"] > 0)).sum())
    table["body_cover"] = np.full(len(keys), min(covered / max(len(hints.body) * 1.2, 1), 1.5) if has_body else -1.0)
    return table


def _placed(own: dict[str, Column], table: dict[str, Column]) -> dict[str, Column]:
    count = len(own["chars"])
    at = np.arange(count, dtype=float)
    prose = own["prose"]
    total = max(prose.sum(), 1.0)
    before = (np.cumsum(prose) - prose) / total
    inside = prose * (table["to_best"] <= 1) * (table["in_best"] == 0)
    total_in = max(inside.sum(), 1.0)
    seen = np.cumsum(inside)
    title = np.flatnonzero(table["is_title"] * (own["level"] > 0))
    first = float(title[0]) if len(title) else -1.0
    return {
        "place": at / count,
        "prose_before": before,
        "best_before": (seen - inside) / total_in,
        "best_after": (seen[-1] - seen) / total_in,
        "after_headline": np.clip(at - first, -20, 60) if first >= 0 else np.full(count, -30.0),
        "since_prose": _since(own["is_prose"] * (own["chars"] > 120)),
        "until_prose": _since((own["is_prose"] * (own["chars"] > 120))[::-1])[::-1],
        "page_blocks": np.full(count, float(count)),
        "page_chars": np.full(count, own["chars"].sum()),
        "page_prose": np.full(count, total),
    }


def _since(flags: Column) -> Column:
    at = np.arange(len(flags), dtype=float)
    last = np.maximum.accumulate(np.where(flags > 0, at, -100.0))
    return np.minimum(at - last, 30.0)


NEAR = ("chars", "density", "is_prose", "ends", "level", "near_low", "near_high", "term_low", "head", "in_body", "to_best", "is_p", "is_li", "colon", "bold_share")


def _neighbours(table: dict[str, Column]) -> dict[str, Column]:
    found: dict[str, Column] = {}
    for name in NEAR:
        column = table[name]
        padded = np.concatenate(([-1.0, -1.0], column, [-1.0, -1.0]))
        found[f"{name}@-2"], found[f"{name}@-1"], found[f"{name}@1"], found[f"{name}@2"] = padded[:-4], padded[1:-3], padded[3:-1], padded[4:]
    number = table["parent_chars"]
    same = (number[1:] == number[:-1]).astype(float)
    found["same@-1"] = np.concatenate(([0.0], same))
    found["same@1"] = np.concatenate((same, [0.0]))
    return found
