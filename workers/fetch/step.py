"""Fetch, the shell: waits for the host's turn, asks for the page, keeps its bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from shared.errors import RetryableError
from shared.messages import PageFetched
from shared.outcomes import Defer, Forward, Outcome, Reason
from shared.urls import host
from workers.fetch.core.statuses import judge_status
from workers.fetch.gone import gone

if TYPE_CHECKING:
    from shared.http_client import HTTPClient
    from shared.messages import PageFound
    from shared.settings import Settings
    from shared.stores.articles import ArticleStore
    from shared.stores.blobs import BlobStore
    from shared.stores.hosts import HostStore


class Ports(Protocol):
    """What fetching needs of the world."""

    @property
    def settings(self) -> Settings: ...  # noqa: D102
    @property
    def http(self) -> HTTPClient: ...  # noqa: D102
    @property
    def hosts(self) -> HostStore: ...  # noqa: D102
    @property
    def articles(self) -> ArticleStore: ...  # noqa: D102
    @property
    def pages(self) -> BlobStore: ...  # noqa: D102


def fetch(message: PageFound, ports: Ports, *, now: float, slot: float | None) -> Outcome:
    """Fetch the page that a feed announced."""
    name = host(message.url)
    turn = ports.hosts.turn(name, gap=ports.settings.host_gap, slot=slot)
    if turn is not None:
        return Defer(until=turn, why="the host's turn")
    response = ports.http.get(message.url)
    try:
        drop = judge_status(response.status, response.headers, now=now)
    except RetryableError as error:
        if error.reason is Reason.RATE_LIMITED and error.retry_after:
            ports.hosts.block(name, now + error.retry_after)
        if error.reason is Reason.NOT_FOUND and message.why == "recheck":
            return gone(message, error.reason, ports.articles, now=now)
        raise
    if drop is not None:
        retracts = drop.reason is Reason.GONE and message.why == "recheck"
        return gone(message, drop.reason, ports.articles, now=now) if retracts else drop
    key = ports.pages.keep(message.article_id, response.body)
    fetched = PageFetched(
        article_id=message.article_id,
        url=message.url,
        final_url=response.url,
        feed_id=message.feed_id,
        found_at=message.found_at,
        fetched_at=now,
        page_key=key,
        content_type=response.headers.get("content-type", ""),
        entry=message.entry,
        why=message.why,
    )
    return Forward(messages=(fetched,), note={"status": str(response.status), "bytes": str(len(response.body))})
