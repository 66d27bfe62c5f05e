"""The runner on the real store: what a step returns or raises becomes one counted outcome."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import OutOfMemoryError, ResponseError
from redis.exceptions import TimeoutError as RedisTimeoutError

from shared.errors import PermanentError, RetryableError
from shared.lessons import SiteAfter, SiteBefore, Teaching
from shared.messages import PageFetched, PageFound
from shared.outcomes import Defer, Drop, Forward, Notice, Outcome, Reason
from shared.stores.articles import ArticleStore
from shared.stores.dead_letters import DeadLetterStore
from shared.stores.notices import NoticeStore
from shared.stores.work import WorkStore
from shared.topology import TOPOLOGY, Stage
from workers.runner import Runner

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from shared.stores.connection import Database

T0 = 1_000_000.0


def page(number: int) -> PageFound:
    return PageFound(article_id=f"a{number}", url=f"https://example.org/{number}", feed_id="f", found_at=T0)


def fetched(found: PageFound) -> PageFetched:
    return PageFetched(
        article_id=found.article_id,
        url=found.url,
        final_url=found.url,
        feed_id="f",
        found_at=T0,
        fetched_at=T0,
        page_key="k",
    )


class House:
    """A runner, its store, and the doorbells it rang."""

    def __init__(self, database: Database) -> None:
        database.now = T0
        self.database, self.work = database, WorkStore(database)
        self.rung: list[Stage] = []
        self.runner = Runner(work=self.work, ring=self.rung.append, random=lambda: 0.5, worker="w:1", version="0")

    def fetch(self, step: Callable[[PageFound], Outcome], *pages: int) -> int:
        self.work.add([page(number) for number in pages])
        return self.runner.run(Stage.FETCH, lambda message, _work: step(message))


@pytest.fixture
def house(database: Database) -> House:
    return House(database)


def raising(error: Exception) -> Callable[[Any], Outcome]:
    def step(_message: Any) -> Outcome:
        raise error

    return step


def test_forwarded_work_rings_the_next_stage_once(house: House) -> None:
    assert house.fetch(lambda found: Forward(messages=(fetched(found),)), *range(10)) == 10
    assert house.work.backlog()[Stage.EXTRACT]["due"] == 10
    assert Counter(house.rung)[Stage.EXTRACT] == 1


def test_a_full_claim_wakes_another_worker(house: House) -> None:
    house.fetch(lambda _found: Drop(reason=Reason.NOT_HTML), *range(TOPOLOGY[Stage.FETCH].batch))
    assert house.rung == [Stage.FETCH]


def test_a_drop_is_counted_with_its_reason_and_leaves_a_trace(house: House) -> None:
    house.fetch(lambda _found: Drop(reason=Reason.CONSENT_WALL, detail="a banner"), 1)
    assert house.work.books()["fetch:dropped:consent_wall"] == 1
    trace = ArticleStore(house.database).trace("a1")
    assert trace["status"] == "fetch:dropped:consent_wall"
    assert [(step["stage"], step["reason"], step["detail"]) for step in trace["steps"]] == [
        ("fetch", "consent_wall", "a banner")
    ]


def test_a_deferred_page_waits_for_its_turn_and_is_not_counted(house: House) -> None:
    assert house.fetch(lambda _found: Defer(until=T0 + 5, why="the host's turn"), 1) == 0
    assert set(house.work.books()) == {"fetch:in"}
    assert house.work.backlog()[Stage.FETCH]["waiting"] == 1


def test_a_retryable_error_is_tried_again_until_its_tries_are_used_up(house: House) -> None:
    step, tries = raising(RetryableError(Reason.TIMEOUT, "20 s")), TOPOLOGY[Stage.FETCH].retry.tries
    house.fetch(step, 1)
    for _ in range(tries - 1):
        house.database.now = house.work.retries()[0]["at"]
        house.fetch(step)
    books = house.work.books()
    assert (books["fetch:retried:timeout"], books["fetch:dead:timeout"]) == (tries - 1, 1)
    letter = DeadLetterStore(house.database).get("fetch/a1")
    assert letter is not None
    assert len(letter.attempts) == tries
    assert (letter.host, letter.url, letter.first_failure) == ("example.org", "https://example.org/1", T0)


def test_a_servers_wish_sets_the_next_try(house: House) -> None:
    house.fetch(raising(RetryableError(Reason.RATE_LIMITED, retry_after=3_600)), 1)
    assert house.work.retries()[0]["at"] == pytest.approx(T0 + 3_780)


def test_a_permanent_error_is_dead_at_once(house: House) -> None:
    house.fetch(raising(PermanentError(Reason.TOO_LARGE, "6 MB")), 1)
    assert house.work.books()["fetch:dead:too_large"] == 1


def test_a_bug_is_retried_and_its_dead_letter_has_the_traceback(house: House) -> None:
    step = raising(ZeroDivisionError("division by zero"))
    house.fetch(step, 1)
    while house.work.count_retries():
        house.database.now = house.work.retries()[0]["at"]
        house.fetch(step)
    letter = DeadLetterStore(house.database).get("fetch/a1")
    assert letter is not None
    assert (letter.reason, letter.error_class) == ("bug", "ZeroDivisionError")
    assert "test_runner.py" in letter.traceback


def test_a_bug_in_one_page_does_not_stop_the_others(house: House) -> None:
    def step(found: PageFound) -> Outcome:
        if found.article_id == "a2":
            raise KeyError("x")
        return Drop(reason=Reason.NOT_HTML)

    assert house.fetch(step, 1, 2, 3) == 3
    assert house.work.books()["fetch:dropped:not_html"] == 2


def test_a_message_that_cannot_be_read_is_dead_and_kept(house: House) -> None:
    house.work.add([page(1)])
    house.database.redis.hset("rarewire:1:work:fetch:a1", "m", '{"article_id": 7}')
    house.runner.run(Stage.FETCH, lambda _message, _work: Drop(reason=Reason.NOT_HTML))
    letter = DeadLetterStore(house.database).get("fetch/a1")
    assert letter is not None
    assert (letter.reason, json.loads(letter.message)) == ("bad_message", {"article_id": 7})


def test_work_that_keeps_killing_its_worker_is_buried(house: House) -> None:
    house.work.add([page(1)])
    for _ in range(TOPOLOGY[Stage.FETCH].deaths):
        assert house.work.claim(Stage.FETCH, most=1, lease=30)
        for _ in range(32):  # ticks, a second each
            house.database.now = (house.database.now or 0) + 1
            house.work.sweep(Stage.FETCH)
    touched: list[str] = []
    house.runner.run(Stage.FETCH, lambda message, _work: touched.append(message.id) or Drop(reason=Reason.NOT_HTML))
    assert touched == []
    assert house.work.books()["fetch:dead:worker_lost"] == 1


@dataclass(frozen=True)
class Nothing:
    """A lesson of which only the article matters."""

    article: str
    keys: tuple[str, ...] = ()

    def taught(self, before: SiteBefore) -> SiteAfter:
        raise NotImplementedError


def test_work_does_not_fail_for_a_lesson(house: House) -> None:
    def teach(lessons: Sequence[Teaching]) -> list[Notice | None]:
        raise KeyError(lessons[0].site)

    house.runner.teach = teach
    lesson = Teaching(site="a.example", lesson=Nothing("a1"))
    assert house.fetch(lambda _message: Drop(reason=Reason.TOO_SHORT, teaches=lesson), 1, 2) == 2
    assert house.work.books()["fetch:dropped:too_short"] == 2


def test_what_a_batch_teaches_is_learnt_at_once_before_its_endings_and_its_news_goes_with_them(house: House) -> None:
    calls: list[tuple[list[str], int]] = []

    def teach(lessons: Sequence[Teaching]) -> list[Notice | None]:
        calls.append(([one.lesson.article for one in lessons], house.work.books().get("fetch:dropped", 0)))
        return [Notice(kind="drift", about="a.example") if one.lesson.article == "a2" else None for one in lessons]

    house.runner.teach = teach

    def step(message: PageFound) -> Outcome:
        lesson = Teaching(site="a.example", lesson=Nothing(message.article_id))
        return Drop(reason=Reason.TOO_SHORT, teaches=lesson if message.article_id != "a1" else None)

    assert house.fetch(step, 1, 2, 3) == 3
    assert calls == [(["a2", "a3"], 0)]
    assert [(one["kind"], one["about"]) for one in NoticeStore(house.database).newest()] == [("drift", "a.example")]


@pytest.mark.parametrize(
    "error",
    [
        RedisConnectionError("gone"),
        RedisTimeoutError("silent"),
        OutOfMemoryError("OOM command not allowed"),
        ResponseError("MISCONF Errors writing to the AOF file: No space left on device"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_the_servers_trouble_is_not_the_works_and_costs_no_try(house: House, error: Exception) -> None:
    house.fetch(raising(error), 1)
    assert not [name for name in house.work.books() if "retried" in name or "dead" in name]
    house.database.now = T0 + 5
    (work,) = house.work.claim(Stage.FETCH, most=1, lease=30)
    assert (work.tries, work.deaths, work.attempts) == (0, 0, ())


def test_a_mistake_of_ours_in_what_is_asked_of_the_server_is_a_bug(house: House) -> None:
    house.fetch(raising(ResponseError("WRONGTYPE Operation against a key holding the wrong kind of value")), 1)
    assert house.work.books()["fetch:retried:bug"] == 1
