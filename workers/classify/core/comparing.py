"""What a change of rules changes: an article under two rule sets. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable

    from shared.tags import Verdict

Kind = Literal["gained", "lost", "changed"]


@dataclass(frozen=True, kw_only=True)
class Change:
    """One article's difference: gained or lost as news of the topic, or changed in decision or tags."""

    id: str
    title: str
    kind: Kind
    before: str
    after: str
    added: tuple[str, ...]  # `facet:id`
    removed: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """The change as JSON."""
        return vars(self)


def compare(article_id: str, title: str, old: Verdict, new: Verdict) -> Change | None:
    """The difference between two verdicts on an article; None where there is none that a reader would see."""
    before, after = _names(old), _names(new)
    if old.decision == new.decision and before == after:
        return None
    return Change(
        id=article_id,
        title=title,
        kind=_kind(old, new),
        before=old.decision,
        after=new.decision,
        added=tuple(sorted(after - before)),
        removed=tuple(sorted(before - after)),
    )


def count(changes: Iterable[Change]) -> dict[str, int]:
    """How many were gained, lost and changed."""
    totals = {"gained": 0, "lost": 0, "changed": 0}
    for change in changes:
        totals[change.kind] += 1
    return totals


def _names(verdict: Verdict) -> set[str]:
    return {f"{tag.facet}:{tag.id}" for tag in verdict.tags if tag.facet != "relevance"}


def _kind(old: Verdict, new: Verdict) -> Kind:
    was, is_ = old.decision == old.topic, new.decision == new.topic
    if was == is_:
        return "changed"
    return "gained" if is_ else "lost"
