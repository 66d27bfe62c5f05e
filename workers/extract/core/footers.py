"""What a site says for itself in a block of text: pointers, calls to follow, labels, credits. Pure.

The patterns are data (`data/footers.toml`). Unlike the phrases of `workers.extract.core.rules`, which are evidence for the
classifier, each is a verdict and so names a whole phrase: an article may begin a paragraph with "About 300 people".
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from workers.extract.core.rules import EDGES

TABLE = Path(__file__).parent.parent / "data" / "footers.toml"
ARROWS = ">»›►→▶➡👉🔗☞"
# An opening quotation mark is no bullet: what follows it was said by somebody.
BULLETS = "".join(edge for edge in EDGES if edge not in "\"'“„«「『" + ARROWS) + "▲△■□◆◇●○★☆※#🔴⬇<\u200b\ufeff　"
# The vowel signs of Arabic, the forms of its alef, and the dot that lower case leaves of a Turkish capital.
FOLDED = str.maketrans(
    {
        "'": "’",
        "ʼ": "’",
        "أ": "ا",
        "إ": "ا",
        "آ": "ا",
        "\u0307": None,
        **{chr(sign): None for sign in range(0x64B, 0x653)},
    }
)
LOOKED_AT = 400
SENTENCE_ENDS = (".", "!", "?", "…", "。", "！", "？", "।", "۔", "؟", "”", "»", '"', "」")
LABELLED = re.compile(r"(.{2,60}?)\s*(?:[:：|】\]]+|\s[-–—])\s*(\S.*)", re.DOTALL)
ANYWHERE, END, LABEL = "anywhere", "end", "label"


@dataclass(frozen=True)
class Rule:
    """A purpose, and how a block that serves it begins."""

    name: str
    where: str
    longest: int
    linked: float
    speech: bool
    unended: bool
    pattern: re.Pattern[str]


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads(TABLE.read_text("utf-8"))


@cache
def _rules(where: str) -> tuple[Rule, ...]:
    return tuple(
        Rule(
            row["name"],
            where,
            row["longest"],
            row.get("linked", 0.0),
            row.get("speech", False),
            row.get("unended", False),
            _compiled(row["patterns"]),
        )
        for row in _table()["rules"]
        if row["where"] == where
    )


@cache
def _speech() -> re.Pattern[str]:
    return re.compile("|".join(_table()["speech"]["patterns"]))


def _compiled(patterns: list[str]) -> re.Pattern[str]:
    """One expression of all, the words in braces written out (a word may name those above it)."""
    whole = "|".join(f"(?:{pattern})" for pattern in patterns)
    for name, words in reversed(_table()["words"].items()):
        whole = whole.replace("{" + name + "}", f"(?:{words})")
    return re.compile(rf"[{ARROWS}\s]*(?:{whole})")


def folded(text: str) -> str:
    """A block's beginning as the patterns read it."""
    lowered = text[:LOOKED_AT].lower()
    # What `translate` does to one ASCII character, `replace` does in a tenth of the time.
    read = lowered.replace("'", "’") if lowered.isascii() else lowered.translate(FOLDED)
    return " ".join(read.lstrip(BULLETS).split())


def purpose(text: str, linked: float, where: str) -> str:
    """The name of the first rule of a place that a block falls under, empty when it speaks for itself.

    `linked` is the share of the block's characters that are links.
    """
    read = ""
    for rule in _rules(where):
        if len(text) > rule.longest or linked < rule.linked or (rule.unended and text.endswith(SENTENCE_ENDS)):
            continue
        read = read or folded(text)
        if rule.pattern.match(read):
            reports = not rule.speech and linked < 0.1 and _speech().search(read)
            return "" if reports else rule.name
    return ""


def after_label(text: str) -> str:
    """What a block says after a footer's label that it begins with ("About us: we are…"); empty when there is none."""
    match = LABELLED.match(text.lstrip(BULLETS)[:LOOKED_AT])
    return match[2] if match and purpose(match[1], 0.0, LABEL) else ""
