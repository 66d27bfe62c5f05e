"""Fetch, the shell: waits for the host's turn, asks its robots.txt, then for the page, and keeps the page's bytes.

turn ──▶ robots.txt known? ──no──▶ ask for it; the page waits for the next turn
              │yes
              ▼
         get ──▶ judge_status ──▶ judge_page ──▶ forward, follow (twice at most) or drop
                                        └─ walled, and the feed has the full text: forward that
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from shared import urls
from shared.errors import RetryableError, StageError
from shared.http_client import DEADLINE
from shared.messages import PageFetched
from shared.outcomes import Defer, Drop, Forward, Keep, Outcome, Reason
from shared.stores.hosts import ARTICLES
from workers.fetch.core.content import wants_page
from workers.fetch.core.feed_text import feed_page
from workers.fetch.core.pages import Fetched, PageVerdict, judge_page
from workers.fetch.core.robots import READ, UNREACHABLE, Robots, as_text, from_text, judge_robots, robots_from
from workers.fetch.core.statuses import judge_status
from workers.fetch.core.walls import FEED_TEXT_SERVES
from workers.fetch.gone import MISSING, gone

if TYPE_CHECKING:
    from shared.http_client import HTTPClient, Response
    from shared.messages import PageFound
    from shared.settings import Settings
    from shared.stores.articles import ArticleStore
    from shared.stores.blobs import BlobStore
    from shared.stores.hosts import HostStore

FOLLOWED = 2  # meta refreshes and canonical links in a row
ROBOTS_DEADLINE = 10.0
ASK_AGAIN = 600.0  # seconds after which a page is tried again whose host did not answer for its robots.txt


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
    def entries(self) -> BlobStore: ...  # noqa: D102


@dataclass(frozen=True, kw_only=True)
class Page:
    """A page that was fetched and judged."""

    response: Response
    verdict: PageVerdict


def fetch(message: PageFound, ports: Ports, *, now: float, slot: float | None) -> Outcome:
    """Fetch the page that a feed announced."""
    name, origin = urls.host(message.url), urls.origin(message.url)
    kept = ports.hosts.robots(origin)
    robots = from_text(kept) if kept is not None else None
    said = judge_robots(robots, message.url) if robots else None
    if said and not said.allowed:
        return _forbidden(message, ports, now, for_now=said.for_now)
    gap = max(ports.settings.host_gap, said.delay or 0.0) if said else ports.settings.host_gap
    turn = ports.hosts.turn(name, gap=gap, slot=slot, lane=ARTICLES)
    if turn is not None:
        return Defer(until=turn, why="the host's turn")
    try:
        if robots is None:
            robots = _ask_robots(origin, ports)
            return Defer(until=_next_turn(name, gap, ports, now), why="the host's robots.txt was read first")
        return _end(message, _get(message, robots, ports, now), ports, now)
    finally:
        ports.hosts.leave(name, ARTICLES)


def _next_turn(name: str, gap: float, ports: Ports, now: float) -> float:
    return ports.hosts.turn(name, gap=gap) or now if gap else now


def _ask_robots(origin: str, ports: Ports) -> Robots:
    """Ask for /robots.txt and keep what it means; a host that cannot be reached is closed for now."""
    try:
        answer = ports.http.get(f"{origin}/robots.txt", accept="text/plain", limit=READ * 4, deadline=ROBOTS_DEADLINE)
        robots = robots_from(answer.status, answer.body)
    except RetryableError:
        robots = UNREACHABLE
    except StageError as error:
        # What will never be answered properly (a redirect loop, a file without end) is no robots.txt.
        robots = UNREACHABLE if error.reason is Reason.FORBIDDEN_ADDRESS else robots_from(404, b"")
    ports.hosts.keep_robots(origin, as_text(robots), seconds=robots.lifetime)
    return robots


def _forbidden(message: PageFound, ports: Ports, now: float, *, for_now: bool) -> Outcome:
    if for_now:
        raise RetryableError(Reason.ROBOTS, "the host does not answer for its robots.txt", retry_after=ASK_AGAIN)
    return _from_feed(message, Drop(reason=Reason.ROBOTS, detail="robots.txt disallows the page"), ports, now)


def _get(message: PageFound, robots: Robots, ports: Ports, now: float) -> Page | Drop:
    """The page, or how it ends; what the page itself points to is followed within the same deadline."""
    started, url = time.monotonic(), message.url
    for _ in range(FOLLOWED + 1):
        left = DEADLINE - (time.monotonic() - started)
        response = ports.http.get(url, deadline=left, wants_body=wants_page)
        dropped = _judge_answer(message, response, robots, ports, now)
        if dropped:
            return dropped
        verdict = judge_page(
            Fetched(
                asked=message.url,
                url=response.url,
                headers=response.headers,
                body=response.body,
                entry_title=message.entry.title,
            )
        )
        if not verdict.follow:
            return verdict.drop or Page(response=response, verdict=verdict)
        url = verdict.follow
    return Drop(reason=Reason.TOO_MANY_REDIRECTS, detail=f"more than {FOLLOWED} meta refreshes in a row")


def _judge_answer(message: PageFound, response: Response, robots: Robots, ports: Ports, now: float) -> Drop | None:
    """How the status ends the fetch, if it does; a host that asks for time is left alone by all workers."""
    if response.url != message.url and not _welcome(message, response.url, robots, ports):
        return Drop(reason=Reason.ROBOTS, detail="robots.txt disallows where the page was redirected to")
    try:
        return judge_status(response.status, response.headers, now=now)
    except RetryableError as error:
        if error.reason is Reason.RATE_LIMITED and error.retry_after:
            ports.hosts.block(urls.host(response.url), now + error.retry_after)
        if error.reason is Reason.NOT_FOUND and message.why == "recheck":
            return Drop(reason=Reason.NOT_FOUND, detail="status 404")
        raise


def _welcome(message: PageFound, url: str, robots: Robots, ports: Ports) -> bool:
    """Whether robots.txt allows the URL that was led to; on another origin by what is known of it, without asking."""
    if urls.origin(url) != urls.origin(message.url):
        kept = ports.hosts.robots(urls.origin(url))
        robots = from_text(kept) if kept is not None else Robots(kind="open")
    found = judge_robots(robots, url)
    return found.allowed or found.for_now


def _end(message: PageFound, page: Page | Drop, ports: Ports, now: float) -> Outcome:
    """The outcome of the fetch."""
    if isinstance(page, Page):
        return _forward(message, page, now)
    if message.why == "recheck" and page.reason in MISSING:
        return gone(message, page.reason, ports.articles, now=now)
    return _from_feed(message, page, ports, now)


def _from_feed(message: PageFound, drop: Drop, ports: Ports, now: float) -> Outcome:
    """The full text that the feed carries, where the page's own is behind a wall; else the drop."""
    if drop.reason not in FEED_TEXT_SERVES or not message.entry.content_key:
        return drop
    content = ports.entries.read(message.entry.content_key)
    if content is None:
        return drop
    entry = message.entry
    body = feed_page(content.decode("utf-8", "replace"), title=entry.title, language=entry.language)
    fetched = _fetched(message, now).model_copy(update={"content_source": "feed", "content_type": "text/html"})
    return Forward(
        messages=(fetched,),
        keeps=(Keep(family="page", id=message.article_id, data=body),),
        note={"content_source": "feed", "wall": drop.reason.value},
    )


def _forward(message: PageFound, page: Page, now: float) -> Forward:
    response, verdict = page.response, page.verdict
    fetched = _fetched(message, now).model_copy(
        update={
            "final_url": response.url,
            "content_type": response.headers.get("content-type", "")[:200],
            "charset": verdict.charset,
            "rights": verdict.rights,
        }
    )
    note = {"status": str(response.status), "bytes": str(len(response.body)), "hops": str(len(response.hops))}
    return Forward(
        messages=(fetched,), keeps=(Keep(family="page", id=message.article_id, data=response.body),), note=note
    )


def _fetched(message: PageFound, now: float) -> PageFetched:
    return PageFetched(
        article_id=message.article_id,
        url=message.url,
        final_url=message.url,
        feed_id=message.feed_id,
        found_at=message.found_at,
        fetched_at=now,
        page_key=message.article_id,
        charset="utf-8",
        entry=message.entry,
        why=message.why,
    )
