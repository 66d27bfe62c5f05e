"""The last work that ended at a stage, by how it ended: what a number of the overview opens."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from console.web.desk import desk_of, message, page
from shared.outcomes import Disposition
from shared.stores.articles import ArticleStore
from shared.stores.feeds import FeedStore
from shared.stores.vitals import VitalStore
from shared.stores.work import WorkStore
from shared.topology import Stage

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from shared.stores.connection import Database

SHOWN = 100
WITH_REASON = 2


def recent(request: Request) -> Response:
    """List it, newest first, for one ending of one stage."""
    database, asked = desk_of(request).database, request.query_params
    stage, ending = asked.get("stage", Stage.FETCH.value), asked.get("ending", "")
    if stage not in set(Stage):
        return message(request, "No such stage", f"“{stage}” is none of {', '.join(Stage)}.", status=404)
    endings = _endings(database, stage, ending)
    chosen = asked.get("as") or next((name for name, _ in endings), "")
    vitals = VitalStore(database)
    ids = vitals.recent(f"{stage}:{chosen}")[:SHOWN] if chosen else []
    rows = _polled(FeedStore(database), ids) if stage == Stage.POLL else _worked(ArticleStore(database), stage, ids)
    return page(
        request, "recent.html", stage=stage, stages=list(Stage), endings=endings, chosen=chosen, ending=ending,
        rows=rows, now=vitals.now(),
    )  # fmt: skip


def _endings(database: Database, stage: str, ending: str) -> list[tuple[str, int]]:
    """Return `outcome` or `outcome:reason` with its number, most first; an outcome that has reasons only by them."""
    wanted = {ending} if ending else {kind.value for kind in Disposition}
    found: list[tuple[str, int]] = []
    for name, count in WorkStore(database).books().items():
        at, _, rest = name.partition(":")
        parts = rest.split(":")
        if at == stage and parts[0] in wanted and (len(parts) == WITH_REASON or parts[0] == Disposition.FORWARDED):
            found.append((rest, count))
    return sorted(found, key=lambda row: -row[1])


def _polled(store: FeedStore, ids: list[str]) -> list[dict[str, Any]]:
    rows = []
    for feed_id in ids:
        record = store.get(feed_id)
        url = record.get("u", "")
        title = record.get("name") or url or feed_id
        rows.append({"href": f"/feeds/{feed_id}", "title": title, "url": url, "at": 0.0, "detail": ""})
    return rows


def _worked(store: ArticleStore, stage: str, ids: list[str]) -> list[dict[str, Any]]:
    rows = []
    for work_id, trace in zip(ids, store.traces(ids), strict=True):
        step: dict[str, Any] = next((step for step in trace.get("steps", ()) if step["stage"] == stage), {})
        url = trace.get("url", "")
        title = trace.get("title") or url or work_id
        at, detail = step.get("at", 0.0), step.get("detail", "")
        rows.append({"href": f"/articles/{work_id}", "title": title, "url": url, "at": at, "detail": detail})
    return rows
