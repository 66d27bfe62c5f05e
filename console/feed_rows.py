"""Feeds as rows for people: a state in one word, why it is in it, what comes next; and the summary of all of them."""

from __future__ import annotations

from heapq import heappush, heappushpop
from typing import TYPE_CHECKING, Any

from console.words import DAY, ago, duration, meaning
from schedulers.core import FeedState

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from shared.stores.feeds import FeedStore

STATES = ("failing", "silent", "parked", "waiting", "new", "ok", "paused")  # those that need attention first
FAILING_AT = 3.0  # error weight, as in the polling policy
SILENT_LEAST, SILENT_GAPS = 3.0 * DAY, 10.0
NEVER_NEW = 7.0 * DAY
LISTED, QUIET = 50, 200


def row(feed_id: str, record: Mapping[str, str], *, now: float, next_at: float | None = None) -> dict[str, Any]:
    """Return what lists show of a feed; times are epoch seconds, 0 for never."""
    state = FeedState.from_fields(record)
    word, why = judge(state, now=now)
    return {
        "id": feed_id,
        "name": record.get("name") or state.url.partition("://")[2],
        "url": state.url,
        "language": record.get("language", ""),
        "state": word,
        "why": why,
        "next_at": next_at or 0.0,
        "new_at": state.new_at,
        "ok_at": state.ok_at,
        "asked_at": state.asked_at,
        "errors": state.errors,
        "reason": state.reason,
        "wait_until": state.wait_until if state.wait_until > now else 0.0,
        "pace": state.rate_entries / state.rate_seconds * DAY if state.rate_seconds > 0 else 0.0,
        "pushed": state.lease_until > now,
    }


def judge(state: FeedState, *, now: float) -> tuple[str, str]:
    """Return a feed's state in one word, and why."""
    quiet = now - state.new_at if state.new_at else 0.0
    cause = meaning(state.reason).title if state.reason else ""
    since = f" for {duration(now - state.failing_since)}" if state.failing_since else ""
    told = (
        (state.paused, "paused", "an operator paused it"),
        (state.parked_at, "parked", "the server says that it is gone; it is asked once a month"),
        (not state.asked_at, "new", "not polled yet"),
        (
            state.wait_until > now,
            "waiting",
            f"the server asked us to wait; its time is over {ago(state.wait_until, now)}",
        ),
        (state.errors >= FAILING_AT, "failing", f"failing{since}: {cause}"),
        (quiet > patience_of(state), "silent", f"no new entry for {duration(quiet)}; usual is {duration(_gap(state))}"),
        (state.errors, "ok", f"the last poll failed: {cause}"),
    )
    return next(((word, why) for so, word, why in told if so), ("ok", "answers"))


def patience_of(state: FeedState) -> float:
    """Seconds without a new entry after which a feed counts as silent: ten of its usual gaps, three days at least."""
    return max(SILENT_LEAST, SILENT_GAPS * _gap(state))


def _gap(state: FeedState) -> float:
    return state.rate_seconds / state.rate_entries if state.rate_entries > 0 else NEVER_NEW


def summary(feeds: Iterable[tuple[str, Mapping[str, str]]], *, now: float) -> tuple[dict[str, Any], list[str]]:
    """Return the summary of all feeds, and their ids in the order that lists show them.

    The summary: numbers by state, the silent and the failing ones (50 at most), and who was quiet longest (200).
    """
    counts = dict.fromkeys(STATES, 0)
    listed: dict[str, list[dict[str, str]]] = {"silent": [], "failing": []}
    quiet: list[tuple[float, str]] = []  # a heap of the feeds whose last new entry is oldest, negated
    order: list[tuple[int, str, str]] = []
    for feed_id, record in feeds:
        found = row(feed_id, record, now=now)
        counts[found["state"]] += 1
        order.append((STATES.index(found["state"]), found["name"].lower(), feed_id))
        if found["new_at"]:
            (heappush if len(quiet) < QUIET else heappushpop)(quiet, (-found["new_at"], feed_id))
        some = listed.get(found["state"])
        if some is not None and len(some) < LISTED:
            some.append({"id": feed_id, "name": found["name"], "why": found["why"]})
    by_age = [(feed_id, -at) for at, feed_id in sorted(quiet, reverse=True)]
    return {"at": round(now), "counts": counts, "quiet": by_age, **listed}, [feed_id for *_, feed_id in sorted(order)]


def page_of(
    store: FeedStore, health: Mapping[str, Any], state: str, stretch: tuple[int, int], now: float
) -> list[dict[str, Any]]:
    """Return a stretch (start, most) of the kept order, of all feeds or of one state, with what is so of each now."""
    counts: Mapping[str, int] = health.get("counts", {})
    before = sum(counts.get(name, 0) for name in STATES[: STATES.index(state)]) if state else 0
    left = counts.get(state, 0) - stretch[0] if state else stretch[1]
    ids = store.ordered(before + stretch[0], min(stretch[1], left)) if left > 0 else []
    planned = store.next_polls(ids)
    return [row(feed_id, record, now=now, next_at=planned.get(feed_id)) for feed_id, record in store.some(ids)]


def rows(
    store: FeedStore, *, now: float, keep: Callable[[str, str], bool] = lambda _name, _url: True
) -> list[dict[str, Any]]:
    """Return feeds as rows, those whose name and address are to be kept."""
    ids = [feed_id for feed_id, name, url in store.texts() if keep(name, url)]
    planned = store.next_polls(ids)
    return [row(feed_id, record, now=now, next_at=planned.get(feed_id)) for feed_id, record in store.some(ids)]


__all__ = ["STATES", "judge", "page_of", "patience_of", "row", "rows", "summary"]
