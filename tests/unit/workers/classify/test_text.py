"""Folding keeps the way back to the original text; words end where a reader sees them end."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers.classify.core.text import ends_word, fold, sentence_around, sentences, starts_word, word_count


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("Rare-Earth", "rare earth"),
        ("rare\u2011earth", "rare earth"),
        ("rare\u00a0earths", "rare earths"),
        ("rare  \n earths", "rare earths"),
        ("ra\u00adre ea\u200brths", "rare earths"),
        ("ＲＥＥ", "ree"),
        ("Nd₂O₃", "nd2o3"),
        ("China’s", "china's"),
        ("ne\u0301odyme", "néodyme"),
        ("İtriyum ve ısı", "itriyum ve isi"),
        ("редкозёмы", "редкоземы"),
        ("الأتربة النادرة", "الاتربه النادره"),
        ("稀土", "稀土"),
        ("plain-ascii\ttext", "plain ascii text"),
    ],
)
def test_spellings_that_a_reader_takes_for_equal_fold_alike(written: str, folded: str) -> None:
    assert fold(written).lower == folded


@given(st.text(max_size=200))
def test_every_folded_span_leads_back_into_the_original(text: str) -> None:
    folded = fold(text)
    assert len(folded.cased) == len(folded.lower)
    for index in range(len(folded.lower)):
        start, end = folded.original(index, index + 1)
        assert 0 <= start < end <= len(text)


@given(st.text(max_size=300))
def test_sentences_cover_a_text_without_gaps(text: str) -> None:
    spans = sentences(text)
    assert "".join(text[start:end] for start, end in spans) == text
    for position in range(len(text)):
        start, end = sentence_around(text, position)
        assert start <= position < end


def test_an_abbreviation_ends_no_sentence() -> None:
    assert len(sentences("Ucore Inc. and the U.S. Army agreed. Work starts in May.")) == 2
    assert len(sentences("价格上涨。出口下降！")) == 2


def test_words_of_spaced_scripts_have_edges_and_others_have_none() -> None:
    assert not starts_word("trees", 1)
    assert not ends_word("reef", 3)
    assert starts_word("中国稀土", 2)
    assert ends_word("中国稀土价格", 4)
    assert ends_word("lynas's", 5)


@pytest.mark.parametrize("text", ["eu稀土etf", "mp稀土2025", "2011稀土q"])
def test_scripts_without_spaces_have_no_edges_beside_latin_letters_and_digits_either(text: str) -> None:
    at = text.index("稀")
    assert starts_word(text, at)
    assert ends_word(text, at + 2)


def test_korean_particles_may_follow_and_nothing_may_stand_before() -> None:
    assert ends_word("희토류의", 3)
    assert not starts_word("것이란", 1)


def test_arabic_article_and_prepositions_may_stand_before() -> None:
    assert starts_word("والنيوديميوم", 3)
    assert not starts_word("سنيوديميوم", 1)


def test_chinese_is_counted_in_words_too() -> None:
    assert word_count("one two three") == 3
    assert word_count("稀土价格上涨") == pytest.approx(6 / 1.7)
