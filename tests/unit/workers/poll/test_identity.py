"""What makes two entries the same, and one changed."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers.poll.core.entries import finish
from workers.poll.core.identity import body_hash, digest, identities, keys
from workers.poll.core.values import Draft

ONE = Draft(entry_id="1", link="https://e.example.com/1", title="t", summary="s", content="c", published_at=5.0)


def same(first: Draft, second: Draft) -> bool:
    return keys([first]) == keys([second])


@pytest.mark.parametrize(
    "change",
    [
        {"published_at": 99.0},
        {"title": "other"},
        {"link": "https://e.example.com/2"},
        {"content": "other"},
        {"authors": ("x",)},
    ],
)
def test_an_entry_stays_itself_while_its_id_does(change: dict[str, object]) -> None:
    assert same(ONE, replace(ONE, **change))  # type: ignore[arg-type]


def test_without_an_id_the_link_decides_and_without_both_the_words_do() -> None:
    linked = replace(ONE, entry_id="")
    bare = replace(linked, link="")
    assert same(linked, replace(linked, title="other", published_at=9.0))
    assert not same(linked, replace(linked, link="https://e.example.com/2"))
    assert same(bare, replace(bare, published_at=9.0))
    assert not same(bare, replace(bare, title="other"))


@pytest.mark.parametrize("other", ["https://e.example.com/1", "http://www.e.example.com/1", "HTTP://e.example.com/1"])
def test_an_id_that_is_an_address_survives_a_move_to_https(other: str) -> None:
    assert same(Draft(entry_id="http://e.example.com/1"), Draft(entry_id=other))


def test_the_parts_of_one_page_are_different_entries() -> None:
    drafts = [Draft(link="https://e.example.com/log#a"), Draft(link="https://e.example.com/log#b")]
    first, second = finish(drafts, base="https://e.example.com/", now=1e9)
    assert first.url == second.url
    assert first.key != second.key


def test_an_id_that_all_entries_share_is_no_id() -> None:
    drafts = [replace(ONE, entry_id="feed", link=f"https://e.example.com/{number}") for number in range(5)]
    assert len(set(identities(drafts))) == 5


def test_repeated_entries_stay_equal() -> None:
    assert len(set(keys([ONE, ONE]))) == 1


@pytest.mark.parametrize(
    ("change", "changed"),
    [
        ({"title": "other"}, True),
        ({"content": "c, corrected"}, True),
        ({"content": "<p class='x'>c</p>"}, False),
        ({"content": " c\n"}, False),
        ({"published_at": 7.0}, False),
        ({"link": "https://e.example.com/1?utm_source=x"}, False),
    ],
)
def test_an_entry_changes_with_its_words_only(change: dict[str, object], changed: bool) -> None:
    assert (digest(ONE) != digest(replace(ONE, **change))) is changed  # type: ignore[arg-type]


@given(st.binary(), st.binary())
def test_bodies_are_told_apart(first: bytes, second: bytes) -> None:
    assert (body_hash(first) == body_hash(second)) is (first == second)


@given(st.text(), st.text())
def test_keys_and_digests_have_the_width_that_is_stored(entry_id: str, title: str) -> None:
    draft = Draft(entry_id=entry_id, title=title)
    assert len(keys([draft])[0]) == 8
    assert len(digest(draft)) == 4
