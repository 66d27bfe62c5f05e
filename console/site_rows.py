"""Sites as rows for people: how each one's pages are read of late against before, and what was learnt of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shared.stores.sites import SiteView
from workers.extract.core.memory import Mark, is_boilerplate
from workers.extract.lesson import drift_of, memory_of

if TYPE_CHECKING:
    from collections.abc import Mapping


def row(kept: Mapping[str, Any]) -> dict[str, Any]:
    """Return a site of `SiteStore.list` or `.show` with its state and its learnt blocks, most seen first."""
    drift = drift_of(kept["drift"])
    memory = memory_of(SiteView(pages=kept["pages"], marks=kept["known"]))
    learnt = [mark for key, mark in memory.marks.items() if is_boilerplate(memory, key, chars=mark.chars)]
    return {
        "site": kept["site"],
        "at": kept["at"],
        "state": "drifting" if drift.alarm else "healthy" if drift.before else "new",
        "why": drift.alarm,
        "pages": kept["pages"],
        "success": dict(zip(("before", "recent"), drift.success, strict=True)),
        "length": dict(zip(("before", "recent"), drift.length, strict=True)),
        "learnt": len(learnt),
        "blocks": kept["blocks"],
        "texts": [_block(mark, memory.pages) for mark in sorted(learnt, key=lambda mark: (-mark.seen, mark.text))],
    }


def _block(mark: Mark, pages: int) -> dict[str, Any]:
    return {"text": mark.text, "chars": mark.chars, "seen": mark.seen, "of": pages - mark.first + 1}


def against(values: Mapping[str, float | None], form: str) -> str:
    """Return `98%, before 99%`; empty where nothing is known."""
    told = [format(value, form) if value is not None else "–" for value in (values["recent"], values["before"])]
    return "" if values["recent"] is None and values["before"] is None else f"{told[0]}, before {told[1]}"
