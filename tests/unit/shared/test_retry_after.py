"""Retry-After: seconds, a date, or nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.retry_after import LONGEST, retry_after

NOW = 1_800_000_000.0  # Fri, 15 Jan 2027 08:00:00 GMT


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120.0),
        (" 0 ", 0.0),
        ("1.5", 1.5),
        ("Fri, 15 Jan 2027 09:00:00 GMT", 3_600.0),
        ("Friday, 15-Jan-27 09:00:00 GMT", 3_600.0),
        ("Fri Jan 15 09:00:00 2027", 3_600.0),
        ("Fri, 15 Jan 2027 10:00:00 +0100", 3_600.0),
        ("Fri, 15 Jan 2027 07:00:00 GMT", 0.0),
        ("999999999", LONGEST),
        ("Fri, 15 Jan 2100 08:00:00 GMT", LONGEST),
    ],
)
def test_a_wish_is_read_in_seconds_or_as_a_date_up_to_31_days(value: str, seconds: float) -> None:
    assert retry_after(value, NOW) == seconds


@pytest.mark.parametrize(
    "value",
    [
        None,
        "",
        "soon",
        "-5",
        "1e9",
        "0x10",
        "१२",
        "12 minutes",
        "Fri, 99 Jan 2027 09:00:00 GMT",
        "1" * 500,
        "nan",
        "inf",
    ],
)
def test_garbage_is_no_wish(value: str | None) -> None:
    assert retry_after(value, NOW) is None


@given(st.text(max_size=80))
def test_any_text_is_a_wait_within_31_days_or_none(value: str) -> None:
    wait = retry_after(value, NOW)
    assert wait is None or 0 <= wait <= LONGEST
