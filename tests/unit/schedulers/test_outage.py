"""When most hosts fail at once, it is us."""

from __future__ import annotations

import random

import pytest

from schedulers.core import FeedState, HostAnswer, PollResult, after_poll, own_outage
from shared.outcomes import Reason

NOW = 1_790_000_000.0


def answers(*reached: bool, start: float = NOW - 100) -> list[HostAnswer]:
    return [HostAnswer(host=f"h{n}", at=start + n, reached=came) for n, came in enumerate(reached)]


@pytest.mark.parametrize(
    ("reached", "ours"),
    [
        ([False] * 10, True),
        ([False] * 4, True),
        ([False] * 3, False),
        ([True] * 10, False),
        ([True] * 10 + [False] * 8, True),
        ([True] * 10 + [False] * 7, False),
        ([False] * 8 + [True] * 2, True),
        ([False] * 7 + [True] * 3, False),
        ([], False),
    ],
)
def test_four_fifths_of_the_latest_hosts_decide(reached: list[bool], ours: bool) -> None:
    assert own_outage(answers(*reached), now=NOW) is ours


def test_one_dead_host_with_many_feeds_proves_nothing() -> None:
    one = [HostAnswer(host="h", at=NOW - n, reached=False) for n in range(50)]
    assert not own_outage(one, now=NOW)


def test_old_answers_prove_nothing() -> None:
    assert not own_outage(answers(*[False] * 10, start=NOW - 2 * 3600), now=NOW)


def test_the_order_of_the_answers_does_not_matter() -> None:
    mixed = answers(*[True] * 10, *[False] * 8)
    random.Random(1).shuffle(mixed)
    assert own_outage(mixed, now=NOW)


def test_six_hours_without_network_mark_none_of_a_thousand_feeds() -> None:
    rng = random.Random(2)
    states = [
        FeedState(
            url=f"https://h{n}.example.com/f", ok_at=NOW, new_at=NOW, rate_entries=9, rate_seconds=9 * 3600, window=20
        )
        for n in range(1_000)
    ]
    due = sorted((NOW + rng.uniform(0, 3600), n) for n in range(1_000))
    log: list[HostAnswer] = []
    while due[0][0] < NOW + 6 * 3600:
        at, n = due.pop(0)
        log = [*log[-59:], HostAnswer(host=f"h{n}", at=at, reached=False)]
        result = PollResult(failure=Reason.DNS, ours=own_outage(log, now=at))
        states[n] = after_poll(states[n], result, now=at, random=rng.random()).state
        due.append((states[n].next_at, n))
        due.sort()
    assert all(not state.errors for state in states)
