"""What a feed holds, or which feeds a page names, asked once; nothing is stored."""

from __future__ import annotations

import time
from importlib.metadata import version
from typing import Any

from shared.errors import PermanentError
from shared.events import rfc3339
from shared.http_client import HTTPClient, Reach, user_agent
from shared.outcomes import Reason
from shared.settings import settings
from shared.urls import canonical
from workers.poll.core import parse
from workers.poll.core.discovery import feeds_in_page
from workers.poll.step import ACCEPT, OK

SHOWN = 10


def check_feed(url: str) -> dict[str, Any]:
    """Return format, title and newest entries of the feed at a URL, or the `feeds` that the page there names.

    Raises BadURLError or StageError.
    """
    chosen = settings()
    reach = Reach(ports=frozenset(chosen.ports), allow_loopback=chosen.allow_loopback)
    with HTTPClient(agent=user_agent(version("rarewire"), chosen.contact), reach=reach) as client:
        response = client.get(canonical(url), accept=ACCEPT)
    if response.status != OK:
        raise PermanentError(Reason.CLIENT_ERROR, f"status {response.status}")
    content_type = response.headers.get("content-type", "")
    try:
        parsed = parse(response.body, url=response.url, now=time.time(), content_type=content_type)
    except PermanentError:
        found = feeds_in_page(response.body.decode("utf-8", "replace"), url=response.url)
        if not found:
            raise
        return {"url": response.url, "format": "page", "feeds": [one.url for one in found], "count": 0, "entries": []}
    return {
        "url": response.url,
        "format": parsed.version,
        "title": parsed.title,
        "language": parsed.language,
        "hubs": list(parsed.hubs),
        "feeds": list(parsed.children),
        "count": len(parsed.entries),
        "entries": [
            {"title": entry.title, "url": entry.url, "published_at": rfc3339(entry.published_at)}
            for entry in parsed.entries[:SHOWN]
        ],
    }


def feed_at(url: str) -> str:
    """The address of the feed at a URL: itself, or the first that the page there names.

    Raises BadURLError or StageError, NOT_A_FEED where there is neither.
    """
    found = check_feed(url)
    feeds: list[str] = found.get("feeds") or [found["url"]]
    return feeds[0]
