"""The web console: its routes, behind the gate."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import FileResponse, PlainTextResponse
from starlette.routing import Route

from console.web.desk import HERE, asset_version, make_desk, message, page
from console.web.exposure import check_exposure
from console.web.guard import Guard, act
from console.web.views import (
    articles,
    failures,
    feeds,
    live,
    machine,
    outgoing,
    overview,
    probes,
    recent,
    retries,
    search,
    session,
    sites,
    websub,
)
from console.web.watch import watching
from shared.stores.connection import RedisError, connect

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.requests import Request
    from starlette.responses import Response

    from shared.settings import Settings
    from shared.stores.connection import Database

FOR_EVER = {"cache-control": "public, max-age=31536000, immutable"}


def make_app(settings: Settings, *, database: Database | None = None, watch: bool = False) -> Starlette:
    """Make the application; it connects on the first request. Raises ExposureError where it would be open to others.

    With `watch`, this process also judges the alerts, sends the notices and keeps the retention.
    """
    check_exposure(settings)
    desk = make_desk(settings, database or connect(settings.redis(), connections=40))

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        async with watching(desk, everything=watch):
            yield

    app = Starlette(
        routes=list(ROUTES),
        middleware=[Middleware(Guard, desk=desk)],
        exception_handlers={404: not_found, RedisError: no_server},
        lifespan=lifespan,
    )
    app.state.desk = desk
    return app


def static(request: Request) -> Response:
    """Answer with one of our own files, to be kept for ever under this version."""
    path = HERE / "static" / request.path_params["name"]
    if path.parent != HERE / "static" or not path.is_file():
        return PlainTextResponse("no such file", 404)
    fresh = request.path_params["version"] == asset_version()
    return FileResponse(path, headers=FOR_EVER if fresh else None)


def help_page(request: Request) -> Response:
    """Show the keys, the qualifiers and the words that the console uses."""
    return page(request, "help.html")


async def not_found(request: Request, _error: Exception) -> Response:
    """Answer in words."""
    if "rarewire.visitor" not in request.scope:
        return PlainTextResponse("not found", 404)
    return message(request, "There is no such page", f"“{request.url.path}” leads nowhere.", status=404)


async def no_server(_request: Request, error: Exception) -> Response:
    """Say that the state cannot be read; nothing is guessed."""
    text = f"The server that holds the state does not answer ({error}). This page comes back as soon as it does.\n"
    return PlainTextResponse(text, 503, headers={"refresh": "3"})


ROUTES = (
    Route("/", overview.overview),
    Route("/articles", articles.articles),
    act("/articles/fetch", articles.fetch_now),
    Route("/articles/{id}", articles.article),
    Route("/feed.{form}", outgoing.feed),
    Route("/recent", recent.recent),
    Route("/feeds", feeds.feeds),
    Route("/feeds/{id}", feeds.feed),
    act("/feeds/{id}/change", feeds.change),
    Route("/failures", failures.failures),
    Route("/failures/confirm", failures.confirm),
    act("/failures/move", failures.move),
    Route("/failures/{stage}/{id:path}", failures.letter),
    act("/edit/{stage}/{id:path}", failures.edit),
    Route("/retries", retries.retries),
    act("/retries/change", retries.change),
    Route("/consumers", machine.consumers),
    Route("/workers", machine.workers),
    Route("/sites", sites.sites),
    Route("/sites/{site}", sites.site),
    act("/sites/{site}/change", sites.change),
    Route("/audit", machine.audit),
    Route("/search", search.search),
    Route("/help", help_page),
    Route("/login", session.login_page, methods=["GET"]),
    act("/login", session.login, for_all=True),
    act("/logout", session.logout, for_all=True),
    Route("/websub/{feed}/{token}", websub.verify, methods=["GET"]),
    Route("/websub/{feed}/{token}", websub.push, methods=["POST"]),
    Route("/live", live.live),
    Route("/livez", probes.livez),
    Route("/readyz", probes.readyz),
    Route("/metrics", probes.metrics),
    Route("/static/{version}/{name}", static),
)
