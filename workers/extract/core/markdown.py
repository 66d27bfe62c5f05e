"""An article as Markdown or as rows that explain it. Pure; for people, not for the pipeline."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from shared.article import Article
    from workers.extract.core.extraction import Extraction

BEGINNING = {"heading": "## ", "list_item": "- ", "quote": "> "}


def markdown(article: Article) -> str:
    """Title, then the blocks in their order: headings, list items, quotes, tables and code keep what they are."""
    kinds = article.kinds or ("paragraph",) * len(article.paragraphs)
    parts = [f"# {article.title}"] if article.title else []
    previous = ""
    for kind, text in zip(kinds, article.paragraphs, strict=True):
        block = _block(kind, text, first=kind != previous)
        if kind == previous and kind in {"list_item", "table_row"}:
            parts[-1] += "\n" + block
        else:
            parts.append(block)
        previous = kind
    return "\n\n".join(parts) + "\n" if parts else ""


def _block(kind: str, text: str, *, first: bool) -> str:
    if kind == "code":
        return f"```\n{text}\n```"
    if kind == "table_row":
        cells = text.split(" | ")
        rule = "\n|" + " --- |" * len(cells) if first else ""
        return "| " + " | ".join(cells) + " |" + rule
    return BEGINNING.get(kind, "") + text


def explained(extraction: Extraction) -> list[tuple[str, str, str, str, str]]:
    """One row a block: kept or dropped, probability, kind, what decided, and how the text begins (100 characters)."""
    return [
        ("kept" if block.kept else "dropped", f"{block.score:.2f}", block.kind, block.why, block.text[:100])
        for block in extraction.blocks
    ]
