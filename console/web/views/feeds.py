"""Feeds: what is watched, in which state and why; one feed with all it remembers; pause, resume, poll now."""

from __future__ import annotations

from collections import Counter
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from console.feed_rows import STATES, page_of, row, rows
from console.query import parse
from console.web.desk import desk_of, message, page, see_other, visitor_of, whole
from schedulers.core import FeedState
from schedulers.registry import Registry, UnknownFeedError
from shared.stores.audit import Act, AuditStore
from shared.stores.dead_letters import DeadLetterStore
from shared.stores.feeds import FeedStore
from shared.stores.hosts import HostStore
from shared.stores.notices import NoticeStore
from shared.stores.vitals import VitalStore
from shared.urls import BadURLError, host

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.datastructures import FormData
    from starlette.requests import Request
    from starlette.responses import Response

    from console.query import Query
    from console.web.desk import Desk

PAGE = 100
QUALIFIERS = ("state", "host", "language", "reason")
MANY = 500  # feeds that are still read all for a list: about 50 ms
ACTS = {"pause": "feed paused", "resume": "feed resumed", "poll": "feed polled now", "unblock": "host asked again"}


def feeds(request: Request) -> Response:
    """List the feeds, those that need attention first."""
    desk, text = desk_of(request), request.query_params.get("q", "")
    query = parse(text, QUALIFIERS, words=True)
    start = whole(request.query_params.get("from", "0"))
    shown, count, counts = _listed(desk, query, start)
    return page(
        request, "feeds.html", rows=shown, count=count, total=FeedStore(desk.database).count(), start=start, size=PAGE,
        counts=counts, states=STATES, filter=text, complaints=query.complaints, now=VitalStore(desk.database).now(),
    )  # fmt: skip


def _listed(desk: Desk, query: Query, start: int) -> tuple[list[dict[str, Any]], int, Mapping[str, int]]:
    """Return a page of rows, how many match, and the numbers by state.

    Few feeds, or a filter by more than the state: all are read. Of many, the kept order gives the page.
    """
    store, vitals = FeedStore(desk.database), VitalStore(desk.database)
    now, health = vitals.now(), vitals.feed_health()
    state = query.qualifiers.get("state", "")
    by_state = not query.words and set(query.qualifiers) <= {"state"} and state in {"", *STATES}
    if store.count() > MANY and by_state and health:
        counts: Mapping[str, int] = health["counts"]
        count = counts[state] if state else sum(counts.values())
        return page_of(store, health, state, (start, PAGE), now), count, Counter(counts)
    every = rows(store, now=now, keep=lambda name, url: _named(name, url, query))
    found = [one for one in every if _matches(one, query.qualifiers)]
    found.sort(key=lambda one: (STATES.index(one["state"]), one["name"].lower()))
    return found[start : start + PAGE], len(found), Counter(one["state"] for one in every)


def _named(name: str, url: str, query: Query) -> bool:
    """Whether a feed's name and address hold what a filter wants of them."""
    text, wanted = f"{name} {url}".lower(), query.qualifiers.get("host", "").lower()
    return all(word.lower() in text for word in query.words) and (not wanted or wanted in _host(url))


def _matches(one: dict[str, Any], qualifiers: Mapping[str, str]) -> bool:
    return all(one[name] == qualifiers.get(name, one[name]) for name in ("state", "language", "reason"))


def _host(url: str) -> str:
    try:
        return host(url)
    except (BadURLError, ValueError):
        return ""


def feed(request: Request) -> Response:
    """Show one feed with all that is remembered of it."""
    desk, feed_id = desk_of(request), request.path_params["id"]
    store = FeedStore(desk.database)
    record = store.get(feed_id)
    if not record:
        return message(request, "No such feed", f"No feed has the id “{feed_id}”.", status=404)
    now = VitalStore(desk.database).now()
    state = FeedState.from_fields(record)
    notices = [one for one in NoticeStore(desk.database).newest(1_000) if one["about"] == feed_id][:20]
    letter = DeadLetterStore(desk.database).get(f"poll/{feed_id}")
    return page(
        request, "feed.html", feed=row(feed_id, record, now=now, next_at=store.next_poll(feed_id)), state=state,
        memory=_memory(state), notices=notices, letter=letter, host=_host(state.url),
        blocked=HostStore(desk.database).blocked_until(_host(state.url)), now=now,
    )  # fmt: skip


TIMES = frozenset(name for name in FeedState.__dataclass_fields__ if name.endswith(("_at", "_since", "_until")))


def _memory(state: FeedState) -> list[tuple[str, str, float | None]]:
    """Return name, value, and the moment where it is one, of all that is not at its default."""
    found: list[tuple[str, str, float | None]] = []
    for item in fields(state):
        value = getattr(state, item.name)
        if item.name == "url" or value == item.default or not value:
            continue
        text = ", ".join(map(str, sorted(value))) if isinstance(value, frozenset) else str(value)
        found.append((item.name.replace("_", " "), text, float(value) if item.name in TIMES else None))
    return found


def change(request: Request, form: FormData) -> Response:
    """Pause, resume or poll a feed, or ask its host again before its wish is over."""
    desk, feed_id, verb = desk_of(request), request.path_params["id"], str(form.get("verb", ""))
    registry = Registry(desk.database)
    what = ACTS.get(verb)
    if what is None:
        return message(request, "Nothing to do", f"There is no act “{verb}”.", status=400)
    try:
        moved = _do(registry, verb, feed_id)
    except UnknownFeedError as error:
        return message(request, "No such feed", str(error), status=404)
    who, why = visitor_of(request).name, str(form.get("why", ""))
    AuditStore(desk.database).write(Act(who=who, what=what, scope=feed_id, why=why, count=moved))
    return see_other(f"/feeds/{feed_id}")


def _do(registry: Registry, verb: str, feed_id: str) -> int:
    if verb == "pause":
        registry.pause(feed_id)
        return 1
    if verb == "resume":
        registry.resume(feed_id)
        return 1
    if verb == "unblock":
        url = registry.feeds.get(feed_id).get("u", "")
        return int(registry.hosts.unblock(_host(url)))
    return int(registry.poll_now(feed_id))
