"""Health judged by pulses."""

from __future__ import annotations

import pytest

from console.health import GRACE, STILL, Health, judge, judge_pulses, signs, to_restart

NOW = 10_000.0


def pulses(**ages: float) -> dict[str, float]:
    every = {name: 1.0 for role in STILL for name in signs(role)}
    return {name: NOW - age for name, age in {**every, **ages}.items()}


def up(**seconds: float | None) -> dict[str, float | None]:
    return {**dict.fromkeys(STILL, 5_000.0), **seconds}


def sick(found: dict[str, Health]) -> list[str]:
    return [health.role for health in found.values() if not health.ok]


def test_fresh_pulses_are_health():
    assert sick(judge(pulses(), now=NOW, up=up())) == []


@pytest.mark.parametrize("role", list(STILL))
def test_silence_of_all_its_signs_makes_a_role_sick_within_a_minute(role):
    silent = pulses(**dict.fromkeys(signs(role), STILL[role] + 1))
    assert sick(judge(silent, now=NOW, up=up())) == [role]
    assert max(STILL.values()) + 15 <= 60


def test_one_living_stage_speaks_for_its_worker():
    assert sick(judge(pulses(poll=500.0), now=NOW, up=up())) == []


def test_a_fresh_process_is_given_time_and_then_judged():
    silent = pulses(**dict.fromkeys(signs("web"), 500.0))
    assert sick(judge(silent, now=NOW, up=up(web=5.0))) == []
    assert sick(judge(silent, now=NOW, up=up(web=max(GRACE, STILL["web"]) + 1))) == ["web"]


def test_a_process_that_never_showed_life_is_sick_after_its_grace():
    assert sick(judge({}, now=NOW, up={"web": 4.0})) == []
    assert sick(judge({}, now=NOW, up={"web": 300.0})) == ["web"]


def test_what_is_not_judged_by_pulses_is_left_alone():
    assert judge(pulses(), now=NOW, up={"server": 3.0}) == {}


def test_without_a_beat_nothing_rings_so_it_alone_is_restarted():
    silent = pulses(**{name: 500.0 for role in ("beat", "scheduler", "web", "text") for name in signs(role)})
    assert [health.role for health in to_restart(judge(silent, now=NOW, up=up()))] == ["beat"]


def test_without_ticks_the_scheduler_is_at_fault_not_the_workers():
    silent = pulses(**{name: 500.0 for role in ("scheduler", "web") for name in signs(role)})
    assert [health.role for health in to_restart(judge(silent, now=NOW, up=up()))] == ["scheduler"]


def test_without_a_supervisor_the_pulses_alone_are_judged():
    found = judge_pulses(pulses(beat=100.0), now=NOW)
    assert (found["beat"].ok, found["web"].ok) == (False, True)
