"""What is learnt of a site's pages, and above all what is not."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workers.extract.core.memory import (
    MOST_MARKS,
    MOST_PAGES,
    Fingerprint,
    PageBlocks,
    SiteMemory,
    fingerprint,
    is_boilerplate,
    known,
    learn,
)

ABOUT = (
    "About the paper: we have told the region what it needs to know since the first press was set up by the harbour."
)
LABEL = "Stay in touch"
WORDS = [
    "harbour",
    "ore",
    "council",
    "price",
    "winter",
    "furnace",
    "ship",
    "annual",
    "court",
    "survey",
    "magnet",
    "glass",
    "engine",
    "village",
    "border",
]


def block(text: str, *, kept: bool = True) -> Fingerprint:
    return Fingerprint(key=fingerprint(text), text=text, chars=len(text), kept=kept)


def sentences(seed: int, count: int = 5) -> list[str]:
    chance = random.Random(seed)
    return [f"Story{'x' * seed} {place}y: " + " ".join(chance.choices(WORDS, k=20)) for place in "abcdefghij"[:count]]


def page(number: int, texts: list[str], title: str = "") -> PageBlocks:
    return PageBlocks(
        article=f"article-{number}", title=title or f"Title {'n' * number}", blocks=tuple(map(block, texts))
    )


def learnt(pages: list[PageBlocks]) -> SiteMemory:
    memory = SiteMemory()
    for each in pages:
        memory = learn(memory, each)
    return memory


def holds(memory: SiteMemory, text: str) -> bool:
    return is_boilerplate(memory, fingerprint(text), chars=len(text))


def test_a_fingerprint_is_of_the_letters_only() -> None:
    assert fingerprint("Copyright 2024 The  Paper!") == fingerprint("copyright 25 the paper")
    assert fingerprint("Copyright 2024 The Paper") != fingerprint("Copyright 2024 The Papers")
    assert fingerprint("12 | 13.5 %") == ""
    assert len(fingerprint("日本の新聞")) == 10


def test_a_text_under_ever_new_articles_is_the_sites_after_three_pages() -> None:
    pages = [page(n, [*sentences(n), ABOUT]) for n in range(1, 4)]
    assert not holds(learnt(pages[:2]), ABOUT)
    memory = learnt(pages)
    assert holds(memory, ABOUT)
    assert memory.seen(fingerprint(ABOUT)) == 3
    assert memory.marks[fingerprint(ABOUT)].text == ABOUT
    assert not any(holds(memory, text) for n in range(1, 4) for text in sentences(n))


def test_a_short_label_needs_more_pages_than_a_sentence() -> None:
    pages = [page(n, [*sentences(n), LABEL]) for n in range(1, 6)]
    assert not holds(learnt(pages[:4]), LABEL)
    assert holds(learnt(pages), LABEL)


def test_a_page_that_comes_again_teaches_nothing() -> None:
    once = learnt([page(n, [*sentences(n), ABOUT]) for n in (1, 2)])
    assert learnt([page(n, [*sentences(n), ABOUT]) for n in (1, 2)] * 5) == once


def test_a_block_that_stands_twice_on_a_page_counts_once() -> None:
    assert learnt([page(1, [*sentences(1), ABOUT, ABOUT])]).seen(fingerprint(ABOUT)) == 1


@pytest.mark.parametrize("others", [0, 5, 40])
def test_a_wire_text_on_many_pages_is_never_learnt_away(others: int) -> None:
    wire = sentences(500)
    pages = [page(n, [*sentences(n), ABOUT]) for n in range(1, others + 1)]
    pages += [page(900 + n, [*wire, ABOUT], title=f"Section {'s' * n} has the story") for n in range(12)]
    random.Random(7).shuffle(pages)
    memory = learnt(pages)
    assert not any(holds(memory, text) for text in wire)
    assert holds(memory, ABOUT) == (others > 0)


def test_a_wire_text_with_a_new_lead_and_a_cut_end_is_still_the_same_article() -> None:
    wire = sentences(500, 8)
    pages = [
        page(n, [f"A lead of its own {'q' * n}, written by the desk that ran the story that day.", *wire[: 8 - n % 3]])
        for n in range(10)
    ]
    memory = learnt(pages)
    assert not any(holds(memory, text) for text in wire)


def test_a_background_paragraph_amid_the_text_of_some_stories_stays() -> None:
    background = (
        "The seventeen elements are used in magnets and engines, and one country has long refined most of them."
    )
    pages = [
        page(n, [*sentences(n, 3), *([background] if n % 4 == 0 else []), *sentences(1_000 + n, 3), ABOUT])
        for n in range(1, 41)
    ]
    memory = learnt(pages)
    assert memory.seen(fingerprint(background)) == 10
    assert not holds(memory, background)
    assert holds(memory, ABOUT)


def test_a_box_amid_every_text_is_the_sites() -> None:
    box = (
        "Our newsletter brings the best of the week to your letter box, each Friday morning and free of charge for all."
    )
    memory = learnt([page(n, [*sentences(n, 3), box, *sentences(1_000 + n, 3)]) for n in range(1, 11)])
    assert holds(memory, box)


def test_a_text_that_comes_with_a_redesign_is_learnt_among_the_next_pages() -> None:
    pages = [page(n, [*sentences(n), ABOUT]) for n in range(1, 60)]
    new = ABOUT.replace("harbour", "mountain railway")
    assert holds(learnt([*pages, *(page(n, [*sentences(n), new]) for n in range(60, 66))]), new)


def test_a_page_is_never_emptied() -> None:
    memory = learnt([page(n, [*sentences(n), ABOUT]) for n in range(1, 10)])
    assert known(memory, [block(text) for text in [*sentences(99), ABOUT]]) == {fingerprint(ABOUT)}
    assert known(memory, [block(ABOUT), block(LABEL)]) == frozenset()


def test_what_the_memory_drops_stays_known() -> None:
    memory = learnt([page(n, [*sentences(n), ABOUT]) for n in range(1, 10)])
    dropped = (*map(block, sentences(99)), block(ABOUT, kept=False))
    assert learn(memory, PageBlocks(article="z", title="z", blocks=dropped)).seen(fingerprint(ABOUT)) == 10


def test_what_nobody_would_keep_is_not_learnt() -> None:
    blocks = (*map(block, sentences(1)), block(LABEL, kept=False))
    assert learn(SiteMemory(), PageBlocks(article="z", title="z", blocks=blocks)).seen(fingerprint(LABEL)) == 0


def test_the_memory_is_bounded_and_the_oldest_leave_first() -> None:
    memory = learnt([page(n, [*sentences(n, 10), ABOUT]) for n in range(1, 150)])
    assert len(memory.marks) == MOST_MARKS
    assert all(len(mark.pages) <= MOST_PAGES for mark in memory.marks.values())
    assert holds(memory, ABOUT)
    assert fingerprint(sentences(1, 10)[0]) not in memory.marks


@settings(max_examples=60, deadline=None)
@given(order=st.permutations(range(1, 13)), copies=st.integers(1, 6), seed=st.integers(0, 1_000))
def test_in_any_order_bodies_stay_and_counts_are_the_same(order: list[int], copies: int, seed: int) -> None:
    wire = sentences(2_000 + seed)
    pages = [page(n, [*sentences(n), ABOUT]) for n in order]
    for n in range(copies):
        pages.insert((seed * (n + 1)) % len(pages), page(100 + n, [*wire, ABOUT], title=f"Copy {'c' * n}"))
    memory = learnt(pages)
    assert memory.pages == 13
    assert memory.seen(fingerprint(ABOUT)) == 13
    assert holds(memory, ABOUT)
    assert not any(holds(memory, text) for n in order for text in [*sentences(n), *wire])


@settings(max_examples=100, deadline=None)
@given(
    pages=st.lists(
        st.lists(st.tuples(st.sampled_from([*sentences(1), ABOUT, LABEL, "", "12"]), st.booleans()), max_size=12),
        max_size=20,
    )
)
def test_learning_never_fails_and_counts_never_pass_the_pages(pages: list[list[tuple[str, bool]]]) -> None:
    memory = SiteMemory()
    for number, texts in enumerate(pages):
        blocks = tuple(block(text, kept=kept) for text, kept in texts)
        memory = learn(memory, PageBlocks(article=str(number), title=str(number), blocks=blocks))
        assert "" not in memory.marks
        assert all(mark.inside + mark.seen > 0 and mark.seen <= memory.pages for mark in memory.marks.values())
        kept = {one.key for one in blocks if one.kept and one.key}
        assert not kept or kept - known(memory, blocks)
