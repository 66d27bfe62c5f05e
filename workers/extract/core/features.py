"""What the classifier sees of each block: one row of numbers a block. Pure.

Five kinds of sight: the block itself, the boxes that hold it, its neighbours, the page's other witnesses (headline,
description, JSON-LD body), and whether trafilatura's fast road took it.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from workers.extract.core import boxes, rules
from workers.extract.core.blocks import FOOTER, NAV

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from workers.extract.core.blocks import Block
    from workers.extract.core.lexicon import Lexicon
    from workers.extract.core.metadata import Metadata

    Column = NDArray[np.float64]
    Table = dict[str, Column]

CJK = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uff66-\uff9f]")
UPPER = re.compile(r"[A-ZÀ-ÖØ-ÞА-Я]")
DIGIT = re.compile(r"\d")
SENTENCE_END = re.compile(r"[.!?…]['\"”»)]?(?:\s|$)|[。！？]")
TERMINAL = tuple(".!?…。！？")
# How a teaser breaks off.
ELLIPSES = ("...", "…", "[…]", "[...]", "....")
QUOTE_MARKS = tuple("\"“„«»‘'「『")
ALNUM = re.compile(r"[\W_]+")
# The bits of `blocks.Box.marks`, lowest first.
MARKS = (
    "article", "main", "aside", "footer", "header", "nav", "form", "figure", "table", "list", "hidden", "body_property", "quote",
    "section", "linked", "embed",
)  # fmt: skip
TAGS = ("p", "div", "li", "td", "span", "h1", "h2", "h3", "h4", "figcaption")
PLACE_OF_TAG = {tag: at for at, tag in enumerate(TAGS)}
OWN = (
    "chars", "words", "commas", "sentences", "linked", "links", "bold", "level", "upper", "digits", "ends", "colon", "quoted",
    "initial", "term_low", "term_mean", "head", "raw", "email", "bars", "trails", "says",
)  # fmt: skip
NEAR = (
    "chars", "density", "is_prose", "ends", "level", "near_low", "near_high", "term_low", "head", "in_body", "to_best", "is_p",
    "is_li", "colon", "bold_share",
)  # fmt: skip
OVER = ("level", "term_low", "term_mean", "density", "chars", "says_also_read", "is_title", "near_low")
# Columns that serve to make others, and those that would teach the classifier a page's size instead of a block's worth.
UNSEEN = frozenset(("raw", "linked", "bold", "parent", "trivial", "in_embed"))
PROSE_CHARS = 40
PROSE_WORDS = 6
LONG_PROSE = 120
HEAD = 100


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


def taken_by(blocks: Sequence[Block], text: str) -> Column:
    """Which blocks another extractor's text holds: 1 or 0 each."""
    whole = squeezed(text)
    return np.array([len(key := squeezed(block.text)) > 3 and key in whole for block in blocks], dtype=float)


def table(blocks: Sequence[Block], hints: Hints, lexicon: Lexicon) -> Table:
    """All columns by name; each has one number a block. `trivial` says which blocks need no judge."""
    plain = trivials(blocks)
    found = _own(blocks, plain, lexicon)
    found["trivial"] = np.array(plain, dtype=float)
    found.update(_marked(blocks))
    found.update(_witnessed(blocks, plain, hints))
    found.update(boxes.columns(blocks, found, lexicon))
    found.update(_placed(found))
    found.update(_neighbours(found))
    found.update(_headed(found))
    return found


def matrix(columns: Table, features: Sequence[str]) -> NDArray[np.float32]:
    """The classifier's rows: shape (blocks, features), columns in the order of `features`."""
    return np.array([columns[name] for name in features], dtype=np.float32).T


def names(columns: Table) -> list[str]:
    """The features' names in the order of the matrix's columns."""
    return sorted(set(columns) - UNSEEN)


def trivial(columns: Table) -> NDArray[np.bool_]:
    """The blocks that the classifier is not asked about."""
    return columns["trivial"] > 0


def trivials(blocks: Sequence[Block]) -> list[bool]:
    """Which blocks are none of the article's for certain: navigation, and short links in a row. A third of all blocks."""
    lone = [False, *map(_is_lone_link, blocks), False]
    return [_is_navigation(block) or (lone[at + 1] and (lone[at] or lone[at + 2])) for at, block in enumerate(blocks)]


def _is_navigation(block: Block) -> bool:
    return bool(block.box.marks & (NAV | FOOTER)) and block.linked > 0.3 * len(block.text)


def _is_lone_link(block: Block) -> bool:
    size = len(block.text)
    link = block.linked > 0.85 * size and size < 60 and block.level == 0
    return link and block.box.tag != "p" and block.bold < 0.5 * size


def _own(blocks: Sequence[Block], plain: Sequence[bool], lexicon: Lexicon) -> Table:
    rows = np.array(
        [_plain_row(block) if simple else _row(block, lexicon) for block, simple in zip(blocks, plain, strict=True)],
        dtype=np.float64,
    )
    found = dict(zip(OWN, rows.T, strict=True))
    said = found.pop("says").astype(np.int64)
    found.update({f"says_{group}": ((said >> bit) & 1).astype(float) for bit, group in enumerate(rules.PHRASE_GROUPS)})
    chars, words, raw = found["chars"], found["words"], found["raw"]
    found["density"] = found["linked"] / raw
    found["bold_share"] = found["bold"] / raw
    found["word_length"] = np.minimum(chars / words, 20)
    found["comma_rate"] = found["commas"] / words
    found["sentence_words"] = words / (found["sentences"] + 1)
    is_prose = (found["level"] == 0) & (found["density"] < 0.4) & (chars >= PROSE_CHARS) & (words >= PROSE_WORDS)
    found["is_prose"] = is_prose.astype(float)
    found["prose"] = found["is_prose"] * (1 + found["commas"] + np.minimum(chars / 100, 3))
    found["upper"] /= np.minimum(raw, HEAD)
    found["digits"] /= np.minimum(raw, HEAD)
    return found


def _plain_row(block: Block) -> tuple[float, ...]:
    """What a trivial block's neighbours are to know of it."""
    text = block.text
    size = len(text)
    return (
        size, text.count(" ") + 1, 0, 0, block.linked, block.links, block.bold, block.level,
        0, 0, False, False, False, False, 0.0, 0.0, 0.0, size, False, 0, False, 0,
    )  # fmt: skip


def _row(block: Block, lexicon: Lexicon) -> tuple[float, ...]:
    text = block.text
    head = text[:HEAD]
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
        text.endswith(ELLIPSES), rules.groups_of_text(text),
    )  # fmt: skip


def _marked(blocks: Sequence[Block]) -> Table:
    marks = np.array([block.box.marks for block in blocks], dtype=np.int64)
    in_boxes = ((marks >> np.arange(len(MARKS))[:, None]) & 1).astype(float)
    # A row a tag and one for all others, whose place from the end is -1.
    are_tags = np.eye(len(TAGS) + 1)[:, [PLACE_OF_TAG.get(block.tag, -1) for block in blocks]]
    found = {f"in_{name}": row for name, row in zip(MARKS, in_boxes, strict=True)}
    return found | {f"is_{name}": row for name, row in zip(TAGS, are_tags[:-1], strict=True)}


def _witnessed(blocks: Sequence[Block], plain: Sequence[bool], hints: Hints) -> Table:
    keys = ["" if simple else squeezed(block.text[:120]) for block, simple in zip(blocks, plain, strict=True)]
    counts = Counter(keys)
    has_body = len(hints.body) > 200
    rows = []
    titled = False
    for block, key in zip(blocks, keys, strict=True):
        is_title = is_headline(key, hints.title)
        titled = titled or (is_title and block.level in {1, 2})
        in_body = in_tail = 0.0
        if has_body and len(key) > 12:
            in_body = 1.0 if key[:60] in hints.body else -1.0
            in_tail = 1.0 if squeezed(block.text[-80:]) in hints.body else -1.0
        in_summary = len(key) > 20 and bool(hints.summary) and (key[:50] in hints.summary or hints.summary[:50] in key)
        part = bool(hints.title) and len(key) > 15 and key[:40] in hints.title
        repeats = counts[key] - 1 if key else 0
        rows.append((is_title, titled, in_body, in_tail, in_summary, repeats, part))
    order = ("is_title", "after_title", "in_body", "tail_in_body", "in_summary", "repeats", "part_of_title")
    return dict(zip(order, np.array(rows, dtype=float).T, strict=True))


def is_headline(key: str, title: str) -> bool:
    """Whether a squeezed text is the squeezed title, or one the beginning of the other."""
    if len(key) <= 8 or not title:
        return False
    return key == title or (len(title) > 12 and (title.startswith(key) or key.startswith(title)))


def _placed(found: Table) -> Table:
    count = len(found["chars"])
    at = np.arange(count, dtype=float)
    prose = found["prose"]
    inside = prose * (found["to_best"] <= 1) * (found["in_best"] == 0)
    seen, total = np.cumsum(inside), max(float(inside.sum()), 1.0)
    headline = np.flatnonzero(found["is_title"] * (found["level"] > 0))
    long_prose = found["is_prose"] * (found["chars"] > LONG_PROSE)
    return {
        "place": at / count,
        "prose_before": (np.cumsum(prose) - prose) / max(float(prose.sum()), 1.0),
        "best_before": (seen - inside) / total,
        "best_after": (seen[-1] - seen) / total,
        "after_headline": np.clip(at - float(headline[0]), -20, 60) if len(headline) else np.full(count, -30.0),
        "since_prose": _since(long_prose),
        "until_prose": _since(long_prose[::-1])[::-1],
    }


def _headed(found: Table) -> Table:
    """What the nearest heading before each block is like, and how far off; what stands under "more news" is no article's."""
    at = np.arange(len(found["level"]))
    over = np.maximum.accumulate(np.where(found["level"] > 0, at, -1))
    headed = over >= 0
    table = {f"over_{name}": np.where(headed, found[name][over], -1.0) for name in OVER}
    table["over_far"] = np.where(headed, np.minimum(at - over, 30.0), -1.0)
    return table


def _since(flags: Column) -> Column:
    """How many blocks ago the last flagged one was; 30 at most."""
    at = np.arange(len(flags), dtype=float)
    last = np.maximum.accumulate(np.where(flags > 0, at, -100.0))
    ago: Column = np.minimum(at - last, 30.0)
    return ago


def _shifted(column: Column, edge: float) -> tuple[Column, Column, Column, Column]:
    """The column two and one before, and one and two after, each block."""
    padded = np.concatenate(([edge, edge], column, [edge, edge]))
    return padded[:-4], padded[1:-3], padded[3:-1], padded[4:]


def _neighbours(found: Table) -> Table:
    near: Table = {}
    for name in NEAR:
        for step, column in zip((-2, -1, 1, 2), _shifted(found[name], -1.0), strict=True):
            near[f"{name}@{step}"] = column
    same = (found["parent"][1:] == found["parent"][:-1]).astype(float)
    near["same@-1"] = np.concatenate(([0.0], same))
    near["same@1"] = np.concatenate((same, [0.0]))
    return near
