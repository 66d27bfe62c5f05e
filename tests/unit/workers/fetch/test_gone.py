"""When a page that is no longer there takes its article back, and what consumers are told."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import pytest

from shared.events import RETRACTED
from shared.messages import PageFound
from shared.outcomes import Reason
from workers.fetch.gone import LOOK_AGAIN, MISSING, gone

NOW = 1_790_000_000.0
STANDS = {
    "url": "https://e.org/1", "title": "T", "found_at": "1789900000", "version:rare_earth": "2", "stands:rare_earth": "1",
    "streams:rare_earth": "rarewire:rare-earth:v1:only:plants", "version:lithium": "1", "stands:lithium": "1",
    "version:cobalt": "2", "stands:cobalt": "0",
}  # fmt: skip


def page(missing: int = 0) -> PageFound:
    return PageFound(
        article_id="a1", url="https://e.org/1", feed_id="f", found_at=NOW - 1, why="recheck", missing=missing
    )


def end(reason: Reason, *, missing: int = 0, record: dict[str, str] | None = None) -> Any:
    articles: Any = SimpleNamespace(get=lambda _id: STANDS if record is None else record)
    return gone(page(missing), reason, articles, now=NOW)


@pytest.mark.parametrize("reason", [Reason.NOT_FOUND, Reason.SOFT_404])
def test_a_page_that_is_not_found_is_looked_for_once_more_an_hour_later(reason: Reason) -> None:
    drop = end(reason)
    (later,) = drop.later
    assert (later.at, later.message) == (NOW + LOOK_AGAIN, page(1))
    assert (drop.events, drop.saves, drop.reason) == ((), (), reason)


@pytest.mark.parametrize(("reason", "missing"), [(Reason.GONE, 0), (Reason.NOT_FOUND, 1), (Reason.SOFT_404, 1)])
def test_a_page_that_is_gone_takes_its_article_back_on_every_topic_it_stands_on(reason: Reason, missing: int) -> None:
    drop = end(reason, missing=missing)
    assert drop.later == ()
    told = {event.topic: event for event in drop.events}
    assert set(told) == {"rare_earth", "lithium"}
    assert {event.type for event in drop.events} == {RETRACTED}
    assert (told["rare_earth"].version, told["lithium"].version) == (3, 2)
    assert told["rare_earth"].also == ("rarewire:rare-earth:v1:only:plants",)
    assert json.loads(told["rare_earth"].data) == {
        "article_id": "a1", "version": 3, "topic": "rare_earth", "reason": "gone", "url": "https://e.org/1", "title": "T",
        "first_seen_at": "2026-09-20T10:26:40Z",
    }  # fmt: skip


def test_the_record_says_afterwards_that_nothing_stands() -> None:
    (save,) = end(Reason.GONE).saves
    assert save.id == "a1"
    assert {name: text for name, text in save.fields.items() if name.startswith("stands:")} == {
        "stands:rare_earth": "0", "stands:lithium": "0",
    }  # fmt: skip


@pytest.mark.parametrize("record", [{}, {"stands:rare_earth": "0", "version:rare_earth": "2"}])
def test_what_was_never_told_or_is_taken_back_already_is_simply_dropped(record: dict[str, str]) -> None:
    drop = end(Reason.GONE, record=record)
    assert (drop.events, drop.saves, drop.later, drop.detail) == ((), (), (), "")


def test_a_wall_or_a_refusal_does_not_mean_that_a_page_is_gone() -> None:
    assert {Reason.GONE, Reason.NOT_FOUND, Reason.SOFT_404} == MISSING
