"""What follows from a poll, on a clock that the tests hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schedulers.core import (
    Decision,
    Document,
    EventKind,
    FeedState,
    PollingPolicy,
    PollResult,
    after_poll,
    deferred_until,
    new_feed,
)
from schedulers.core.newcomers import polled_now, resumed
from shared.outcomes import Reason

NOW = 1_790_000_000.0
MINUTE, HOUR, DAY = 60.0, 3600.0, 86_400.0
POLICY = PollingPolicy()
URL = "https://news.example.com/feed"
GOOD = PollResult(
    status=200,
    headers={"etag": '"1"'},
    body_hash="one",
    document=Document(entries=20, new=20, published=tuple(NOW - HOUR * number for number in range(20))),
)
UNCHANGED = PollResult(status=304, conditional=True)


def known(**changes: object) -> FeedState:
    """A feed that answered well a moment ago."""
    state = after_poll(new_feed(URL, now=NOW, random=0.0), GOOD, now=NOW, random=0.5).state
    return replace(state, **changes)  # type: ignore[arg-type]


def failed(status: int = 0, failure: Reason | None = None, **headers: str) -> PollResult:
    return PollResult(status=status, failure=failure, headers={k.replace("_", "-"): v for k, v in headers.items()})


def kinds(decision: Decision) -> list[EventKind]:
    return [event.kind for event in decision.events]


def wait(decision: Decision, now: float = NOW) -> float:
    return decision.next_poll_at - now


def run(state: FeedState, *results: PollResult, random: float = 0.5) -> tuple[FeedState, list[float], list[EventKind]]:
    """Poll on time, one result after the other."""
    now, waits, told = NOW, [], []
    for result in results:
        decision = after_poll(state, result, now=now, random=random)
        waits.append(wait(decision, now))
        told += kinds(decision)
        state, now = decision.state, decision.next_poll_at
    return state, waits, told


def test_a_good_poll_is_remembered() -> None:
    state = known()
    assert (state.ok_at, state.full_at, state.asked_at, state.etag, state.body_hash) == (NOW, NOW, NOW, '"1"', "one")
    assert state.next_at > NOW
    assert not state.errors


# Errors


@pytest.mark.parametrize(
    ("result", "weight"),
    [
        (failed(404), 1.0),
        (failed(403), 1.0),
        (failed(401), 1.0),
        (failed(418), 1.0),
        (failed(200, Reason.NOT_A_FEED), 1.0),
        (failed(0, Reason.FORBIDDEN_ADDRESS), 1.0),
        (failed(500), 0.5),
        (failed(502), 0.5),
        (failed(0, Reason.PROTOCOL), 0.5),
        (failed(300), 0.5),
        (failed(503), 0.25),
        (failed(429), 0.25),
    ],
)
def test_errors_weigh_by_their_kind(result: PollResult, weight: float) -> None:
    assert after_poll(known(), result, now=NOW, random=0.5).state.errors == weight


@pytest.mark.parametrize("reason", [Reason.DNS, Reason.CONNECT, Reason.TIMEOUT, Reason.TLS])
def test_silence_is_charged_when_it_turned_out_not_to_be_ours(reason: Reason) -> None:
    first = after_poll(known(), failed(0, reason), now=NOW, random=0.5).state
    assert first.errors == 0
    second = after_poll(first, failed(0, reason), now=NOW + HOUR, random=0.5).state
    assert second.errors == first.uncharged > 0
    forgiven = after_poll(first, replace(failed(0, reason), ours=True), now=NOW + HOUR, random=0.5).state
    assert forgiven.errors == forgiven.uncharged == 0


def test_silence_is_not_charged_while_nobody_else_was_heard_since() -> None:
    silence = failed(0, Reason.TIMEOUT)
    first = after_poll(known(), silence, now=NOW, random=0.5).state
    nobody = replace(silence, others_reached_at=NOW - 1)
    somebody = replace(silence, others_reached_at=NOW + 1)
    assert after_poll(first, nobody, now=NOW + HOUR, random=0.5).state.errors == 0
    assert after_poll(first, somebody, now=NOW + HOUR, random=0.5).state.errors == 0.5


def test_our_own_outage_leaves_a_feed_as_it_was_but_for_the_next_poll() -> None:
    state = known(errors=1.5, reason="server_error")
    decision = after_poll(state, PollResult(failure=Reason.DNS, ours=True), now=NOW, random=0.5)
    assert replace(decision.state, next_at=state.next_at, asked_at=state.asked_at) == state
    assert 10 * MINUTE <= wait(decision) <= 20 * MINUTE
    assert decision.events == ()


@pytest.mark.parametrize("status", [404, 401, 403])
def test_refusals_back_off_to_once_a_day(status: int) -> None:
    _, waits, _ = run(known(failing_since=NOW - 3 * DAY), *[failed(status)] * 12)
    assert waits == sorted(waits)
    assert all(0.9 * DAY <= one <= DAY for one in waits[4:])


@given(st.lists(st.sampled_from([404, 500, 503, 429, 502, 410, 200, 301]), max_size=400), st.floats(0, 0.999))
def test_a_feed_never_dies_and_is_never_hammered(statuses: list[int], random: float) -> None:
    results = [failed(status, Reason.NOT_A_FEED if status == 200 else None) for status in statuses]
    state, waits, _ = run(known(), *results, random=random)
    assert all(10 * MINUTE <= one <= 33 * DAY for one in waits)
    if not state.parked_at:
        assert all(one <= DAY * 1.1 for one in waits)


def test_an_error_that_lasts_for_a_year_still_has_a_next_poll() -> None:
    state, waits, told = run(known(), *[failed(500)] * 3_000, random=0.99)
    assert state.errors == 1_500
    assert waits[-1] <= DAY
    assert told.count(EventKind.FAILING) == 1


def test_one_good_answer_heals() -> None:
    ill, _, _ = run(known(), *[failed(500)] * 10)
    decision = after_poll(ill, UNCHANGED, now=NOW + 9 * DAY, random=0.5)
    assert kinds(decision) == [EventKind.HEALED]
    assert (decision.state.errors, decision.state.reason, decision.state.failing_since) == (0, "", 0)
    assert wait(decision, NOW + 9 * DAY) <= 6.6 * HOUR


def test_backoff_uses_the_whole_range() -> None:
    state = known(errors=5.0, failing_since=NOW - 3 * DAY)
    waits = [wait(after_poll(state, failed(500), now=NOW, random=random)) for random in (0.0, 0.5, 0.999)]
    assert waits[0] == HOUR
    assert 11 * HOUR < waits[1] < 14 * HOUR
    assert 23 * HOUR < waits[2] <= DAY


def test_fresh_trouble_does_not_outwait_what_the_document_holds() -> None:
    """Twenty entries, one an hour: ten hours after the last good poll half of them would be gone."""
    _, waits, _ = run(known(), *[failed(404)] * 3, random=0.0)
    assert sum(waits) < 20 * HOUR


def test_a_failed_parse_drops_the_validators() -> None:
    state = after_poll(known(), failed(200, Reason.NOT_A_FEED, etag='"2"'), now=NOW, random=0.5).state
    assert (state.etag, state.modified, state.body_hash) == ("", "", "")


def test_a_304_that_nobody_asked_for_is_a_failure() -> None:
    decision = after_poll(known(), PollResult(status=304), now=NOW, random=0.5)
    assert decision.state.reason == "protocol"


# Retry-After


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120.0),
        ("7200", 7_200.0),
        ("Mon, 21 Sep 2026 15:13:20 GMT", 3_600.0),
        (str(90 * 86_400), 31 * DAY),
        ("Wed, 21 Sep 2033 15:13:20 GMT", 31 * DAY),
    ],
)
@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_holds_for_the_host_in_full(status: int, value: str, seconds: float) -> None:
    decision = after_poll(known(), failed(status, retry_after=value), now=NOW, random=0.0)
    assert decision.host_wait_until == NOW + seconds
    assert decision.state.wait_until == NOW + seconds
    assert decision.next_poll_at == NOW + max(seconds, 10 * MINUTE)
    assert EventKind.WAITING in kinds(decision)


@pytest.mark.parametrize("value", ["", "soon", "-5", "1.5", "0", "Mon, 21 Sep 2015 15:00:00 GMT", "9" * 40, "١٢"])
def test_garbage_in_retry_after_is_a_reason_to_back_off(value: str) -> None:
    decision = after_poll(known(), failed(429, retry_after=value), now=NOW, random=0.5)
    assert decision.host_wait_until is None
    assert wait(decision) >= HOUR


def test_an_http_date_is_measured_by_the_servers_own_clock() -> None:
    ahead = failed(503, retry_after="Tue, 21 Sep 2027 01:00:00 GMT", date="Tue, 21 Sep 2027 00:00:00 GMT")
    assert after_poll(known(), ahead, now=NOW, random=0.0).host_wait_until == NOW + HOUR


@given(st.floats(0, 0.999), st.integers(1, 40 * 86_400))
def test_nobody_asks_before_a_retry_after_is_over(random: float, seconds: int) -> None:
    decision = after_poll(known(), failed(429, retry_after=str(seconds)), now=NOW, random=random)
    assert decision.next_poll_at >= NOW + min(seconds, 31 * DAY)


def test_the_operator_may_override_a_wait() -> None:
    state = after_poll(known(), failed(429, retry_after="86400"), now=NOW, random=0.5).state
    assert polled_now(state, now=NOW + 5).next_at == NOW + 5
    assert polled_now(state, now=NOW + 5).wait_until == 0


# 410


def test_the_second_410_within_a_day_parks_with_an_event() -> None:
    state, waits, told = run(known(), failed(410), failed(410), failed(410))
    assert waits[0] < DAY
    assert state.parked_at
    assert told.count(EventKind.PARKED) == 1
    assert waits[2] >= 30 * DAY


def test_a_410_long_after_another_is_a_first_one() -> None:
    state = after_poll(known(), failed(410), now=NOW, random=0.5).state
    assert not after_poll(state, failed(410), now=NOW + 2 * DAY, random=0.5).state.parked_at


def test_anything_else_in_between_starts_the_count_again() -> None:
    state, _, _ = run(known(), failed(410), failed(500), failed(410))
    assert not state.parked_at


def test_a_parked_feed_comes_back_by_its_own_answer_or_by_an_operator() -> None:
    parked, _, _ = run(known(), failed(410), failed(410))
    healed = after_poll(parked, GOOD, now=NOW + 40 * DAY, random=0.5)
    assert not healed.state.parked_at
    assert kinds(healed) == [EventKind.HEALED]
    assert resumed(parked, now=NOW).next_at == NOW
    assert not resumed(parked, now=NOW).parked_at


# Gaps and deferred entries


def test_a_gap_is_told_and_shortens_the_interval_until_a_week_passes() -> None:
    gap = replace(GOOD, body_hash="two", document=Document(entries=20, new=20, gap=True))
    steady = known(proven=True)
    decision = after_poll(steady, gap, now=NOW + HOUR, random=0.5)
    assert EventKind.GAP in kinds(decision)
    assert decision.state.squeeze == 1
    later = after_poll(decision.state, UNCHANGED, now=NOW + 8 * DAY, random=0.5).state
    assert later.squeeze == 0


def test_deferred_entries_hide_behind_nothing_and_are_fetched_soon() -> None:
    document = Document(entries=5_000, new=1_000, deferred=4_000)
    decision = after_poll(known(), replace(GOOD, body_hash="two", document=document), now=NOW, random=0.5)
    assert (decision.state.etag, decision.state.body_hash) == ("", "")
    assert wait(decision) <= 11 * MINUTE
    assert EventKind.DEFERRED in kinds(decision)


def test_a_hub_is_told_once() -> None:
    document = replace(GOOD.document, hub="https://hub.example.com/", topic=URL)  # type: ignore[type-var]
    first = after_poll(known(), replace(GOOD, document=document), now=NOW, random=0.5)
    again = after_poll(first.state, replace(GOOD, document=document), now=NOW + HOUR, random=0.5)
    assert (kinds(first), kinds(again)) == ([EventKind.HUB_FOUND], [])


# Restarts


@given(st.floats(0, 0.999), st.integers(1, 2_000))
def test_new_feeds_are_spread_and_a_lone_one_is_polled_at_once(random: float, together: int) -> None:
    state = new_feed(URL, now=NOW, random=random, together=together)
    assert NOW <= state.next_at <= NOW + min(together * 0.5, HOUR)
    assert new_feed(URL, now=NOW, random=random).next_at == NOW


def test_the_next_time_is_part_of_what_is_stored() -> None:
    decision = after_poll(known(), UNCHANGED, now=NOW, random=0.123)
    assert FeedState.from_fields(decision.state.to_fields()).next_at == pytest.approx(decision.next_poll_at, abs=1)


def test_a_late_poll_does_not_slip_into_a_skipped_hour() -> None:
    midnight = NOW - NOW % DAY + DAY
    state = known(skip_hours=frozenset({0, 1}), next_at=midnight - 60, ok_at=midnight - 3 * HOUR)
    assert deferred_until(state, now=midnight - 30) is None
    assert deferred_until(state, now=midnight + 30) == midnight + 2 * HOUR
    assert deferred_until(replace(state, next_at=midnight + 30), now=midnight + 30) is None
    assert deferred_until(replace(state, ok_at=midnight - 2 * DAY), now=midnight + 30) is None


HEADERS: st.SearchStrategy[Mapping[str, str]] = st.dictionaries(
    st.sampled_from(["etag", "last-modified", "retry-after", "cache-control", "expires", "date", "age"]),
    st.text(max_size=30) | st.sampled_from(["max-age=99999999999", "Mon, 21 Sep 2026 15:13:20 GMT", "-1", "1e9"]),
)
RESULTS = st.builds(
    PollResult,
    status=st.sampled_from([0, 100, 200, 204, 206, 301, 304, 400, 404, 410, 429, 500, 503, 999]),
    failure=st.none() | st.sampled_from(list(Reason)),
    headers=HEADERS,
    conditional=st.booleans(),
    body_hash=st.sampled_from(["", "one", "two"]),
    document=st.none()
    | st.builds(
        Document,
        entries=st.integers(0, 5_000),
        new=st.integers(0, 50),
        gap=st.booleans(),
        deferred=st.integers(0, 5),
        published=st.lists(st.floats(0, NOW + DAY), max_size=30).map(tuple),
        ttl=st.none() | st.floats(0, 1e9),
        skip_hours=st.frozensets(st.integers(0, 23), max_size=23),
        skip_days=st.frozensets(st.integers(0, 6), max_size=6),
    ),
    moved_to=st.sampled_from(["", "https://new.example.com/feed", "http://127.0.0.1/", "garbage"]),
    ours=st.booleans(),
)


@given(st.lists(st.tuples(RESULTS, st.floats(0, 0.999)), max_size=8))
def test_whatever_a_server_does_the_next_poll_is_set_and_can_be_stored(answers: list[tuple[PollResult, float]]) -> None:
    state, now = new_feed(URL, now=NOW, random=0.0), NOW
    for result, random in answers:
        decision = after_poll(state, result, now=now, random=random)
        assert now + 10 * MINUTE - 1 <= decision.next_poll_at <= now + 35 * DAY
        stored = decision.state.to_fields()
        assert FeedState.from_fields(stored).to_fields() == stored
        state, now = decision.state, decision.next_poll_at
