"""Poll, the shell: asks for a feed in its host's turn; the cores say what is new and when to come back."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from schedulers.core import (
    Document,
    FeedState,
    HostAnswer,
    PollingPolicy,
    PollResult,
    after_poll,
    deferred_until,
    own_outage,
    reached_at,
    request_headers,
)
from schedulers.core.outage import KEEP, UNREACHED
from shared.errors import StageError
from shared.messages import FeedEntry, PageFound
from shared.outcomes import Defer, Drop, Forward, Notice, Outcome, Reason, Save
from shared.stores.hosts import FEEDS
from shared.urls import article_id, host
from workers.poll.core import Seen, body_hash, parse, unseen
from workers.poll.core.websub import Advertised, advertised
from workers.poll.subscribing import subscribe

if TYPE_CHECKING:
    from schedulers.core import Decision
    from shared.http_client import HTTPClient, Response
    from shared.messages import FeedDue
    from shared.settings import Settings
    from shared.stores.blobs import BlobStore
    from shared.stores.feeds import FeedStore
    from shared.stores.hosts import HostStore
    from workers.poll.core import Entry, ParsedFeed, Unseen

ACCEPT = (
    "application/rss+xml,application/atom+xml,application/feed+json,application/rdf+xml;q=0.9,"
    "application/xml;q=0.8,text/xml;q=0.8,*/*;q=0.1"
)
SUMMARY_MOST = 2_000
FULL_TEXT_LEAST = 600  # characters; less is a teaser and stays out of Redis
TAKEN_MOST = 1_000  # new entries of one poll; the rest stays unseen, behind no validator, and comes with the next
PERMANENT = frozenset({301, 308})
OK = 200


class Ports(Protocol):
    """What polling needs of the world."""

    @property
    def settings(self) -> Settings: ...  # noqa: D102
    @property
    def http(self) -> HTTPClient: ...  # noqa: D102
    @property
    def hosts(self) -> HostStore: ...  # noqa: D102
    @property
    def feeds(self) -> FeedStore: ...  # noqa: D102
    @property
    def entries(self) -> BlobStore: ...  # noqa: D102


@dataclass(frozen=True, kw_only=True)
class Poll:
    """What one request brought: for the schedule, and the entries that were not seen before."""

    result: PollResult
    fresh: Unseen | None = None


def poll(message: FeedDue, ports: Ports, *, now: float, slot: float | None = None) -> Outcome:
    """Poll a feed whose time has come."""
    record = ports.feeds.get(message.feed_id)
    if not record:
        return Drop(reason=Reason.DISCARDED, detail="the feed was removed")
    state = FeedState.from_fields(record)
    if state.paused:
        return Drop(reason=Reason.FEED_PAUSED)
    policy = _policy(ports.settings)
    spared = deferred_until(state, now=now, policy=policy)
    if spared is not None:
        return Defer(until=spared, why="an hour that the feed asks to be spared")
    turn = ports.hosts.turn(host(state.url), gap=ports.settings.host_gap, slot=slot, lane=FEEDS)
    if turn is not None:
        return Defer(until=turn, why="the host's turn")
    try:
        asked = _ask(message.feed_id, state, ports, now=now, policy=policy)
    finally:
        ports.hosts.leave(host(state.url), FEEDS)
    jitter = random.random()  # noqa: S311 - no secret
    decision = after_poll(state, asked.result, now=now, random=jitter, policy=policy)
    if decision.host_wait_until is not None:
        ports.hosts.block(host(state.url), decision.host_wait_until)
    decision = replace(decision, state=subscribe(message.feed_id, decision.state, ports, now=now))
    return _outcome(message.feed_id, state, asked, decision, ports, now=now)


def _policy(settings: Settings) -> PollingPolicy:
    return PollingPolicy(
        floor=settings.poll_floor,
        floor_unproven=settings.poll_floor_unproven,
        ceiling_news=settings.poll_ceiling,
        ceiling_idle=max(PollingPolicy().ceiling_idle, settings.poll_ceiling),
    )


def _ask(feed_id: str, state: FeedState, ports: Ports, *, now: float, policy: PollingPolicy) -> Poll:
    headers = request_headers(state, now=now, policy=policy)
    try:
        response = ports.http.get(state.url, headers=headers, accept=ACCEPT)
    except StageError as error:
        return Poll(result=_unanswered(state, error, ports, now=now))
    ports.hosts.answered(host(state.url), at=now, reached=True, keep=KEEP)
    result = PollResult(
        status=response.status,
        headers={name: response.headers[name] for name in response.headers},
        conditional=bool(headers),
        moved_to=_moved_to(response),
    )
    if response.status != OK:
        return Poll(result=result)
    return _read(feed_id, state, response, result, ports, now=now)


def _unanswered(state: FeedState, error: StageError, ports: Ports, *, now: float) -> PollResult:
    reached = error.reason not in UNREACHED
    ports.hosts.answered(host(state.url), at=now, reached=reached, keep=KEEP)
    answers = [HostAnswer(host=name, at=at, reached=came) for name, at, came in ports.hosts.answers()]
    return PollResult(
        failure=error.reason,
        ours=not reached and own_outage(answers, now=now),
        others_reached_at=reached_at(answers, besides=host(state.url)),
    )


def _read(feed_id: str, state: FeedState, response: Response, result: PollResult, ports: Ports, *, now: float) -> Poll:
    digest = body_hash(response.body)
    if digest == state.body_hash:
        return Poll(result=replace(result, body_hash=digest))
    content_type = response.headers.get("content-type", "")
    try:
        parsed = parse(response.body, url=response.url, now=now, content_type=content_type)
    except StageError as error:
        return Poll(result=replace(result, failure=error.reason))
    if parsed.children:
        return Poll(result=replace(result, failure=Reason.NOT_A_FEED))  # an index: its sitemaps are the feeds
    seen = Seen.decode(ports.feeds.seen(feed_id).get("known", ""))
    fresh = unseen(parsed.entries, seen, limit=TAKEN_MOST)
    hub = advertised(parsed, link_header=response.headers.get("link", ""), url=response.url)
    return Poll(result=replace(result, body_hash=digest, document=_document(parsed, fresh, hub)), fresh=fresh)


def _document(parsed: ParsedFeed, fresh: Unseen, hub: Advertised | None) -> Document:
    return Document(
        entries=len(parsed.entries),
        new=len(fresh.new),
        known=fresh.known,
        deferred=fresh.deferred,
        gap=fresh.gap,
        published=tuple(entry.published_at for entry in parsed.entries if entry.published_at is not None),
        ttl=parsed.ttl,
        skip_hours=parsed.skip_hours,
        skip_days=parsed.skip_days,
        hub=hub.hub if hub else "",
        topic=hub.topic if hub else "",
    )


def _moved_to(response: Response) -> str:
    hops = response.hops
    return response.url if hops and all(hop.status in PERMANENT for hop in hops) else ""


def _outcome(feed_id: str, state: FeedState, asked: Poll, decision: Decision, ports: Ports, *, now: float) -> Outcome:
    saves = [Save(record="feed", id=feed_id, fields=state.changes(decision.state))]
    messages: tuple[PageFound, ...] = ()
    if asked.fresh:
        saves.append(Save(record="seen", id=feed_id, fields={"known": asked.fresh.seen.encode()}))
        changed = {entry.key for entry in asked.fresh.changed}
        messages = tuple(
            _found(entry, feed_id, ports, now=now, changed=entry.key in changed)
            for entry in (*asked.fresh.new, *asked.fresh.changed)
            if entry.url
        )
    notices = tuple(Notice(kind=event.kind.value, about=feed_id, detail=event.detail) for event in decision.events)
    if messages:
        return Forward(messages=messages, saves=tuple(saves), again_at=decision.next_poll_at, notices=notices)
    reason = _nothing(asked.result, decision)
    return Drop(reason=reason, saves=tuple(saves), again_at=decision.next_poll_at, notices=notices)


def _nothing(result: PollResult, decision: Decision) -> Reason:
    """Say why a poll brought nothing. A failure is counted under its own reason; the feed's record has its history."""
    if result.failure:
        return result.failure
    if decision.state.reason:
        return Reason(decision.state.reason)
    return Reason.NOTHING_NEW if result.document or result.status == OK else Reason.NOT_MODIFIED


def _found(entry: Entry, feed_id: str, ports: Ports, *, now: float, changed: bool) -> PageFound:
    identity = article_id(entry.url)
    kept = ""
    if len(entry.content) >= FULL_TEXT_LEAST:
        kept = ports.entries.keep(identity, entry.content.encode())
    witness = FeedEntry(
        entry_id=entry.entry_id[:500],
        title=entry.title[:500],
        summary=entry.summary[:SUMMARY_MOST],
        published_at=entry.published_at,
        authors=entry.authors[:20],
        language=entry.language,
        content_key=kept,
    )
    why = "recheck" if changed else "new"
    return PageFound(article_id=identity, url=entry.url, feed_id=feed_id, found_at=now, entry=witness, why=why)
