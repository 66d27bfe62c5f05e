"""Walls are dropped and articles are not: recall at least .95, false positives at most .5 % on a corpus of our own."""

from __future__ import annotations

from collections import Counter

import pytest

from shared.outcomes import Reason
from tests.hostile.walls.corpus import Made, articles, brief_walls, walls
from workers.fetch.core.markup import Markup
from workers.fetch.core.seen import Seen
from workers.fetch.core.walls import REASONS, judge_wall

URL = "https://ore.example/2026/11/a-story"
WALLS = [*walls(), *brief_walls()]
ARTICLES = list(articles())


def reason_of(
    made: Made, *, url: str = URL, asked: str = URL, entry_title: str = "", extracted: str = ""
) -> Reason | None:
    seen = Seen(page=Markup(made.html), url=url, asked=asked, entry_title=entry_title, extracted=extracted)
    drop = judge_wall(seen)
    return drop.reason if drop else None


def test_the_corpus_is_large_enough_to_say_something() -> None:
    assert len(WALLS) >= 150
    assert len(ARTICLES) >= 150
    assert {made.kind for made in WALLS} == set(REASONS)


def test_at_least_95_in_100_walls_are_dropped() -> None:
    missed = [made.name for made in WALLS if reason_of(made) is None]
    assert len(missed) <= 0.05 * len(WALLS), missed


def test_at_most_1_article_in_200_is_taken_for_a_wall() -> None:
    taken = [(made.name, reason) for made in ARTICLES if (reason := reason_of(made))]
    assert len(taken) <= 0.005 * len(ARTICLES), taken


def test_the_reason_names_the_kind_of_wall_in_at_least_95_of_100() -> None:
    right = Counter(reason_of(made) is REASONS[made.kind] for made in WALLS)
    assert right[True] >= 0.95 * len(WALLS)


def test_an_article_with_its_announced_title_stays_one() -> None:
    assert not [made.name for made in ARTICLES if reason_of(made, entry_title=made.title)]


def test_a_wall_stays_one_under_the_title_that_was_announced() -> None:
    behind = [made for made in WALLS if made.kind == "paywall"]
    assert behind
    assert sum(reason_of(made, entry_title=made.title) is not None for made in behind) >= 0.95 * len(behind)


@pytest.mark.parametrize("home", ["https://ore.example/", "https://ore.example/index.html"])
def test_an_article_that_leads_to_the_front_page_is_gone(home: str) -> None:
    assert reason_of(ARTICLES[0], url=home) is Reason.SOFT_404


def test_a_front_page_that_was_asked_for_is_no_wall() -> None:
    assert reason_of(ARTICLES[0], url="https://ore.example/", asked="https://ore.example/") is None


def test_text_that_extraction_found_overrules_a_page_that_shows_little() -> None:
    shell = Made("shell", "<html><body><div id='root'></div><script src=a.js></script></body></html>", "shell", "")
    assert reason_of(shell) is Reason.JAVASCRIPT_SHELL
    assert reason_of(shell, extracted="Words of an article. " * 100) is None


def test_an_article_in_structured_data_is_no_shell() -> None:
    body = "The plant makes magnets for motors, and its owner is looking for a second site. " * 30
    page = f'<html><body><div id="root"></div><script type="application/ld+json">{{"articleBody": "{body}"}}</script></body></html>'
    assert reason_of(Made("data", page, "", "")) is None


def test_an_article_in_the_data_of_a_framework_is_no_shell() -> None:
    part = "The plant makes magnets for motors, and its owner is looking for a second site near the port. " * 4
    data = ",".join(f'"{part}"' for _ in range(6))
    page = f'<html><body><div id="root"></div><script>window.__DATA__=[{data}]</script></body></html>'
    assert reason_of(Made("data", page, "", "")) is None
