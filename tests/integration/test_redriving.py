"""Dead letters through the real runner: retried ones run once, fail as one letter again, and end like any other work."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from shared.errors import PermanentError
from shared.messages import PageFound
from shared.outcomes import Forward, Outcome, Reason
from shared.stores.articles import ArticleStore
from shared.stores.dead_letters import DeadLetterStore, Redrive
from shared.stores.work import WorkStore
from shared.topology import Stage
from workers.runner import Runner

if TYPE_CHECKING:
    from collections.abc import Callable

    from shared.stores.connection import Database

T0 = 1_700_000_000.0
MANY = 300


class Site:
    """A site that is down, until it is up; it counts who asked."""

    def __init__(self) -> None:
        self.up = False
        self.asked: list[str] = []

    def step(self, message: PageFound, _work: object) -> Outcome:
        self.asked.append(message.article_id)
        if not self.up:
            raise PermanentError(Reason.TLS, f"the certificate of host {message.article_id} is no good")
        return Forward()


@pytest.fixture
def site() -> Site:
    return Site()


@pytest.fixture
def letters(database: Database) -> DeadLetterStore:
    database.now = T0
    return DeadLetterStore(database)


@pytest.fixture
def run(database: Database, site: Site) -> Callable[[], int]:
    runner = Runner(work=WorkStore(database), ring=lambda _stage: None, random=lambda: 0.5, worker="w:1", version="0")
    return lambda: runner.run(Stage.FETCH, site.step)


def announce(database: Database, count: int) -> None:
    WorkStore(database).add(
        [
            PageFound(article_id=f"p{number}", url=f"https://a.example/{number}", feed_id="f", found_at=T0)
            for number in range(count)
        ]
    )


def test_redriving_all_of_them_asks_each_once_and_leaves_nothing_behind(database, letters, site, run):
    announce(database, MANY)
    run()
    assert letters.count() == MANY
    site.up, site.asked = True, []
    names = letters.names()
    assert [letters.redrive(names, "retry"), letters.redrive(names, "retry")] == [MANY, 0]
    run()
    assert sorted(site.asked) == sorted(f"p{number}" for number in range(MANY))
    books = WorkStore(database).books()
    assert (letters.count(), books["fetch:forwarded"], books["fetch:dead"]) == (0, MANY, MANY)
    assert books["fetch:in"] == books["fetch:forwarded"] + books["fetch:dead"]


def test_what_fails_during_a_redrive_is_one_letter_again_with_all_its_attempts_and_does_not_loop(
    database, letters, site, run
):
    announce(database, 1)
    run()
    for round_ in (1, 2):
        database.now = T0 + 60 * round_
        assert letters.redrive(["fetch/p0"], "retry", Redrive(who="anna", why=f"round {round_}")) == 1
        run()
        run()
    letter = letters.get("fetch/p0")
    assert letter is not None
    assert (letters.count(), len(site.asked), len(letter.attempts)) == (1, 3, 3)
    assert (letter.first_failure, letter.last_failure) == (T0, T0 + 120)
    assert [entry["why"] for entry in letters.lineage("fetch/p0")] == ["round 1", "round 2"]


def test_equal_failures_of_many_hosts_are_one_group(database, letters, run):
    announce(database, MANY)
    run()
    assert [count for _, count in letters.groups()] == [MANY]


def test_the_articles_record_follows_death_redrive_and_success(database, letters, site, run):
    announce(database, 1)
    articles, said = ArticleStore(database), []
    run()
    said.append(articles.get("p0")["status"])
    site.up = True
    letters.redrive(["fetch/p0"], "retry")
    said.append(articles.get("p0")["status"])
    run()
    said.append(articles.get("p0")["status"])
    assert said == ["fetch:dead:tls", "fetch:waiting", "fetch:forwarded"]
