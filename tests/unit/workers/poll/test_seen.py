"""Nothing that is still in a feed is forgotten, nothing is announced twice, and gaps are noticed."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from workers.poll.core import Entry, Seen, unseen
from workers.poll.core.identity import short


def entry(name: object, says: str = "x") -> Entry:
    return Entry(key=short(str(name), 6), digest=short(says, 3), entry_id=str(name))


def names(entries: tuple[Entry, ...]) -> list[str]:
    return [one.entry_id for one in entries]


def test_the_first_document_is_all_new_and_no_gap() -> None:
    found = unseen([entry(1), entry(2)], Seen())
    assert names(found.new) == ["1", "2"]
    assert not found.gap
    assert found.known == 0


def test_the_second_document_brings_what_the_first_had_not() -> None:
    first = unseen([entry(2), entry(1)], Seen())
    found = unseen([entry(3), entry(2), entry(1, "corrected")], first.seen)
    assert names(found.new) == ["3"]
    assert names(found.changed) == ["1"]
    assert found.known == 2


def test_repeats_in_a_document_count_once() -> None:
    assert names(unseen([entry(1), entry(1)], Seen()).new) == ["1"]


def test_a_document_that_shares_nothing_with_the_last_is_a_gap() -> None:
    seen = unseen([entry(1), entry(2)], Seen()).seen
    assert unseen([entry(3), entry(4)], seen).gap
    assert not unseen([entry(3), entry(2)], seen).gap
    assert not unseen([], seen).gap


def test_an_empty_document_forgets_nothing() -> None:
    seen = unseen([entry(1), entry(2)], Seen()).seen
    assert unseen([], seen).seen == seen


def test_what_left_the_document_a_moment_ago_is_not_new_when_it_returns() -> None:
    seen = unseen([entry(1), entry(2)], Seen()).seen
    seen = unseen([entry(3), entry(2)], seen).seen
    assert names(unseen([entry(1), entry(2)], seen).new) == []


def test_five_thousand_entries_are_taken_in_whole() -> None:
    found = unseen([entry(number) for number in range(5_000)], Seen())
    assert len(found.new) == 5_000
    assert len(found.seen.current) == 5_000


def test_over_a_limit_the_oldest_are_taken_and_the_rest_comes_next() -> None:
    document = [entry(number) for number in range(10)]
    taken: list[str] = []
    seen = Seen()
    for deferred in (6, 2, 0):
        found = unseen(document, seen, limit=4)
        assert found.deferred == deferred
        taken += names(found.new)
        seen = found.seen
    assert sorted(taken, key=int) == [str(number) for number in range(10)]
    assert taken[:4] == ["6", "7", "8", "9"]


def test_a_broken_memory_is_an_empty_one() -> None:
    assert Seen.decode("garbage") == Seen()
    assert Seen.decode("") == Seen()


DOCUMENTS = st.lists(st.lists(st.integers(0, 40), max_size=12, unique=True), max_size=12)


@given(DOCUMENTS)
def test_the_stored_form_loses_nothing(documents: list[list[int]]) -> None:
    seen = Seen()
    for document in documents:
        seen = unseen([entry(number) for number in document], seen).seen
        again = Seen.decode(seen.encode())
        assert list(again.current.items()) == list(seen.current.items())
        assert list(again.former.items()) == list(seen.former.items())


@given(DOCUMENTS)
def test_no_entry_is_new_while_it_has_never_left(documents: list[list[int]]) -> None:
    seen, before = Seen(), set()
    for document in documents:
        found = unseen([entry(number) for number in document], seen)
        assert not {int(name) for name in names(found.new)} & before
        seen, before = found.seen, set(document) or before


@given(DOCUMENTS)
def test_every_entry_is_taken_and_the_memory_stays_small(documents: list[list[int]]) -> None:
    seen, taken = Seen(), set()
    for document in documents:
        found = unseen([entry(number) for number in document], seen)
        taken |= {int(name) for name in names(found.new)}
        seen = found.seen
        assert set(document) <= taken
        assert len(seen.former) <= max(20, len(document), 12)
