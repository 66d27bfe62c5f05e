"""The web console's routes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from console.overview import overview
from shared.stores.connection import RedisError, connect

if TYPE_CHECKING:
    from starlette.requests import Request

    from shared.settings import Settings


def make_app(settings: Settings) -> Starlette:
    """Make the application; it connects on the first request."""
    database = connect(settings.redis())

    async def status(_request: Request) -> Response:
        try:
            return JSONResponse(await run_in_threadpool(overview, database))
        except RedisError as error:
            return JSONResponse({"error": f"the server does not answer: {error}"}, status_code=503)

    return Starlette(routes=[Route("/", status)])
