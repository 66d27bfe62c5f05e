"""What servers ask for in headers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schedulers.core.wishes import fresh_for, http_date, retry_after

NOW = 1_790_000_000.0  # Mon, 21 Sep 2026 14:13:20 GMT


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"cache-control": "max-age=600"}, 600),
        ({"cache-control": 'public, MAX-AGE="600"'}, 600),
        ({"cache-control": "max-age=600", "age": "100"}, 500),
        ({"cache-control": "max-age=600", "age": "1000"}, 0),
        ({"cache-control": "max-age=600, no-cache"}, 0),
        ({"cache-control": "no-store"}, 0),
        ({"cache-control": "s-maxage=600"}, 0),
        ({"cache-control": "max-age=-1"}, 0),
        ({"cache-control": "max-age=600", "expires": "0"}, 600),
        ({"expires": "Mon, 21 Sep 2026 15:13:20 GMT"}, 3600),
        ({"expires": "Mon, 21 Sep 2026 15:13:20 GMT", "date": "Mon, 21 Sep 2026 15:03:20 GMT"}, 600),
        ({"expires": "Mon, 21 Sep 2015 15:13:20 GMT"}, 0),
        ({"expires": "-1"}, 0),
        ({}, 0),
    ],
)
def test_how_long_an_answer_is_fresh(headers: dict[str, str], seconds: float) -> None:
    assert fresh_for(headers, now=NOW) == seconds


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("Mon, 21 Sep 2026 14:13:20 GMT", NOW),
        ("Monday, 21-Sep-26 14:13:20 GMT", NOW),
        ("Mon Sep 21 14:13:20 2026", NOW),
        ("21 Sep", None),
        ("0", None),
        ("", None),
        ("x" * 1000, None),
    ],
)
def test_http_dates_in_all_their_forms(text: str, at: float | None) -> None:
    assert http_date(text) == at


@given(st.text(max_size=80), st.text(max_size=40))
def test_no_header_makes_it_fail(value: str, date: str) -> None:
    wait = retry_after({"retry-after": value, "date": date}, now=NOW, most=100.0)
    assert wait is None or 0 < wait <= 100
    assert fresh_for({"cache-control": value, "expires": value, "age": date, "date": date}, now=NOW) >= 0
