"""Words for operators: every reason has its meaning, numbers and times read as people say them."""

from __future__ import annotations

import pytest

from console.words import ago, duration, meaning, meanings, number, plural, size
from shared.outcomes import Reason


def test_every_reason_has_words_and_no_words_are_left_over():
    assert set(meanings()) == {reason.value for reason in Reason}


@pytest.mark.parametrize("reason", list(Reason))
def test_a_title_completes_the_sentence_and_the_rest_are_sentences(reason):
    known = meaning(reason)
    assert known.title[0].islower() or known.title.startswith("JavaScript")
    assert not known.title.endswith(".")
    assert known.means.endswith(".")
    assert known.do.endswith(".")


def test_a_reason_of_a_newer_version_speaks_for_itself():
    assert meaning("too_blue").title == "too blue"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"),
        (4.25, "4.2 s"),
        (59, "59 s"),
        (61, "1 min"),
        (3_600, "1 h"),
        (7_500, "2 h 5 min"),
        (90_000, "1 d 1 h"),
        (40 * 86_400, "40 d"),
    ],
)
def test_a_span_is_said_in_its_largest_units(seconds, text):
    assert duration(seconds) == text


@pytest.mark.parametrize(("gap", "text"), [(0.2, "now"), (30, "30 s ago"), (-90, "in 2 min")])
def test_a_moment_is_said_from_now(gap, text):
    assert ago(1_000.0, 1_000.0 + gap) == text


def test_zero_is_never():
    assert ago(0, 1_000) == "never"


@pytest.mark.parametrize(
    ("value", "text"), [(7, "7"), (1_234, "1,234"), (12_345, "12.3k"), (1_000_000, "1.00M"), (45e6, "45.0M")]
)
def test_a_count_stays_short(value, text):
    assert number(value) == text


def test_nouns_follow_their_number():
    assert [plural(1, "retry"), plural(2, "retry"), plural(0, "letter"), plural(2, "day")] == [
        "1 retry", "2 retries", "0 letters", "2 days",
    ]  # fmt: skip


def test_sizes_are_said_in_the_unit_that_fits():
    assert [size(2_048), size(3 * 1024**2), size(5 * 1024**3)] == ["2 KiB", "3 MiB", "5.0 GiB"]
