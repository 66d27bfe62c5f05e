"""Dates as feeds write them."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers.poll.core.dates import believable, from_struct, from_text
from workers.poll.core.fastdates import epoch

NOW = 1_790_000_000.0


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2026-09-21T08:00:00Z", 1_789_977_600.0),
        ("2026-09-21T08:00:00", 1_789_977_600.0),
        ("2026-09-21", 1_789_948_800.0),
        ("Mon, 21 Sep 2026 08:00:00 GMT", 1_789_977_600.0),
        ("Mon, 21 Sep 2026 08:00:00", 1_789_977_600.0),
        ("", None),
        (None, None),
        (17, None),
        ("2026-13-45", None),
        ("x" * 10_000, None),
    ],
)
def test_texts_are_read_or_refused(text: object, at: float | None) -> None:
    assert from_text(text) == at


@given(st.text(max_size=40))
def test_no_text_makes_it_fail(text: str) -> None:
    from_text(text)
    epoch(text)


def test_what_cannot_be_true_is_not_believed() -> None:
    assert believable(NOW, now=NOW) == NOW
    assert believable(NOW + 86_400, now=NOW) == NOW + 86_400
    assert believable(NOW + 86_401, now=NOW) is None
    assert believable(788_918_399.0, now=NOW) is None
    assert believable(None, now=NOW) is None


def test_feedparsers_tuples_are_read_and_impossible_ones_refused() -> None:
    assert from_struct(time.gmtime(NOW)) == NOW
    assert from_struct(time.struct_time((-1, 1, 1, 0, 0, 0, 0, 1, 0))) is None
    assert from_struct("2026") is None


@given(
    st.datetimes(
        min_value=__import__("datetime").datetime(1995, 1, 1), max_value=__import__("datetime").datetime(2100, 1, 1)
    )
)
def test_both_forms_come_back_as_the_same_moment(moment: object) -> None:
    at = moment.replace(microsecond=0, tzinfo=__import__("datetime").UTC)  # type: ignore[attr-defined]
    assert epoch(at.isoformat()) == epoch(at.strftime("%a, %d %b %Y %H:%M:%S +0000")) == at.timestamp()
