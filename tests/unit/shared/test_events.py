"""The public event: ids, names, envelope and reading."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.entry_ids import before, first_at, moment, parts
from shared.events import (
    CANARY_TYPE,
    PUBLISHED,
    ArticleEvent,
    UnreadableEventError,
    content_hash,
    envelope,
    event_id,
    parse,
    rfc3339,
    stream_of,
)
from tests.events import tagged

NAMES = st.text(min_size=1, max_size=20)
IDS = st.builds(lambda ms, number: f"{ms}-{number}", st.integers(0, 2**53), st.integers(0, 2**64 - 1))


def test_streams_are_named_by_topic_and_major_version() -> None:
    assert stream_of("rare_earth") == "rarewire:rare-earth:v1"
    assert stream_of("rare_earth", "export-controls") == "rarewire:rare-earth:v1:only:export-controls"


@given(NAMES, st.integers(1, 9), NAMES)
def test_an_event_has_one_id_whoever_makes_it(article: str, version: int, topic: str) -> None:
    assert event_id(article, version, "published", topic) == event_id(article, version, "published", topic)


def test_ids_differ_by_version_type_topic_and_article() -> None:
    ids = {
        event_id(article, version, kind, topic)
        for article in ("a", "b") for version in (1, 2) for kind in ("published", "updated") for topic in ("x", "y")
    }  # fmt: skip
    assert len(ids) == 16


def test_times_are_utc_with_seconds() -> None:
    assert rfc3339(0) == "1970-01-01T00:00:00Z"
    assert rfc3339(None) is None


def test_a_content_hash_folds_white_space_and_nothing_else() -> None:
    assert content_hash("A", "b  c\n") == content_hash("A", "b c")
    assert content_hash("A", "b c") != content_hash("A", "b C")


def test_what_is_published_is_read_as_it_was() -> None:
    event = parse(tagged().fields())
    assert event.type == PUBLISHED
    assert isinstance(event.data, ArticleEvent)
    assert event.data.tags[0].evidence[0].text == "dysprosium"
    assert event.data.title[21:31] == "dysprosium"


def test_unknown_fields_and_types_are_read_and_kept() -> None:
    fields = {"id": "1", "type": "rarewire.article.sung.v3", "data": '{"tune": 1}', "more": "x"}
    event = parse(fields)
    assert (event.data, event.raw) == (None, '{"tune": 1}')


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"type": PUBLISHED, "data": "{}"},
        {"id": "1", "type": PUBLISHED},
        {"id": "1", "type": PUBLISHED, "data": "{"},
        {"id": "1", "type": PUBLISHED, "data": "[]"},
        {"id": "1", "type": CANARY_TYPE, "data": '{"minute": "x", "articles": -1}'},
        {"id": "1", "type": "other", "sequence": "many"},
    ],
)
def test_what_is_no_event_is_an_error_of_its_own(fields: dict[str, str]) -> None:
    with pytest.raises(UnreadableEventError):
        parse(fields)


@given(st.dictionaries(st.sampled_from(["id", "type", "data", "sequence", "time", "x"]), st.text(max_size=30)))
def test_whatever_an_entry_holds_it_is_read_or_refused(fields: dict[str, str]) -> None:
    try:
        event = parse(fields)
    except UnreadableEventError:
        return
    assert event.id == fields["id"]


@given(st.dictionaries(st.text(max_size=8), st.text(max_size=30)))
def test_an_envelope_is_one_json_object_of_all_fields(fields: dict[str, str]) -> None:
    made = json.loads(envelope(fields))
    assert {name: text for name, text in made.items() if name != "data"} == {
        name: text for name, text in fields.items() if name != "data"
    }


def test_an_envelope_holds_the_data_as_an_object() -> None:
    assert json.loads(envelope({"id": "1", "data": '{"a": [1]}'}))["data"] == {"a": [1]}


@given(IDS)
def test_the_id_before_one_is_the_greatest_that_is_smaller(entry: str) -> None:
    earlier = parts(before(entry))
    if parts(entry) == (0, 0):
        assert earlier == (0, 0)
    else:
        ms, number = earlier
        after = (ms, number + 1) if number < 2**64 - 1 else (ms + 1, 0)
        assert after == parts(entry)


def test_ids_and_times() -> None:
    assert first_at(12.3456) == "12345-0"
    assert moment("12345-7") == 12.345
    assert parts("12345") == (12345, 0)
    for bad in ("", "x-1", "-", "1-2-3", "$"):
        with pytest.raises(ValueError):
            parts(bad)
