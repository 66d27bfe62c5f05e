"""Ticks that piled up while nobody ran them."""

from __future__ import annotations

from schedulers.ticking import Pace


def test_a_pile_of_stale_ticks_is_one_tick() -> None:
    pace = Pace(0.3, clock=lambda: 5.0)
    assert [pace.allows() for _ in range(4)] == [True, False, False, False]


def test_ticks_a_second_apart_are_all_run() -> None:
    now = [0.0]
    pace = Pace(0.3, clock=lambda: now[0])
    found = []
    for now[0] in (0.0, 1.0, 2.0):
        found.append(pace.allows())
    assert found == [True, True, True]
