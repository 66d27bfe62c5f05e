"""The first screen: the pipeline as a picture, what is wrong now, and what came of the last hour's work."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from console.alerts.facts import gather
from console.alerts.rules import STUCK, judge
from console.notice_rows import notice_rows
from console.web.desk import desk_of, page
from console.web.pictures import Exit, Node, oldest_note
from console.words import plural
from shared.events import stream_of
from shared.stores.dead_letters import DeadLetterStore
from shared.stores.feeds import FeedStore
from shared.stores.streams import StreamStore
from shared.stores.vitals import VitalStore
from shared.stores.work import WorkStore
from shared.topology import Stage

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.requests import Request
    from starlette.responses import Response

    from console.alerts.facts import Facts
    from console.web.desk import Desk

MINUTES = 60
SLOW = 15.0  # seconds of waiting after which a stage is painted as slow
TOP = 5


def overview(request: Request) -> Response:
    """Show the overview."""
    return page(request, "overview.html", **parts(desk_of(request)))


def parts(desk: Desk) -> dict[str, Any]:
    """Return all that the overview shows; also what its live updates show."""
    db = desk.database
    facts, minutes = gather(db, desk.settings), VitalStore(db).minutes(MINUTES)
    letters = DeadLetterStore(db)
    return {
        "now": facts.now,
        "causes": judge(facts),
        "nodes": _nodes(db, facts, minutes, desk.settings.topics),
        "published": [minute.get("stream:in", 0) for minute in minutes],
        "failed": [_sum([minute], ":dead") for minute in minutes],
        "delay": delay_words(minutes),
        "groups": letters.group_rows(most=TOP),
        "group_count": len(letters.facet("group")),
        "dead": facts.dead,
        "retries": WorkStore(db).count_retries(),
        "feeds": {"count": FeedStore(db).count(), **facts.feeds},
        "latest": latest(StreamStore(db), desk.settings.topics, TOP),
        "notices": notice_rows(db, 6),
        "published_at": facts.last_published,
    }


def _nodes(db: Any, facts: Facts, minutes: Sequence[dict[str, int]], topics: Sequence[str]) -> list[Node]:
    feeds = FeedStore(db).count()
    entries = sum(StreamStore(db).length(stream_of(topic)) for topic in topics)
    polled = [_rate(minutes[-6:-1], "poll:forwarded", "poll:dropped")]
    return [
        Node(name="Feeds", href="/feeds", count=feeds, note="watched", state="ok" if feeds else "idle", rate=polled[0]),
        *(_stage(stage, facts, minutes) for stage in Stage),
        Node(
            name="Stream", href="/articles", count=entries, note=plural(entries, "event") + " kept",
            trend=tuple(minute.get("stream:in", 0) for minute in minutes[-31:]),
        ),
    ]  # fmt: skip


def _stage(stage: Stage, facts: Facts, minutes: Sequence[dict[str, int]]) -> Node:
    found = facts.backlog[stage.value]
    waits = found["oldest"]
    state = "stuck" if waits > STUCK else "slow" if waits > SLOW else "ok"
    hour = _sum(minutes, f"{stage}:dead")
    return Node(
        name=stage.value.capitalize(),
        href=f"/recent?stage={stage}",
        count=int(found["due"] + found["leased"]),
        note=oldest_note(waits),
        state=state,
        rate=_rate(minutes[-6:-1], f"{stage}:forwarded"),
        oldest=waits,
        trend=tuple(minute.get(f"{stage}:forwarded", 0) for minute in minutes[-31:]),
        exits=(
            Exit(name="dropped", count=_sum(minutes, f"{stage}:dropped"), href=f"/recent?stage={stage}&ending=dropped"),
            Exit(name="retried", count=_sum(minutes, f"{stage}:retried"), href=f"/retries?q=stage:{stage}"),
            Exit(name="dead", count=hour, href=f"/failures?q=stage:{stage}"),
        ),
    )


def _sum(minutes: Sequence[dict[str, int]], *names: str) -> int:
    """Add up counters by their whole name, or by its end where that begins with a colon."""
    return sum(
        count
        for minute in minutes
        for field, count in minute.items()
        if any(field == name or (name.startswith(":") and field.endswith(name)) for name in names)
    )


def _rate(minutes: Sequence[dict[str, int]], *names: str) -> float:
    return _sum(minutes, *names) / max(len(minutes), 1)


def delay_words(minutes: Sequence[dict[str, int]]) -> dict[str, float]:
    """Return the median and the 95th percentile, as upper bounds in seconds, from an article's sight to its event."""
    counts: dict[float, int] = {}
    for minute in minutes:
        for field, count in minute.items():
            if field.startswith("stream:delay:"):
                bound = field.removeprefix("stream:delay:")
                key = float("inf") if bound == "more" else float(bound)
                counts[key] = counts.get(key, 0) + count
    return {"median": _quantile(counts, 0.5), "p95": _quantile(counts, 0.95)} if counts else {}


def _quantile(counts: dict[float, int], share: float) -> float:
    wanted, seen = share * sum(counts.values()), 0
    for bound in sorted(counts):
        seen += counts[bound]
        if seen >= wanted:
            return bound
    return 0.0


def latest(streams: StreamStore, topics: Sequence[str], most: int) -> list[dict[str, Any]]:
    """Return the newest published articles of all topics, newest first."""
    rows = [row for topic in topics for row in streams.newest(stream_of(topic), most)]
    newest = sorted(rows, key=lambda row: _order(row[0]), reverse=True)[:most]
    return [event_row(entry_id, fields) for entry_id, fields in newest]


def _order(entry_id: str) -> tuple[int, int]:
    at, _, number = entry_id.partition("-")
    return int(at), int(number)


def event_row(entry_id: str, fields: dict[str, str]) -> dict[str, Any]:
    """Return what lists show of an event."""
    data = json.loads(fields["data"])
    return {
        "id": data["article_id"],
        "entry": entry_id,
        "at": int(entry_id.partition("-")[0]) / 1000,
        "kind": fields["type"].split(".")[-2],
        "title": data.get("title") or data.get("url", ""),
        "site": data.get("site", ""),
        "url": data.get("url", ""),
        "language": data.get("language", ""),
        "probability": data.get("probability"),
        "published_at": data.get("published_at"),
        "tags": [tag for tag in data.get("tags", ()) if tag["facet"] != "relevance"],
    }
