"""An article's text cut into pieces, so that the evidence for its tags can be marked. Pure; templates escape."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shared.article import Article
    from shared.tags import Tag


@dataclass(frozen=True, kw_only=True)
class Piece:
    """A run of text. `labels`: the tags that it is evidence for, none for plain text; `facet` colours it."""

    text: str
    facet: str = ""
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Marked:
    """The title and the paragraphs (with their kinds) in pieces."""

    title: tuple[Piece, ...]
    paragraphs: tuple[tuple[str, tuple[Piece, ...]], ...]


Span = tuple[int, int, str, str]  # start, end, facet, label


def highlight(article: Article, tags: Sequence[Tag]) -> Marked:
    """Mark what the tags name as evidence. Offsets that do not fit the text (another version of it) are passed over."""
    spans: dict[str, list[Span]] = {}
    for tag in tags:
        for seen in tag.evidence:
            spans.setdefault(seen.field, []).append((seen.start, seen.end, tag.facet, tag.label))
    paragraphs = tuple(
        (
            article.kinds[index] if index < len(article.kinds) else "paragraph",
            _cut(text, spans.get(f"paragraphs[{index}]", ())),
        )
        for index, text in enumerate(article.paragraphs)
    )
    return Marked(title=_cut(article.title, spans.get("title", ())), paragraphs=paragraphs)


def _cut(text: str, spans: Sequence[Span]) -> tuple[Piece, ...]:
    """Cut a text at every start and end; where spans overlap, the facet of the longest one colours the piece."""
    fit = [span for span in spans if 0 <= span[0] < span[1] <= len(text)]
    edges = sorted({0, len(text), *(edge for span in fit for edge in span[:2])})
    pieces = []
    for start, end in pairwise(edges):
        over = sorted((span for span in fit if span[0] <= start and end <= span[1]), key=_length, reverse=True)
        labels = tuple(dict.fromkeys(f"{facet}: {label}" for _, _, facet, label in over if facet != "relevance"))
        facet = next((span[2] for span in over if span[2] != "relevance"), "relevance" if over else "")
        pieces.append(Piece(text=text[start:end], facet=facet, labels=labels or (("on the topic",) if over else ())))
    return tuple(pieces)


def _length(span: Span) -> int:
    return span[1] - span[0]
