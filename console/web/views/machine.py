"""What runs and who reads: workers, consumers, sites and the audit log."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from console import webhook_rows
from console.health import STILL, judge_pulses, signs
from console.query import parse
from console.web.desk import desk_of, page, whole
from shared.stores.audit import AuditStore
from shared.stores.groups import GroupStore
from shared.stores.notices import NoticeStore
from shared.stores.streams import StreamStore, public_streams
from shared.stores.vitals import VitalStore
from shared.stores.work import WorkStore

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from console.web.desk import Desk

ACTS = 100
SERVER = ("server_name", "valkey_version", "redis_version", "used_memory", "maxmemory", "aof_enabled",
          "aof_last_write_status", "connected_clients", "uptime_in_seconds")  # fmt: skip
RESTARTS = frozenset({"restarted", "killed"})


def workers(request: Request) -> Response:
    """Show each process with its last sign of life, and the server."""
    return page(request, "workers.html", **worker_parts(desk_of(request)))


def worker_parts(desk: Desk) -> dict[str, Any]:
    """Return what the workers screen shows; also what its live updates show."""
    vitals = VitalStore(desk.database)
    now, pulses = vitals.now(), vitals.pulses()
    books = WorkStore(desk.database).books()
    return {
        "now": now,
        "supervisors": sorted(vitals.processes().items()),
        "health": list(judge_pulses(pulses, now=now).values()),
        "still": STILL,
        "signs": {role: [(name, pulses.get(name, 0.0)) for name in signs(role)] for role in STILL},
        "server": {**dict.fromkeys(SERVER, ""), **vitals.server()},
        "lost": {name.partition(":")[0]: count for name, count in books.items() if name.endswith(":taken_back")},
        "restarts": [one for one in NoticeStore(desk.database).newest(300) if one["kind"] in RESTARTS][:20],
    }


def consumers(request: Request) -> Response:
    """Show the streams and who reads them, how far."""
    desk = desk_of(request)
    streams, groups = StreamStore(desk.database), GroupStore(desk.database)
    names = public_streams(desk.settings.topics, desk.settings.facet_streams)
    rows = [
        {"name": name, "extent": streams.extent(name), "groups": groups.states(name), "alarm": groups.alarm(name)}
        for name in names
    ]
    webhooks = webhook_rows.rows(desk.database, names)
    return page(request, "consumers.html", streams=rows, webhooks=webhooks, now=VitalStore(desk.database).now())


def audit(request: Request) -> Response:
    """Show who changed what, newest first."""
    desk, text = desk_of(request), request.query_params.get("q", "")
    query = parse(text, ("who", "via"), words=True)
    first = whole(request.query_params.get("from", "0"))
    store = AuditStore(desk.database)
    acts = store.acts(start=first, most=ACTS)
    found = [
        act for act in acts
        if query.qualifiers.get("who", act.who) == act.who and query.qualifiers.get("via", act.via) == act.via
        and all(word.lower() in f"{act.what} {act.scope} {act.why}".lower() for word in query.words)
    ]  # fmt: skip
    return page(
        request, "audit.html", acts=found, count=store.count(), start=first, size=ACTS, filter=text,
        filtered=bool(query.qualifiers or query.words), complaints=query.complaints,
        now=VitalStore(desk.database).now(),
    )  # fmt: skip
