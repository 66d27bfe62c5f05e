"""/feed.atom and /feed.json: the newest articles that stand, for feed readers."""

from __future__ import annotations

from functools import cache
from importlib.metadata import version
from itertools import chain, islice
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from starlette.responses import PlainTextResponse, Response

from console.outgoing import atom, jsonfeed
from console.outgoing.atom import Channel
from console.outgoing.caching import validators
from console.outgoing.choosing import FilterError, Wanted, choose, feed_id
from console.web.desk import desk_of
from shared.entry_ids import moment
from shared.events import stream_of
from shared.stores.streams import StreamStore
from shared.stores.vitals import VitalStore

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request

    from console.web.desk import Desk

LOOKED_AT = 2_000  # events that a filter looks through, newest first
MOST_TAGS = 20
# A reader may keep it, and asks each time whether it is still so; nobody else may.
KEEP = {"cache-control": "private, no-cache", "vary": "authorization, cookie"}
FORMS = {"atom": (atom.atom, atom.CONTENT_TYPE), "json": (jsonfeed.jsonfeed, jsonfeed.CONTENT_TYPE)}


def feed(request: Request) -> Response:
    """Answer with the feed that the query asks for, or with 304 where the reader has it."""
    desk, form = desk_of(request), request.path_params["form"]
    if form not in FORMS:
        return PlainTextResponse("there are /feed.atom and /feed.json", 404)
    try:
        wanted = _wanted(request, desk)
    except FilterError as error:
        return PlainTextResponse(str(error), 404)
    entries = islice(StreamStore(desk.database).backwards(stream_of(wanted.topic)), LOOKED_AT)
    newest = list(islice(entries, 1))
    items = choose((fields for _, fields in chain(newest, entries)), wanted, most=desk.settings.feed_items)
    make, content_type = FORMS[form]
    body = make(_channel(request, desk, wanted), items)
    changed = moment(newest[0][0]) if newest else 0.0
    held = validators(body, changed=changed, now=VitalStore(desk.database).now())
    fields = {**KEEP, **held.fields}
    asked = request.headers
    if held.unchanged(if_none_match=asked.get("if-none-match"), if_modified_since=asked.get("if-modified-since")):
        return Response(status_code=304, headers=fields)
    return Response(body, headers={**fields, "content-type": content_type})


def feed_query(qualifiers: Mapping[str, str]) -> str | None:
    """Return the query of the feed that a filter of the articles screen describes; None where no feed has its like."""
    tag = qualifiers.get("tag", "")
    if set(qualifiers) - {"tag", "language"} or (tag and ":" not in tag):
        return None
    return f"?{urlencode(qualifiers)}" if qualifiers else ""


def _wanted(request: Request, desk: Desk) -> Wanted:
    """Return what the query asks for. Raises FilterError."""
    query, topics = request.query_params, desk.settings.topics
    topic = query.get("topic") or (topics[0] if topics else "")
    if topic not in topics:
        raise FilterError(f"topic={topic} is not published here; there are {', '.join(topics)}")
    tags = tuple(dict.fromkeys(query.getlist("tag")))
    if len(tags) > MOST_TAGS:
        raise FilterError(f"at most {MOST_TAGS} tags")
    return Wanted(topic=topic, tags=tags, language=query.get("language", "")[:20])


def _channel(request: Request, desk: Desk, wanted: Wanted) -> Channel:
    """Return the feed's head; its address is without a token, so that it can be shown."""
    base = (desk.settings.console_url or str(request.base_url)).rstrip("/")
    words = wanted.topic.replace("_", " ")
    query = [pair for pair in request.query_params.multi_items() if pair[0] in {"topic", "tag", "language"}]
    return Channel(
        id=feed_id(wanted),
        title=f"rarewire: {words}" + (f" ({wanted.words})" if wanted.words else ""),
        url=base + request.url.path + (f"?{urlencode(query)}" if query else ""),
        home=f"{base}/articles",
        version=_version(),
        full_text=desk.settings.feed_full_text,
    )


@cache
def _version() -> str:
    return version("rarewire")
