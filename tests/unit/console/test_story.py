"""The story of an article, from its trace."""

from __future__ import annotations

import pytest

from console.story import tell
from shared.outcomes import Reason


def trace(status: str, **more: str) -> dict[str, object]:
    stage = status.partition(":")[0]
    return {"status": status, "steps": [{"stage": stage, "at": 1.0, "detail": "212 characters"}], **more}


def test_an_article_that_no_stage_has_ended_waits_to_be_fetched():
    assert tell({"url": "https://a.example/"}).state == "waiting"


@pytest.mark.parametrize("reason", list(Reason))
def test_every_drop_says_why_and_what_can_be_done(reason):
    story = tell(trace(f"extract:dropped:{reason}"))
    assert story.headline.startswith("It was not published because ")
    assert story.do
    assert "212 characters" in story.means
    assert story.state == "calm"


def test_a_retry_says_that_it_goes_on_by_itself():
    story = tell(trace("fetch:retried:timeout"))
    assert (story.state, story.reason) == ("waiting", "timeout")
    assert "tried again by itself" in story.headline


def test_a_dead_one_says_that_it_is_kept():
    story = tell(trace("fetch:dead:tls"))
    assert story.state == "bad"
    assert "can be retried" in story.headline


def test_what_operators_did_is_told():
    assert "operator queued it again" in tell(trace("fetch:waiting")).headline
    assert "operator discarded it" in tell(trace("fetch:discarded")).headline


def test_one_that_went_on_waits_for_the_next_stage():
    assert tell(trace("fetch:forwarded")).headline == "The page was fetched; it waits for the next stage."


def published(status: str, version: str = "1", stands: str = "1") -> dict[str, object]:
    return trace(status, **{"version:rare_earth": version, "stands:rare_earth": stands})


def test_a_published_article_is_good_also_after_a_later_look():
    assert tell(published("classify:forwarded")).headline == "It was published."
    assert "version 3" in tell(published("classify:forwarded", "3")).headline
    assert tell(published("classify:dropped:unchanged")).means == ""
    assert "no longer" not in tell(published("fetch:dropped:not_modified")).headline
    assert tell(published("extract:dropped:too_short")).means


def test_one_that_was_taken_back_says_so():
    assert "taken back" in tell(published("classify:forwarded", "2", "0")).headline
