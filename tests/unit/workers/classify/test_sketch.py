"""Sketches: copies with an editor's changes are alike, other stories of the same kind are not."""

from __future__ import annotations

from collections import defaultdict

from benchmarks.classification.copies import Index, resemblance
from benchmarks.classification.stories import copies
from workers.classify.core import Ruleset, news_of
from workers.classify.core.sketch import SIZE, sketch


def test_copies_of_generated_stories_are_each_one_cluster() -> None:
    index = Index()
    clusters: dict[int, set[int]] = defaultdict(set)
    for number, copy in enumerate(copies(stories=20, sites=10, seed=11)):
        clusters[index.join(number, sketch(copy.paragraphs))].add(copy.story)
    assert sorted(map(len, clusters.values())) == [1] * 20


def test_texts_with_nothing_in_common_share_nothing() -> None:
    one, other = (sketch([" ".join(f"{word}{n}" for n in range(80))]) for word in ("ore", "tin"))
    assert len(one) == SIZE
    assert resemblance(one, other) == 0.0
    assert resemblance(one, one) == 1.0


def test_short_texts_have_no_sketch_in_any_script() -> None:
    assert sketch(["Prices were unchanged on Monday."]) == ()
    assert sketch(["稀土价格周一持平。"]) == ()
    assert sketch(["稀土价格周一持平，" * 3 + "".join(chr(0x4E00 + n) for n in range(80))]) != ()


def test_a_companys_description_is_no_news(rare_earth: Ruleset) -> None:
    text = ("Prices rose.", "About Example Inc.", "Example mines.", "Forward-looking statements may fail.")
    assert news_of(rare_earth, "Prices rise", ("Prices rise", *text)) == ("Prices rose.",)
