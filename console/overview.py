"""What is in each stage, what came of the work and what is wrong now; for the command and the console alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shared.events import stream_of
from shared.outcomes import Disposition
from shared.settings import settings
from shared.stores.dead_letters import DeadLetterStore
from shared.stores.feeds import FeedStore
from shared.stores.streams import StreamStore
from shared.stores.work import WorkStore
from shared.topology import Stage

if TYPE_CHECKING:
    from shared.stores.connection import Database

STUCK_AFTER = 60.0  # seconds that due work may wait before it is called a problem


def overview(database: Database) -> dict[str, Any]:
    """Return stages, streams, feeds, failures and problems as plain data."""
    work, streams = WorkStore(database), StreamStore(database)
    books, backlog = work.books(), work.backlog()
    stages = {stage.value: {**backlog[stage], **_outcomes(books, stage)} for stage in Stage}
    names = [stream_of(topic) for topic in settings().topics]
    return {
        "stages": stages,
        "streams": {name: {"length": streams.length(name), "published": books.get("stream:in", 0)} for name in names},
        "feeds": len(FeedStore(database).ids()),
        "dead_letters": DeadLetterStore(database).count(),
        "waiting_retries": work.count_retries(),
        "problems": [
            f"{name}: work has been due for {stage['oldest']:.0f} s and nobody takes it"
            for name, stage in stages.items()
            if stage["oldest"] > STUCK_AFTER
        ],
    }


def _outcomes(books: dict[str, int], stage: Stage) -> dict[str, Any]:
    counted: dict[str, Any] = {"in": books.get(f"{stage}:in", 0)}
    counted |= {kind.value: books.get(f"{stage}:{kind}", 0) for kind in Disposition}
    counted["reasons"] = {
        name.removeprefix(f"{stage}:"): count
        for name, count in sorted(books.items())
        if name.startswith(f"{stage}:") and name.count(":") == len(("stage", "outcome"))
    }
    return counted
