"""What is in each stage, what came of the work and what is wrong now; for the command and the console alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from console.alerts.facts import gather
from console.alerts.rules import judge
from shared.events import stream_of
from shared.outcomes import Disposition
from shared.settings import settings
from shared.stores.feeds import FeedStore
from shared.stores.streams import StreamStore
from shared.stores.work import WorkStore
from shared.topology import Stage

if TYPE_CHECKING:
    from console.alerts.rules import Cause
    from shared.settings import Settings
    from shared.stores.connection import Database


def overview(database: Database, chosen: Settings | None = None) -> dict[str, Any]:
    """Return stages, streams, feeds, failures and what is wrong now as plain data."""
    chosen = chosen or settings()
    work, streams = WorkStore(database), StreamStore(database)
    books, facts = work.books(), gather(database, chosen)
    stages = {stage.value: {**facts.backlog[stage.value], **_outcomes(books, stage)} for stage in Stage}
    names = [stream_of(topic) for topic in chosen.topics]
    causes = judge(facts)
    return {
        "stages": stages,
        "streams": {name: {"length": streams.length(name), "published": books.get("stream:in", 0)} for name in names},
        "feeds": FeedStore(database).count(),
        "dead_letters": facts.dead,
        "waiting_retries": work.count_retries(),
        "problems": [f"{cause.title}: {cause.detail}" for cause in causes],
        "causes": [_plain(cause) for cause in causes],
    }


def _plain(cause: Cause) -> dict[str, str]:
    return {
        "name": cause.name,
        "severity": cause.severity,
        "title": cause.title,
        "detail": cause.detail,
        "href": cause.href,
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
