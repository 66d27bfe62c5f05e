"""For machines: /livez, /readyz and /metrics."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse, PlainTextResponse

from console.alerts.facts import gather
from console.web.desk import desk_of
from shared.metrics import CONTENT_TYPE, expose
from shared.stores.connection import RedisError
from shared.stores.vitals import VitalStore
from shared.topology import Stage

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

PATIENCE = 60.0  # seconds in which due work must have been taken up


def livez(request: Request) -> Response:
    """Say whether work was done lately or there was none; 503 if work waits and nobody takes it."""
    desk = desk_of(request)
    try:
        facts = gather(desk.database, desk.settings)
        pulses = VitalStore(desk.database).pulses()
    except RedisError as error:
        return JSONResponse({"alive": False, "why": f"the server does not answer: {error}"}, 503)
    stuck = {
        stage.value: round(facts.backlog[stage]["oldest"], 1)
        for stage in Stage
        if facts.backlog[stage]["oldest"] > PATIENCE and facts.now - pulses.get(stage.value, 0.0) > PATIENCE
    }
    told: dict[str, Any] = {"alive": not stuck, "stuck": stuck}
    return JSONResponse(told, 503 if stuck else 200)


def readyz(request: Request) -> Response:
    """Say whether the server that holds the state answers."""
    try:
        VitalStore(desk_of(request).database).answers()
    except RedisError as error:
        return JSONResponse({"ready": False, "server": f"it does not answer: {error}"}, 503)
    return JSONResponse({"ready": True, "server": "answers"})


def metrics(request: Request) -> Response:
    """Answer Prometheus; computed from the counters in Redis at each request, so that nothing grows here."""
    desk = desk_of(request)
    try:
        text = expose(desk.database, desk.settings.topics, desk.settings.facet_streams)
    except RedisError as error:
        return PlainTextResponse(f"the server does not answer: {error}", 503)
    return PlainTextResponse(text, headers={"content-type": CONTENT_TYPE})
