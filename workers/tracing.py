"""The trace of an article: what became of it at each stage, so that anyone can be told later. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic_core import to_json

from shared.outcomes import Save

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shared.messages import Message
    from shared.outcomes import Disposition
    from shared.stores.work import Claimed


@dataclass(frozen=True, kw_only=True)
class Step:
    """How one try at one stage ended: `at` in epoch seconds, `spent` in seconds, `worker` as host:pid."""

    disposition: Disposition
    reason: str
    note: Mapping[str, str]
    at: float
    spent: float
    worker: str


def trace(work: Claimed, message: Message | None, step: Step) -> tuple[Save, ...]:
    """Return the article's line for this stage and its status; nothing where the message names no article."""
    article_id = getattr(message, "article_id", None)
    if article_id is None:
        return ()
    line = {
        "at": round(step.at, 3),
        "outcome": step.disposition.value,
        **({"reason": step.reason} if step.reason else {}),
        **{name: text for name, text in step.note.items() if text},
        "tries": work.tries + 1,
        "seconds": round(step.spent, 3),
        "worker": step.worker,
    }
    stage = work.stage.value
    status = f"{stage}:{step.disposition.value}" + (f":{step.reason}" if step.reason else "")
    text = to_json(line).decode()
    return (Save(record="article", id=article_id, fields={f"stage:{stage}": text, "status": status}),)
