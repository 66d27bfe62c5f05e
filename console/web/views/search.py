"""The search box of every page: a URL or an id in, the trace out; and in words, where nothing is known of it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote

from console.feed_rows import rows
from console.query import parse
from console.web.desk import desk_of, page, see_other
from shared.stores.articles import ArticleStore
from shared.stores.dead_letters import FACETS, DeadLetterStore
from shared.stores.feeds import FeedStore
from shared.stores.vitals import VitalStore
from shared.urls import BadURLError, article_id, canonical, feed_id, site

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from console.web.desk import Desk

LONGEST = 2_100
LOOKS_LIKE_HOST = re.compile(r"^[\w.-]+\.[a-z]{2,}(/|$|:|\?)", re.IGNORECASE)


def search(request: Request) -> Response:
    """Lead to what is meant, or say in words why nothing is known of it."""
    text = request.query_params.get("s", "").strip()[:LONGEST]
    desk = desk_of(request)
    known = _known(desk, text)
    if known:
        return see_other(known)
    query = parse(text, FACETS)
    if query.qualifiers and not query.words:
        return see_other("/failures", q=text)
    url = _url(text)
    return _unknown(request, desk, text, url)


def _known(desk: Desk, text: str) -> str:
    """Return the page of an article, feed or dead letter that the text names, or an empty text."""
    articles, feeds = ArticleStore(desk.database), FeedStore(desk.database)
    url = _url(text)
    identity = article_id(url) if url else text
    if re.fullmatch(r"[\w.:-]{1,300}", identity):
        if articles.get(identity):
            return f"/articles/{quote(identity)}"
        if feeds.get(identity):
            return f"/feeds/{quote(identity)}"
    if url and feeds.get(feed_id(url)):
        return f"/feeds/{feed_id(url)}"
    if re.fullmatch(r"[a-z]+/[\w.:-]{1,300}", text) and DeadLetterStore(desk.database).get(text):
        return f"/failures/{quote(text)}"
    return ""


def _url(text: str) -> str:
    """Return the canonical URL that a person means, scheme or not; an empty text where it is none."""
    if "://" not in text and LOOKS_LIKE_HOST.match(text):
        text = f"https://{text}"
    if "://" not in text:
        return ""
    try:
        return canonical(text)
    except BadURLError:
        return ""


def _unknown(request: Request, desk: Desk, text: str, url: str) -> Response:
    """Say what is known of the site, and that no feed announced the page."""
    now = VitalStore(desk.database).now()
    name = site(url) if url else ""
    feeds = rows(FeedStore(desk.database), now=now, keep=lambda _name, address: name in address) if name else []
    return page(
        request, "unknown.html", status=404, search=text, text=text, url=url, site=name, feeds=feeds[:20],
        article=article_id(url) if url else "", now=now,
    )  # fmt: skip
