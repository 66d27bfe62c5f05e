"""An article as Markdown (CommonMark, with the tables of GitHub). Pure; for people, not for the pipeline."""

from __future__ import annotations

import re
from itertools import groupby
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shared.article import Article

# What would be read as markup: anywhere in a text, and at its beginning.
MARKS = re.compile(r"([\\`*_\[\]<])")
BEGINNING = re.compile(r"^([#>+=~-])")
NUMBERED = re.compile(r"^(\d{1,9})([.)])")  # "1. May" is no list
FENCE = re.compile(r"`{3,}")
CELLS = " | "  # how `workers.extract.core.blocks` joins a row


def markdown(article: Article) -> str:
    """The title, then the blocks in their order: headings, list items, quotes, tables and code keep what they are."""
    kinds = article.kinds or ("paragraph",) * len(article.paragraphs)
    parts = [f"# {_escaped(article.title)}"] if article.title else []
    for kind, run in groupby(zip(kinds, article.paragraphs, strict=True), key=lambda pair: pair[0]):
        parts += _run(kind, [text for _, text in run])
    return "\n\n".join(parts) + "\n" if parts else ""


def _run(kind: str, texts: Sequence[str]) -> list[str]:
    """Neighbours of one kind: items make one list and rows one table, everything else stands alone."""
    if kind == "list_item":
        return ["\n".join(f"- {_escaped(text)}" for text in texts)]
    if kind == "table_row":
        return [_table([text.split(CELLS) for text in texts])]
    if kind == "code":
        return [_fenced(text) for text in texts]
    before = {"heading": "## ", "quote": "> "}.get(kind, "")
    return [before + _escaped(text) for text in texts]


def _table(rows: Sequence[Sequence[str]]) -> str:
    width = max(map(len, rows))
    lines = [
        "| " + " | ".join([*(_escaped(cell).replace("|", "\\|") for cell in row), *[""] * (width - len(row))]) + " |"
        for row in rows
    ]
    return "\n".join([lines[0], "|" + " --- |" * width, *lines[1:]])


def _fenced(text: str) -> str:
    fence = "`" * max([3, *(len(found) + 1 for found in FENCE.findall(text))])
    return f"{fence}\n{text}\n{fence}"


def _escaped(text: str) -> str:
    return NUMBERED.sub(r"\1\\\2", BEGINNING.sub(r"\\\1", MARKS.sub(r"\\\1", text)))
