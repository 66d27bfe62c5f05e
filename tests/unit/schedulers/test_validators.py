"""Conditional requests, and servers that lie about them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from schedulers.core import Document, EventKind, FeedState, PollResult, after_poll, new_feed, request_headers

NOW = 1_790_000_000.0
HOUR, DAY = 3600.0, 86_400.0
ETAG, DATE = 'W/"aZ\\"=="', "sat, 29 OCT 1994 19:43:31 gmt"


def full(etag: str = ETAG, *, new: int = 0, body: str = "one", conditional: bool = False) -> PollResult:
    document = Document(entries=20, new=new, known=20 - new) if new or body != "one" else None
    headers = {"etag": etag, "last-modified": DATE} if etag else {}
    return PollResult(status=200, headers=headers, body_hash=body, document=document, conditional=conditional)


def fresh() -> FeedState:
    return after_poll(new_feed("https://e.example.com/", now=NOW, random=0.0), full(new=20), now=NOW, random=0.5).state


def test_both_validators_are_echoed_verbatim() -> None:
    assert request_headers(fresh(), now=NOW + HOUR) == {"If-None-Match": ETAG, "If-Modified-Since": DATE}


def test_nothing_is_invented() -> None:
    assert request_headers(new_feed("https://e.example.com/", now=NOW, random=0.0), now=NOW) == {}
    state = after_poll(fresh(), full(etag="", body="two", new=1), now=NOW + HOUR, random=0.5).state
    assert request_headers(state, now=NOW + HOUR) == {}


@pytest.mark.parametrize("etag", ["x" * 5_000, "  "])
def test_a_validator_too_long_to_keep_is_not_cut_but_dropped(etag: str) -> None:
    state = after_poll(fresh(), full(etag=etag, body="two", new=1), now=NOW + HOUR, random=0.5).state
    assert state.etag == ""


def test_after_a_day_of_304s_one_full_answer_is_asked_for_and_only_one() -> None:
    state = fresh()
    assert request_headers(state, now=NOW + 2 * DAY)  # no 304 yet: the next answer will tell
    state = after_poll(state, PollResult(status=304, conditional=True), now=NOW + HOUR, random=0.5).state
    assert request_headers(state, now=NOW + DAY - 1)
    assert request_headers(state, now=NOW + DAY) == {}
    state = after_poll(state, full(), now=NOW + DAY, random=0.5).state
    assert request_headers(state, now=NOW + 1.5 * DAY)


def test_a_304_proves_that_asking_is_cheap_and_an_equal_body_proves_the_opposite() -> None:
    state = after_poll(fresh(), PollResult(status=304, conditional=True), now=NOW + HOUR, random=0.5).state
    assert state.proven
    assert not after_poll(state, full(conditional=True), now=NOW + 2 * HOUR, random=0.5).state.proven


def quiet_for_a_day() -> FeedState:
    return after_poll(fresh(), PollResult(status=304, conditional=True), now=NOW + HOUR, random=0.5).state


def test_news_under_the_validators_we_hold_is_a_lie() -> None:
    decision = after_poll(quiet_for_a_day(), full(new=3, body="two"), now=NOW + DAY, random=0.5)
    assert decision.state.lying
    assert [event.kind for event in decision.events] == [EventKind.LYING_VALIDATOR]
    assert request_headers(decision.state, now=NOW + 2 * DAY) == {}


def test_a_changed_body_without_news_is_no_lie() -> None:
    decision = after_poll(quiet_for_a_day(), full(body="two"), now=NOW + DAY, random=0.5)
    assert not decision.state.lying


def suspected() -> FeedState:
    return after_poll(quiet_for_a_day(), full('"new"', new=3, body="two"), now=NOW + DAY, random=0.5).state


def test_news_under_new_validators_leads_to_one_more_question_with_the_old_ones() -> None:
    assert request_headers(suspected(), now=NOW + DAY + HOUR)["If-None-Match"] == ETAG


def test_an_honest_server_answers_it_in_full() -> None:
    answer = full('"new"', body="two", conditional=True)
    state = after_poll(suspected(), answer, now=NOW + DAY + HOUR, random=0.5).state
    assert (state.lying, state.suspect, state.etag) == (False, False, '"new"')


def test_a_liar_says_304_to_it() -> None:
    decision = after_poll(suspected(), PollResult(status=304, conditional=True), now=NOW + DAY + 2 * HOUR, random=0.5)
    assert decision.state.lying
    assert [event.kind for event in decision.events] == [EventKind.LYING_VALIDATOR]


def test_a_cache_may_be_an_hour_behind() -> None:
    soon = after_poll(suspected(), PollResult(status=304, conditional=True), now=NOW + DAY + 1_800, random=0.5).state
    assert not soon.lying
    assert soon.suspect


def simulate(answer: Callable[[dict[str, str], float], PollResult]) -> tuple[FeedState, int]:
    """Thirty days of polls on time; the state at the end and how many requests were unconditional."""
    state, now, bare = fresh(), NOW, 0
    while now < NOW + 30 * DAY:
        now = state.next_at
        headers = request_headers(state, now=now)
        bare += not headers
        state = after_poll(state, answer(headers, now), now=now, random=0.5).state
    return state, bare


def test_a_server_that_says_304_for_ever_is_found_out() -> None:
    def liar(headers: dict[str, str], now: float) -> PollResult:
        if headers:
            return PollResult(status=304, conditional=True)
        return full(f'"{now}"', new=2, body=str(now))

    state, _ = simulate(liar)
    assert state.lying


def test_an_honest_server_without_news_is_asked_in_full_at_most_once_a_day() -> None:
    def honest(headers: dict[str, str], _now: float) -> PollResult:
        return PollResult(status=304, conditional=True) if headers else full()

    state, bare = simulate(honest)
    assert not state.lying
    assert 14 <= bare <= 30


def test_an_honest_server_with_news_is_never_asked_without_validators() -> None:
    def honest(headers: dict[str, str], now: float) -> PollResult:
        current = f'"{int(now // (5 * HOUR))}"'
        if headers.get("If-None-Match") == current:
            return PollResult(status=304, conditional=True)
        return full(current, new=1, body=current, conditional=bool(headers))

    state, bare = simulate(honest)
    assert (state.lying, bare) == (False, 0)
