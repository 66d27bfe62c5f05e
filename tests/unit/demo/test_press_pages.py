"""The pages: the article is in there whole, in a real site's clutter, and the walls hold none of it."""

from __future__ import annotations

import re

import lxml.html
import pytest

from demo.press import pages
from demo.press.newsroom import Newsroom
from demo.press.outlets import choose

BASE = "http://127.0.0.9:8009"
OUTLETS = choose(faults=False)
WALLS = ["consent_wall.html", "login_wall.html", "soft_404.html", "javascript_shell.html"]


def _page(outlet, *, kilobytes=40):
    newsroom = Newsroom(seed=2, outlets=[outlet])
    item = newsroom.publish([1_700_000_000.0 + n for n in range(12)])[-1]
    frame = pages.Frame(base=BASE, others=newsroom.before(item, 10), kilobytes=kilobytes)
    return item, pages.article(item, frame)


def _text(element):
    return re.sub(r"\s+", " ", element.text_content()).strip()


@pytest.mark.parametrize("outlet", OUTLETS, ids=lambda outlet: outlet.slug)
def test_the_title_is_the_only_first_heading_and_every_paragraph_is_there_in_order(outlet):
    item, body = _page(outlet)
    tree = lxml.html.document_fromstring(body.decode())
    assert [_text(heading) for heading in tree.iter("h1")] == [item.story.title]
    printed = [_text(paragraph) for paragraph in tree.iter("p")]
    places = [printed.index(paragraph) for paragraph in item.story.paragraphs]
    assert places == sorted(places)


@pytest.mark.parametrize("outlet", OUTLETS, ids=lambda outlet: outlet.slug)
def test_a_page_holds_far_more_than_its_article(outlet):
    item, body = _page(outlet)
    words = sum(len(paragraph) for paragraph in item.story.paragraphs)
    assert len(_text(lxml.html.document_fromstring(body.decode()).find("body"))) > words * 1.3


def test_pages_weigh_about_what_was_asked_for():
    for outlet in OUTLETS:
        for kilobytes in (40, 120):
            _, body = _page(outlet, kilobytes=kilobytes)
            assert 0.9 < len(body) / 1024 / kilobytes < 1.2, (outlet.slug, len(body))


def test_a_page_is_the_same_each_time_it_is_made():
    assert _page(OUTLETS[0]) == _page(OUTLETS[0])


def test_the_newspaper_theme_has_the_house_lines_inside_its_content_box():
    _, body = _page(next(outlet for outlet in OUTLETS if outlet.slug == "mineral-courier"))
    tree = lxml.html.document_fromstring(body.decode())
    content = _text(tree.find_class("td-post-content")[0])
    assert all(words in content for words in ("Also read:", "Do Follow:", "About us:", "LinkedIn Account"))
    page = _text(tree.find("body"))
    assert all(words in page for words in ("Top 5 This Week", "Related News", "Popular Articles", "November 14, 2023"))


def test_every_language_has_every_label():
    keys = {code: set(words) for code, words in pages.labels().items()}
    assert all(words == keys["en"] for words in keys.values())


@pytest.mark.parametrize("wall", WALLS)
@pytest.mark.parametrize("outlet", OUTLETS[:12:3], ids=lambda outlet: outlet.slug)
def test_a_wall_shows_nothing_of_the_article(wall, outlet):
    newsroom = Newsroom(seed=2, outlets=[outlet])
    item = newsroom.publish([1_700_000_000.0])[0]
    frame = pages.Frame(base=BASE, others=(), kilobytes=40)
    body = pages.plain(wall, outlet, frame, title=item.story.title).decode()
    assert not any(paragraph in body for paragraph in item.story.paragraphs)
