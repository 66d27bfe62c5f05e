"""To which filtered streams an article goes, and when it is fetched again. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from shared.tags import Tag


def filtered_streams(tags: Iterable[Tag], wanted: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """Return the names of the filtered streams that want one of the tags.

    `wanted` maps a name to `facet:id` patterns, of which any one suffices; `facet:*` takes every id of a facet.
    """
    present = {pattern for tag in tags for pattern in (f"{tag.facet}:{tag.id}", f"{tag.facet}:*")}
    return tuple(name for name, patterns in wanted.items() if present.intersection(patterns))


def next_recheck(first_seen: float, fetched: float, after: Iterable[float]) -> float | None:
    """Return when an article is fetched again: the first of `first_seen + after` that lies behind the last fetch."""
    return min((first_seen + seconds for seconds in after if first_seen + seconds > fetched), default=None)
