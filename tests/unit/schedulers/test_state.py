"""A feed's state and its stored form."""

from __future__ import annotations

from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schedulers.core import FeedState
from schedulers.core.state import KINDS, SHORT

VALUES = {
    float: st.floats(0, 4e9).map(lambda number: round(number, 1)),
    int: st.integers(0, 10_000),
    str: st.text(max_size=40),
    bool: st.booleans(),
    frozenset: st.frozensets(st.integers(0, 23)),
}
STATES = st.builds(
    lambda url, changes: replace(FeedState(url=url), **changes),
    st.just("https://e.example.com/feed"),
    st.fixed_dictionaries({}, optional={name: VALUES[kind] for name, kind in KINDS.items()}),
)


@given(STATES)
def test_the_stored_form_loses_nothing(state: FeedState) -> None:
    again = FeedState.from_fields(state.to_fields())
    for item in fields(FeedState):
        was, now = getattr(state, item.name), getattr(again, item.name)
        assert now == (pytest.approx(was, abs=0.6) if isinstance(was, float) else was)
    assert again.to_fields() == state.to_fields()


@given(STATES, STATES)
def test_changes_turn_one_stored_form_into_the_other(before: FeedState, after: FeedState) -> None:
    stored = dict(before.to_fields())
    for name, text in before.changes(after).items():
        if text is None:
            del stored[name]
        else:
            stored[name] = text
    assert stored == after.to_fields()


def test_every_field_has_a_short_name_of_its_own() -> None:
    assert SHORT.keys() == {item.name for item in fields(FeedState)}
    assert len(set(SHORT.values())) == len(SHORT)
    assert all(len(name) <= 2 for name in SHORT.values())


def test_a_new_feed_is_its_address() -> None:
    assert FeedState(url="https://e.example.com/").to_fields() == {"u": "https://e.example.com/"}


def test_fields_of_a_newer_version_are_passed_over() -> None:
    assert FeedState.from_fields({"u": "x", "future": "1"}).url == "x"


def test_a_record_without_an_address_is_refused() -> None:
    with pytest.raises(KeyError):
        FeedState.from_fields({"n": "1"})
    with pytest.raises(ValueError, match="could not convert"):
        FeedState.from_fields({"u": "x", "n": "soon"})
