"""The drift alarm: soon after a redesign, seldom without one, and over when it is over."""

from __future__ import annotations

import math
import random
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workers.extract.core.drift import ACCEPTED_AFTER, BEFORE_LEAST, BEFORE_MOST, RECENT, Drift, observe

if TYPE_CHECKING:
    from collections.abc import Iterable


def run(drift: Drift, pages: Iterable[int]) -> tuple[Drift, list[str]]:
    verdicts = []
    for chars in pages:
        drift, verdict = observe(drift, chars)
        verdicts.append(verdict)
    return drift, verdicts


def natural(
    chance: random.Random, count: int, *, fails: float = 0.03, middle: float = 3_000, spread: float = 0.6
) -> list[int]:
    return [0 if chance.random() < fails else int(middle * math.exp(chance.gauss(0, spread))) for _ in range(count)]


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize(
    ("redesigned", "said"),
    [
        ({"fails": 1.0}, "gave no article"),
        ({"fails": 0.9}, "gave no article"),
        ({"middle": 500}, "characters now"),
        ({"middle": 1_300, "spread": 0.4}, "characters now"),
        ({"middle": 18_000}, "characters now"),
    ],
)
def test_it_fires_within_twenty_pages_of_a_redesign(seed: int, redesigned: dict[str, float], said: str) -> None:
    chance = random.Random(seed)
    drift, _ = run(Drift(), natural(chance, 100))
    drift, verdicts = run(drift, natural(chance, 20, **redesigned))
    assert verdicts.count("fires") == 1
    assert said in drift.alarm


def test_natural_variation_seldom_fires_it() -> None:
    chance, alarms = random.Random(4), 0
    for _ in range(40):
        fails, spread = chance.choice([0.0, 0.02, 0.1, 0.3]), chance.uniform(0.3, 1.0)
        _, verdicts = run(Drift(), natural(chance, 250, fails=fails, spread=spread))
        alarms += verdicts.count("fires")
    assert alarms <= 8  # in 10,000 pages


def test_it_heals_when_pages_are_read_as_before() -> None:
    chance = random.Random(1)
    drift, _ = run(Drift(), [*natural(chance, 100), *[0] * 15])
    assert drift.alarm
    drift, verdicts = run(drift, natural(chance, 25))
    assert verdicts.count("heals") == 1
    assert not drift.alarm


def test_what_was_before_is_not_changed_while_it_is_on() -> None:
    fired, verdicts = run(Drift(), [*natural(random.Random(2), 100), *[0] * 10])
    assert "fires" in verdicts
    assert run(fired, [0] * 50)[0].before == fired.before


def test_a_new_way_that_lasts_becomes_the_sites_own() -> None:
    chance = random.Random(3)
    drift, _ = run(Drift(), natural(chance, 100))
    drift, verdicts = run(drift, natural(chance, ACCEPTED_AFTER + 30, middle=300))
    assert [verdict for verdict in verdicts if verdict] == ["fires", "accepted"]
    assert not drift.alarm


def test_a_new_site_is_not_judged() -> None:
    _, verdicts = run(Drift(), [3_000] * (BEFORE_LEAST - 1) + [0] * RECENT)
    assert set(verdicts) == {""}


def test_it_tells_rates_and_lengths_before_and_of_late() -> None:
    drift, _ = run(Drift(), [1_000] * 30 + [0, 500] * (RECENT // 2))
    assert drift.success == (1.0, 0.5)
    assert drift.length == (1_000, 500)
    assert Drift().success == Drift().length == (None, None)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(0, 50_000), max_size=200))
def test_it_is_bounded_and_news_alternate(pages: list[int]) -> None:
    drift, verdicts = run(Drift(), pages)
    assert len(drift.before) <= BEFORE_MOST
    assert len(drift.recent) <= RECENT
    news = [verdict == "fires" for verdict in verdicts if verdict]
    assert news == [place % 2 == 0 for place in range(len(news))]
