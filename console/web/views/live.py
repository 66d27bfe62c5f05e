"""Live pages by server-sent events: parts of a screen are rendered again, and sent when they have changed."""

from __future__ import annotations

import asyncio
import hashlib
import json
from typing import TYPE_CHECKING, Any

from starlette.concurrency import run_in_threadpool
from starlette.responses import PlainTextResponse, StreamingResponse

from console.web.desk import desk_of, render, visitor_of
from console.web.views import machine, overview
from shared.stores.connection import RedisError
from shared.stores.streams import StreamStore
from shared.stores.vitals import VitalStore

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from starlette.requests import Request
    from starlette.responses import Response

    from console.web.desk import Desk

EVERY = 2.0
LONGEST = 1_800.0  # seconds; the browser connects again, and its login is looked at again
MOST_AT_ONCE = 40

_open = 0


def _articles(desk: Desk) -> dict[str, Any]:
    rows = overview.latest(StreamStore(desk.database), desk.settings.topics, 50)
    return {"rows": rows, "now": VitalStore(desk.database).now()}


# screen -> what it shows, and its parts: element id -> template
LIVE: dict[str, tuple[Callable[[Desk], dict[str, Any]], dict[str, str]]] = {
    "overview": (
        overview.parts,
        {"live-now": "parts/now.html", "live-flow": "parts/flow.html", "live-side": "parts/side.html"},
    ),
    "articles": (_articles, {"live-articles": "parts/article_rows.html"}),
    "workers": (machine.worker_parts, {"live-workers": "parts/processes.html"}),
}


def draw(desk: Desk, screen: str, *, may_act: bool) -> dict[str, str]:
    """Render the live parts of a screen: element id to markup."""
    collect, templates = LIVE[screen]
    values = {**collect(desk), "may_act": may_act}
    return {name: render(template, **values) for name, template in templates.items()}


async def live(request: Request) -> Response:
    """Send a screen's parts as they change."""
    screen = request.query_params.get("screen", "")
    if screen not in LIVE:
        return PlainTextResponse("no such live screen", 404)
    if _open >= MOST_AT_ONCE:
        return PlainTextResponse("too many live pages are open", 503)
    headers = {"x-accel-buffering": "no"}
    return StreamingResponse(_events(request, screen), media_type="text/event-stream", headers=headers)


async def _events(request: Request, screen: str) -> AsyncIterator[str]:
    global _open  # noqa: PLW0603 - one number for the process: how many pages listen
    _open += 1
    sent: dict[str, str] = {}
    try:
        yield "retry: 3000\n\n"
        for _ in range(int(LONGEST / EVERY)):
            if await request.is_disconnected():
                return
            yield await _changes(request, screen, sent)
            await asyncio.sleep(EVERY)
    finally:
        _open -= 1


async def _changes(request: Request, screen: str, sent: dict[str, str]) -> str:
    """Return one event with the parts that changed since; `sent` remembers their hashes."""
    try:
        parts = await run_in_threadpool(draw, desk_of(request), screen, may_act=visitor_of(request).may_act)
    except RedisError:
        return "event: trouble\ndata: the server does not answer\n\n"
    changed = {}
    for name, markup in parts.items():
        digest = hashlib.sha256(markup.encode()).hexdigest()
        if sent.get(name) != digest:
            sent[name] = digest
            changed[name] = markup
    return f"event: parts\ndata: {json.dumps(changed)}\n\n" if changed else ": nothing new\n\n"
