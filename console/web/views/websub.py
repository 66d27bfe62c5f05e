"""Where WebSub hubs verify a subscription and push. The only route for strangers: its address cannot be guessed.

A push is a doorbell. Its body is read to check the signature and then forgotten; the feed is polled.
"""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool
from starlette.responses import PlainTextResponse

from console.web.desk import desk_of
from schedulers.core import FeedState
from schedulers.core.push import granted
from schedulers.registry import Registry
from workers.poll.core.websub import authentic, secret_for, token_for, verified

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

LARGEST_PUSH = 2_000_000  # bytes


async def verify(request: Request) -> Response:
    """Affirm a subscription that we asked for, and only that (WebSub 5.3)."""
    return await run_in_threadpool(_verify, request)


async def push(request: Request) -> Response:
    """Make a feed's next poll due if the signature proves the push; a false one is ignored (WebSub 7.1.2)."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_PUSH:
            return PlainTextResponse("too large", 413)
    return await run_in_threadpool(_push, request, bytes(body))


def _verify(request: Request) -> Response:
    registry = Registry(desk_of(request).database)
    feed_id, state = _subscribed(request, registry)
    if state is None:
        return PlainTextResponse("no such subscription", 404)
    wanted = bool(state.hub) and not state.paused
    answer = verified(request.query_params, topic=state.topic, wanted=wanted)
    if answer is None:
        return PlainTextResponse("not asked for", 404)
    after = granted(state, lease=answer.lease, now=registry.work.now())
    registry.feeds.put(feed_id, state.changes(after))
    return PlainTextResponse(answer.challenge)


def _push(request: Request, body: bytes) -> Response:
    registry = Registry(desk_of(request).database)
    feed_id, state = _subscribed(request, registry)
    if state is None:
        return PlainTextResponse("no such subscription", 410)
    secret = secret_for(feed_id, master=registry.feeds.push_key())
    if authentic(body, signature=request.headers.get("x-hub-signature", ""), secret=secret):
        registry.pushed(feed_id)
    return PlainTextResponse("", 202)


def _subscribed(request: Request, registry: Registry) -> tuple[str, FeedState | None]:
    """Return the feed that a callback address is for; None unless its last part is the one we made."""
    feed_id = request.path_params["feed"]
    expected = token_for(feed_id, master=registry.feeds.push_key())
    record = registry.feeds.get(feed_id)
    if not record or not hmac.compare_digest(expected.encode(), request.path_params["token"].encode()):
        return feed_id, None
    return feed_id, FeedState.from_fields(record)
