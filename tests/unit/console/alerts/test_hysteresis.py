"""Alerts come once a cause, with a recovery; flapping is one story."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from console.alerts.hysteresis import LASTS, QUIET, advance
from console.alerts.rules import Cause
from console.alerts.telling import words

CAUSE = Cause(
    rule="OwnOutage", about="", severity="critical", title="our own connection is down", detail="d", href="/feeds"
)


def run(moments: list[tuple[float, bool]]) -> list[tuple[float, bool]]:
    """Play a cause that is there or not at some moments; returns when what was told (True: recovered)."""
    memory: dict = {}
    told = []
    for now, firing in moments:
        memory, tellings = advance(memory, [CAUSE] if firing else [], now=now)
        told += [(now, telling.recovered) for telling in tellings]
    return told


def test_a_cause_is_told_once_it_has_lasted_and_only_once():
    assert run([(t, True) for t in range(0, 600, 5)]) == [(LASTS["critical"], False)]


def test_what_passes_quickly_is_never_told():
    assert run([(0, True), (10, False), (300, False)]) == []


def test_its_end_is_told_once_it_has_been_over_for_a_while():
    moments = [(t, t < 100) for t in range(0, 600, 5)]
    assert run(moments) == [(20, False), (95 + QUIET, True)]


def test_flapping_is_one_story():
    moments = [(t, (t // 30) % 2 == 0) for t in range(0, 3_000, 5)] + [(t, False) for t in range(3_000, 3_600, 5)]
    assert [recovered for _, recovered in run(moments)] == [False, True]


@given(st.lists(st.booleans(), max_size=200))
def test_tellings_alternate_between_trouble_and_recovery(firing):
    told = [recovered for _, recovered in run([(5.0 * index, now) for index, now in enumerate(firing)])]
    assert told == [bool(index % 2) for index in range(len(told))]


def test_a_message_says_what_since_when_and_where():
    memory, _ = advance({}, [CAUSE], now=0)
    _, (telling,) = advance(memory, [CAUSE], now=60)
    subject, body = words(telling, console="https://rarewire.example.org/")
    assert subject == "[rarewire] critical: our own connection is down"
    assert "https://rarewire.example.org/feeds" in body
    assert "docs/operations.md, OwnOutage" in body
    memory, _ = advance({CAUSE.name: {**memory[CAUSE.name], "told": True}}, [], now=10)
    _, (over,) = advance(memory, [], now=1_000)
    assert words(over)[0] == "[rarewire] recovered: our own connection is down"
