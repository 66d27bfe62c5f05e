"""The newsroom: the seed decides, titles differ, outlets take their turns."""

from __future__ import annotations

from collections import Counter

import pytest

from demo.press.newsroom import Newsroom
from demo.press.outlets import choose


def _published(count, *, seed=1, faults=True, outlets=None):
    newsroom = Newsroom(seed=seed, outlets=choose(outlets, faults=faults))
    return newsroom.publish([1_000.0 + n for n in range(count)])


def test_the_same_seed_gives_the_same_articles_and_faults():
    assert _published(300, seed=5) == _published(300, seed=5)


def test_publishing_one_by_one_gives_the_same_as_all_at_once():
    newsroom = Newsroom(seed=5, outlets=choose())
    assert [newsroom.publish([1_000.0 + n])[0] for n in range(120)] == _published(120, seed=5)


def test_another_seed_gives_other_articles():
    titles = [{item.story.title for item in _published(200, seed=seed)} for seed in (1, 2)]
    assert len(titles[0] & titles[1]) < 20


def test_three_thousand_articles_have_as_many_paths_and_a_title_for_each_story():
    items = _published(3_000)
    assert len({item.path for item in items}) == 3_000
    own = [item.story.title for item in items if not item.wire]
    assert len(set(own)) == len(own)


def test_titles_need_no_number_to_differ_up_to_ten_thousand():
    assert not [item for item in _published(10_000) if item.story.title.endswith(")") and "(" in item.story.title[-8:]]


def test_the_wire_brings_one_story_to_three_outlets_with_local_edits():
    wires = [item for item in _published(400) if item.wire]
    groups = Counter(item.wire for item in wires)
    assert groups
    for wire in list(groups)[:-1]:
        group = [item for item in wires if item.wire == wire]
        assert len({item.outlet.slug for item in group}) == 3
        assert len({item.story.title for item in group}) == 1
        assert len({item.story.paragraphs for item in group}) == 3
        assert len({item.story.label for item in group}) == 1


def test_every_outlet_publishes():
    slugs = {item.outlet.slug for item in _published(40)}
    assert slugs == {outlet.slug for outlet in choose()}


def test_without_faults_no_article_has_one():
    assert {item.fault.name for item in _published(500, faults=False)} == {""}


def test_with_faults_every_kind_of_fault_comes_up():
    faults = {item.fault.name for item in _published(1_000)}
    assert {
        "broken",
        "rate_limited",
        "unavailable",
        "missing",
        "consent_wall",
        "soft_404",
        "truncated",
        "pdf",
    } <= faults
    assert {"disallowed", "no_id", "wrong_date", "redirected", "login_wall", "javascript_shell", "slow"} <= faults


def test_a_broken_page_is_among_the_first_articles_so_that_there_is_work_to_retry():
    assert "broken" in {item.fault.name for item in _published(64)}


def test_a_correction_adds_a_paragraph_and_keeps_the_former_edition():
    newsroom = Newsroom(seed=1, outlets=choose())
    newsroom.publish([1_000.0] * 60)
    corrected = newsroom.correct(2_000.0)
    assert corrected is not None
    assert corrected.revision == 2
    assert corrected.story.paragraphs[:-1] == corrected.earlier[0].paragraphs
    assert (corrected.published_at, corrected.updated_at) == (1_000.0, 2_000.0)
    assert newsroom.find(corrected.path) == corrected
    assert newsroom.correct(3_000.0) != corrected


def test_a_press_without_a_correcting_outlet_corrects_nothing():
    newsroom = Newsroom(seed=1, outlets=choose(1))
    newsroom.publish([1_000.0] * 5)
    assert newsroom.correct(2_000.0) is None


@pytest.mark.parametrize("count", [1, 12, 16, 40])
def test_any_number_of_outlets_can_be_had_each_with_its_own_name_and_addresses(count):
    outlets = choose(count)
    assert len({outlet.slug for outlet in outlets}) == count
    assert len({outlet.feed_path for outlet in outlets}) == count


def test_the_first_twelve_outlets_hold_all_formats_and_eight_languages():
    outlets = choose(12)
    assert {outlet.format for outlet in outlets} == {"rss2", "rss1", "atom", "json"}
    assert len({outlet.language for outlet in outlets}) == 8
    assert len({outlet.theme for outlet in outlets}) >= 6
