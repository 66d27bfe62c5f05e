"""When an event is tried again, and when an endpoint is left alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers.deliver.core.pacing import JITTER, PAUSES, SCHEDULE, TOLERATED, again_in, lease, pause, waits
from workers.deliver.core.verdicts import Verdict

FAILED, LIMITED = Verdict(outcome="server_error"), Verdict(outcome="rate_limited")
randoms = st.floats(0, 1, exclude_max=True)


def test_ten_attempts_over_three_days():
    assert len(waits(15)) == 10
    assert 3 * 86_400 < sum(SCHEDULE) < 4 * 86_400


@given(st.integers(1, len(SCHEDULE)), randoms, st.floats(1, 30), st.floats(0.001, 10))
def test_a_wait_is_jittered_around_the_schedule_and_never_longer_than_the_delivery_may_last(
    number, draw, timeout, scale
):
    wait = again_in(number, FAILED, random=draw, scale=scale)
    assert abs(wait - SCHEDULE[number - 1] * scale) <= SCHEDULE[number - 1] * scale * JITTER * 1.000001
    assert wait <= waits(timeout, scale=scale)[number - 1] * 1.000001


@given(st.floats(1, 30), st.floats(0.0001, 10))
def test_nobody_takes_an_event_over_while_it_may_still_be_in_the_post(timeout, scale):
    assert min(waits(timeout, scale=scale)) >= lease(timeout) > timeout


@given(st.integers(1, 12), randoms, st.floats(0, 90_000))
def test_what_the_receiver_asks_for_is_honoured_and_takes_the_schedule_s_place(number, draw, asked):
    wait = again_in(number, Verdict(outcome="rate_limited", retry_after=asked), random=draw)
    assert asked <= wait <= asked * 1.1


@pytest.mark.parametrize("failures", range(1, TOLERATED))
def test_a_few_failures_pause_nothing(failures):
    assert pause(failures, FAILED, random=0.5) == 0


def test_an_endpoint_that_only_fails_is_left_alone_for_ever_longer_up_to_a_quarter_of_an_hour():
    found = [pause(failures, FAILED, random=0.999) for failures in range(TOLERATED, TOLERATED + 500)]
    assert 5 <= found[0] <= PAUSES.first
    assert found == sorted(found)
    assert found[-1] <= 900


@given(st.integers(1, 10_000), randoms, st.floats(1, 90_000))
def test_the_whole_endpoint_waits_as_long_as_it_asks(failures, draw, asked):
    assert pause(failures, Verdict(outcome="server_error", retry_after=asked), random=draw) >= asked


@given(randoms)
def test_asked_too_often_without_saying_for_how_long_pauses_at_once(draw):
    assert pause(1, LIMITED, random=draw) > 0
