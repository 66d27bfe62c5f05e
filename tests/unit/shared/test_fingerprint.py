"""Equal failures have one fingerprint."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.fingerprint import fingerprint, normalised


def mark(message: str, *, error_class: str = "TimeoutError") -> str:
    return fingerprint(stage="fetch", error_class=error_class, message=message, place="step.py:fetch")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("timeout: no answer from news.example.org in 20 s", "timeout: no answer from press.example.net in 31 s"),
        ("status 503 for https://a.example/x?y=1", "status 502 for https://b.example/"),
        ("key 'alpha' is missing", "key 'beta' is missing"),
        ("page 0f3a9c1be2d4 has expired", "page 99aa77cc55ee11 has expired"),
    ],
)
def test_what_differs_between_two_instances_does_not_count(one: str, other: str) -> None:
    assert mark(one) == mark(other)


def test_another_kind_of_failure_is_another_group() -> None:
    assert len({mark("status 503"), mark("name not found"), mark("status 503", error_class="OSError")}) == 3


@given(st.text(max_size=3_000))
def test_any_message_has_a_short_normal_form(message: str) -> None:
    assert len(normalised(message)) <= 200
    assert len(mark(message)) == 12
