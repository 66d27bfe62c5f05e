"""What is kept of sites, on the real server: learnt once, as the pure memory learns, within bounds."""

from __future__ import annotations

import json
import random
import threading

import pytest

from shared.lessons import SiteAfter, SiteBefore, Teaching
from shared.stores import keys
from shared.stores.connection import Database
from shared.stores.sites import SiteStore
from workers.extract.core.memory import (
    MOST_MARKS,
    Fingerprint,
    PageBlocks,
    SiteMemory,
    fingerprint,
    is_boilerplate,
    learn,
)
from workers.extract.lesson import PageLesson, drift_of, memory_of

SITE = "paper.example"
ABOUT = (
    "About the paper: we have told the region what it needs to know since the first press was set up by the harbour."
)


@pytest.fixture
def sites(database: Database) -> SiteStore:
    return SiteStore(database)


def page(number: int, blocks: int = 6) -> PageBlocks:
    texts = [
        f"{'n' * number} sentence {'m' * place} that stands on one page of the paper and on no other one."
        for place in range(blocks)
    ]
    return PageBlocks(
        article=f"article{number}",
        title=f"Title {'t' * number}",
        blocks=tuple(Fingerprint(key=fingerprint(t), text=t, chars=len(t), kept=True) for t in [*texts, ABOUT]),
    )


def lesson(number: int, chars: int = 2_000, blocks: int = 6) -> PageLesson:
    return PageLesson(page=page(number, blocks), chars=chars)


def test_nothing_is_known_of_a_new_site(sites: SiteStore) -> None:
    assert memory_of(sites.view(SITE)) == SiteMemory()
    assert sites.show(SITE) is None
    assert sites.list() == []
    assert not sites.reset(SITE)


def test_what_comes_back_is_seen_by_the_next_page(sites: SiteStore) -> None:
    for number in range(1, 4):
        sites.learn(SITE, lesson(number))
    memory = memory_of(sites.view(SITE))
    assert memory.pages == 3
    assert list(memory.marks) == [fingerprint(ABOUT)]
    assert is_boilerplate(memory, fingerprint(ABOUT), chars=len(ABOUT))


def test_an_article_is_learnt_once(sites: SiteStore) -> None:
    for _ in range(3):
        sites.learn(SITE, lesson(1))
    shown = sites.show(SITE)
    assert shown is not None
    assert shown["pages"] == 1
    assert drift_of(shown["drift"]).recent == (2_000,)


def test_views_are_read_ahead_in_one_round_trip(sites: SiteStore, database: Database) -> None:
    for number in range(1, 4):
        sites.learn(SITE, lesson(number))
    sites.read_ahead([SITE, "other.example", SITE])
    database.redis.flushall()
    assert sites.view(SITE).pages == 3
    assert sites.view("other.example").pages == 0
    sites.read_ahead([])
    assert sites.view(SITE).pages == 0


def test_the_store_learns_as_the_pure_memory_does_and_stays_within_its_bound(
    sites: SiteStore, database: Database
) -> None:
    chance, memory = random.Random(5), SiteMemory()
    numbers = [number for number in chance.sample(range(1, 61), 60) for _ in range(chance.randint(1, 2))]
    for number in numbers:
        sites.learn(SITE, lesson(number, blocks=40))
        memory = learn(memory, page(number, 40))
    kept = database.redis.hkeys(keys.SITE_BLOCKS(SITE))
    assert len(kept) == MOST_MARKS == database.redis.zcard(keys.SITE_ORDER(SITE))
    assert set(kept) == set(memory.marks)
    seen = memory_of(sites.view(SITE))
    assert seen.pages == memory.pages
    assert {key: mark.seen for key, mark in seen.marks.items()} == {
        k: m.seen for k, m in memory.marks.items() if m.seen > 2
    }


def test_a_batch_of_pages_teaches_what_they_would_have_one_by_one(sites: SiteStore, database: Database) -> None:
    chance = random.Random(7)
    numbers = [chance.randint(1, 50) for _ in range(120)]
    for number in numbers:
        sites.learn(SITE, lesson(number, blocks=40))
    for start in range(0, len(numbers), 8):
        batch = numbers[start : start + 8]
        sites.learn_all(
            [
                Teaching(site=site, lesson=lesson(one, blocks=40))
                for one in batch
                for site in ("two.example", "3.example")
            ]
        )
    alone = database.redis.hgetall(keys.SITE(SITE))
    for other in ("two.example", "3.example"):
        together = database.redis.hgetall(keys.SITE(other))
        for field in ("pages", "articles", "drift"):
            assert together[field] == alone[field]
        assert json.loads(together["known"]) == json.loads(alone["known"])
        assert database.redis.hgetall(keys.SITE_BLOCKS(other)) == database.redis.hgetall(keys.SITE_BLOCKS(SITE))
        assert database.redis.zrange(keys.SITE_ORDER(other), 0, -1) == database.redis.zrange(
            keys.SITE_ORDER(SITE), 0, -1
        )


def test_a_lesson_that_another_worker_overtook_is_taken_again(sites: SiteStore, database: Database) -> None:
    class Slow(PageLesson):
        """Another worker learns while this one thinks, the first time."""

        def taught(self, before: SiteBefore) -> SiteAfter:
            if not before.pages:
                SiteStore(database).learn(SITE, lesson(1))
            return super().taught(before)

    sites.learn(SITE, Slow(page=page(2), chars=2_000))
    assert database.redis.hget(keys.SITE(SITE), "articles").split() == ["article1", "article2"]
    assert memory_of(sites.view(SITE)).pages == 2


def test_everything_kept_has_a_lifetime(sites: SiteStore, database: Database) -> None:
    sites.learn(SITE, lesson(1))
    assert all(database.redis.ttl(key(SITE)) > 86_400 for key in (keys.SITE, keys.SITE_BLOCKS, keys.SITE_ORDER))
    database.now = database.time() + 61 * 86_400
    sites.learn("other.example", lesson(1))
    assert [row["site"] for row in sites.list()] == ["other.example"]


def test_a_redesign_is_news_once(sites: SiteStore) -> None:
    news = [sites.learn(SITE, lesson(number, chars=2_000 if number <= 40 else 0)) for number in range(1, 60)]
    told = [text for text in news if text]
    assert len(told) == 1
    assert "gave no article" in told[0]
    assert drift_of(sites.list()[0]["drift"]).alarm


def test_one_site_is_shown_with_its_texts_and_begun_anew(sites: SiteStore) -> None:
    for number in range(1, 6):
        sites.learn(SITE, lesson(number))
    shown = sites.show(SITE)
    assert shown is not None
    assert [mark["text"] for mark in shown["known"].values()] == [ABOUT]
    assert sites.count() == 1
    assert sites.reset(SITE)
    assert sites.show(SITE) is None
    assert sites.view(SITE).pages == 0


def test_workers_that_learn_at_the_same_time_lose_no_count_that_they_report(
    sites: SiteStore, database: Database
) -> None:
    threads = [
        threading.Thread(target=SiteStore(database).learn, args=(SITE, lesson(number))) for number in range(1, 5)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    shown = sites.show(SITE)
    assert shown is not None
    assert shown["pages"] == len(database.redis.hget(keys.SITE(SITE), "articles").split())
    assert shown["pages"] >= 1
