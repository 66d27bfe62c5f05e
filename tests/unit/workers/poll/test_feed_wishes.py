"""When a document asks to be polled."""

from __future__ import annotations

import pytest

from workers.poll.core import wishes


@pytest.mark.parametrize(
    ("ttl", "period", "frequency", "seconds"),
    [
        ("60", None, None, 3600.0),
        (" 5 ", None, None, 300.0),
        (None, "hourly", None, 3600.0),
        (None, "Daily", "2", 43_200.0),
        (None, "daily", "0", 86_400.0),
        ("60", "daily", "1", 86_400.0),
        ("0", None, None, None),
        ("-1", None, None, None),
        ("1.5", None, None, None),
        ("９", None, None, None),
        ("9" * 400, None, None, None),
        (None, "whenever", "2", None),
        (None, None, None, None),
    ],
)
def test_the_longer_wish_counts_and_garbage_does_not(
    ttl: object, period: object, frequency: object, seconds: float | None
) -> None:
    assert wishes.longest(ttl, period, frequency) == seconds


def test_skipped_hours_and_days_are_read() -> None:
    body = b"<skipHours><hour> 3 </hour><hour>24</hour><hour>77</hour></skipHours><SKIPDAYS><day>Monday</day><day>x</day></SKIPDAYS>"
    assert wishes.skipped_hours(body) == {3, 0}
    assert wishes.skipped_days(body) == {0}


def test_a_feed_that_wants_never_to_be_polled_is_not_taken_at_its_word() -> None:
    hours = "".join(f"<hour>{hour}</hour>" for hour in range(24))
    days = "".join(f"<day>{day}</day>" for day in wishes.DAYS)
    assert wishes.skipped_hours(f"<skipHours>{hours}</skipHours>".encode()) == frozenset()
    assert wishes.skipped_days(f"<skipDays>{days}</skipDays>".encode()) == frozenset()


def test_hours_elsewhere_mean_nothing() -> None:
    assert wishes.skipped_hours(b"<skipHours></skipHours><item><hour>3</hour></item>") == frozenset()
