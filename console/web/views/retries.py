"""Waiting retries: failed work that will be tried again by itself, and when; hurried or given up by an operator."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from console.query import parse
from console.web.desk import desk_of, message, page, see_other, visitor_of
from shared.stores.audit import Act, AuditStore
from shared.stores.vitals import VitalStore
from shared.stores.work import WorkStore
from shared.urls import BadURLError, host

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.datastructures import FormData
    from starlette.requests import Request
    from starlette.responses import Response

PAGE = 100
LOOKED_AT = 1_000  # waiting retries that a filter looks through, soonest first
QUALIFIERS = ("stage", "reason", "host")
MOST_NAMES = 1_000


def retries(request: Request) -> Response:
    """List them, soonest first."""
    desk, text = desk_of(request), request.query_params.get("q", "")
    query = parse(text, QUALIFIERS)
    work = WorkStore(desk.database)
    found, total = waiting(work, query.qualifiers), work.count_retries()
    return page(
        request, "retries.html", rows=found[:PAGE], matched=len(found), total=total, filter=text,
        partial=bool(query.qualifiers) and total > LOOKED_AT, looked_at=LOOKED_AT, filtered=bool(query.qualifiers),
        complaints=query.complaints, now=VitalStore(desk.database).now(), size=PAGE,
    )  # fmt: skip


def waiting(work: WorkStore, qualifiers: Any) -> list[dict[str, Any]]:
    """Return waiting retries as rows, those that match; a filter looks through the soonest thousand."""
    rows = [_row(found) for found in work.retries(most=LOOKED_AT if qualifiers else PAGE)]
    return [row for row in rows if all(row[name] == value for name, value in qualifiers.items())]


def _row(found: dict[str, Any]) -> dict[str, Any]:
    url = found["message"].get("final_url") or found["message"].get("url", "")
    last = found["attempts"][-1] if found["attempts"] else {}
    try:
        name = host(url) if url else ""
    except (BadURLError, ValueError):
        name = ""
    return {
        **found, "name": f"{found['stage']}/{found['id']}", "url": url, "host": name, "reason": last.get("reason", ""),
        "text": last.get("text", ""), "failed_at": last.get("at", 0.0),
    }  # fmt: skip


def change(request: Request, form: FormData) -> Response:
    """Make retries due now, or end them."""
    desk = desk_of(request)
    names: Sequence[str] = [str(name) for name in form.getlist("name")][:MOST_NAMES]
    if not names:
        return message(request, "Nothing was chosen", "Choose retries first; nothing was changed.", status=400)
    give_up = form.get("verb") == "give_up"
    what = "retries given up" if give_up else "retries hurried"
    audit = AuditStore(desk.database)
    scope = names[0] if len(names) == 1 else f"{len(names)} chosen retries"
    act = audit.open(Act(who=visitor_of(request).name, what=what, scope=scope, why=str(form.get("why", ""))))
    WorkStore(desk.database).hurry(names, "give_up" if give_up else "hurry", audit=act)
    audit.close(act)
    return see_other("/retries")
