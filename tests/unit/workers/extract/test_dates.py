"""Dates as pages write them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers.extract.core.dates import EARLIEST, LATEST, human_date, machine_date, months, url_date


def at(*parts: int) -> float:
    return datetime(*parts, tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2025-11-24T06:10:25+00:00", at(2025, 11, 24, 6, 10, 25)),
        ("2025-11-24T06:10:25+05:30", at(2025, 11, 24, 0, 40, 25)),
        ("2025-11-24T06:10:25-0800", at(2025, 11, 24, 14, 10, 25)),
        ("2025-11-24T06:10:25.123Z", at(2025, 11, 24, 6, 10, 25)),
        ("2025-11-24 06:10", at(2025, 11, 24, 6, 10)),
        ("2025-11-24", at(2025, 11, 24)),
        ("20251124T061025", at(2025, 11, 24, 6, 10, 25)),
        ("Mon, 24 Nov 2025 06:10:25 GMT", at(2025, 11, 24, 6, 10, 25)),
        ("Mon, 24 Nov 2025 08:10:25 +0200", at(2025, 11, 24, 6, 10, 25)),
        ("November 24, 2025", at(2025, 11, 24)),
    ],
)
def test_a_machines_date_is_an_instant(text, expected):
    assert machine_date(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "Updated 24 November 2025, 8 am", "Nov. 24, 2025", "24th November 2025", "24. November 2025", "24 novembre 2025",
        "24 de noviembre de 2025", "24 de novembro de 2025", "24 november 2025 klockan 8", "24 november 2025", "24 listopada 2025",
        "24 ноября 2025", "24 листопада 2025", "24 Kasım 2025", "24.11.2025", "2025年11月24日", "2025년 11월 24일",
    ],
)  # fmt: skip
def test_a_date_that_a_person_wrote_is_found(text):
    assert human_date(text) == at(2025, 11, 24)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://example.org/2025/11/24/a-plan", at(2025, 11, 24)),
        ("https://example.org/news/2025-11-24-a-plan.html", at(2025, 11, 24)),
        ("https://example.org/a-plan-20251124.html", at(2025, 11, 24)),
        ("https://example.org/a?date=2025/11/24/", None),
        ("https://example.org/article/123456789", None),
    ],
)
def test_an_address_may_carry_its_day(url, expected):
    assert url_date(url) == expected


@pytest.mark.parametrize(
    "text",
    ["", "soon", "0001-01-01", "1763-05-05", "9999-12-31T00:00:00Z", "2025-13-40", "31.02.2025", "24 of nothing 2025"],
)
def test_what_is_no_date_of_a_page_is_none(text):
    assert machine_date(text) is None


@given(st.text(max_size=80))
def test_any_text_is_none_or_an_instant_of_the_web(text):
    found = machine_date(text)
    assert found is None or EARLIEST <= found <= LATEST


def test_no_month_name_means_two_months():
    assert all(1 <= number <= 12 for number in months().values())
    assert months()["march"] == months()["märz"] == months()["marzo"] == 3
