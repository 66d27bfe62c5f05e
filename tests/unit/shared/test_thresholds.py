"""The thresholds of tagging are settings that contradict neither themselves nor each other."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from shared.settings import Settings


@pytest.mark.parametrize(
    ("chosen", "words"),
    [
        ({"topic_threshold": 0.0}, "greater than 0"),
        ({"topic_threshold": 1.0}, "less than 1"),
        ({"mention_threshold": 0.0}, "greater than 0"),
        ({"mention_threshold": 0.5}, "must be below topic_threshold"),
        ({"topic_threshold": 0.05}, "must be below topic_threshold"),
    ],
)
def test_thresholds_out_of_range_or_order_are_refused_in_words(chosen: dict[str, float], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        Settings(**chosen)  # type: ignore[arg-type]


def test_thresholds_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAREWIRE_TOPIC_THRESHOLD", "0.8")
    assert Settings().topic_threshold == 0.8
