"""Validators: an unchanged feed is not sent again, and a changed one always is."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from console.outgoing.caching import validators

NOW = 1_800_000_000.5


def asked(held, *, tag=None, since=None):
    return held.unchanged(if_none_match=tag, if_modified_since=since)


def test_the_same_bytes_are_known_by_their_etag_in_each_form_that_readers_send():
    held = validators(b"feed", changed=NOW - 60, now=NOW)
    for tag in (held.etag, f"W/{held.etag}", f'"x", {held.etag}', "*"):
        assert asked(held, tag=tag)
    assert not asked(held, tag=validators(b"other", changed=NOW - 60, now=NOW).etag)
    assert not asked(held)


def test_where_there_is_an_etag_the_date_says_nothing():
    held = validators(b"feed", changed=NOW - 60, now=NOW)
    assert not asked(held, tag='"other"', since=held.fields["last-modified"])


@given(st.floats(0, 10), st.floats(0, 10))
def test_a_date_never_hides_a_change_that_came_after_the_answer(age, later):
    held = validators(b"feed", changed=NOW - age, now=NOW)
    after = validators(b"more", changed=NOW + later, now=NOW + later)
    assert not asked(after, since=held.fields["last-modified"])


def test_a_date_is_known_once_its_second_is_over():
    held = validators(b"feed", changed=NOW - 60, now=NOW)
    assert asked(held, since=held.fields["last-modified"])
    assert held.fields["last-modified"] == "Fri, 15 Jan 2027 07:59:00 GMT"


def test_a_date_that_is_none_changes_nothing():
    for since in ("", "yesterday", "Mon, 99 Foo 2026", "0"):
        assert not asked(validators(b"feed", changed=0, now=NOW), since=since)
