"""Which articles a feed shows, and what the documents say of them."""

from __future__ import annotations

import json
from typing import Any

import feedparser
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from console.outgoing.atom import ATOM, Channel, atom, clean
from console.outgoing.choosing import EXCERPT, FilterError, Wanted, choose, feed_id
from console.outgoing.jsonfeed import VERSION, jsonfeed
from shared.events import PUBLISHED, RETRACTED, UPDATED
from tests.events import tagged
from workers.poll.core import parse

RARE_EARTH = Wanted(topic="rare_earth")
CHANNEL = Channel(
    id="urn:uuid:1", title="A feed", url="https://r.example/feed.atom", home="https://r.example/", version="1"
)
DATA = json.loads(tagged().data)


def event(
    article: str = "a1", kind: str = PUBLISHED, at: str = "2026-11-24T10:00:00Z", **changes: Any
) -> dict[str, str]:
    data = {**DATA, "article_id": article, "url": f"https://news.example.org/{article}", **changes}
    return {"id": f"e-{article}-{kind}-{at}", "type": kind, "subject": article, "time": at, "data": json.dumps(data)}


def chosen(*events: dict[str, str], wanted: Wanted = RARE_EARTH, most: int = 50) -> list[str]:
    """The articles that are shown; `events` newest first."""
    return [item.article.article_id for item in choose(events, wanted, most=most)]


def test_the_newest_come_first_and_no_more_than_wanted():
    assert chosen(event("c"), event("b"), event("a"), most=2) == ["c", "b"]


def test_a_retracted_article_is_not_shown_and_an_updated_one_once_as_it_is_now():
    gone = {
        **event("a", RETRACTED),
        "data": '{"article_id": "a", "version": 2, "topic": "rare_earth", "reason": "gone"}',
    }
    found = choose([gone, event("b", UPDATED, title="New"), event("b", title="Old"), event("a")], RARE_EARTH, most=9)
    assert [(item.article.article_id, item.article.title) for item in found] == [("b", "New")]


def test_one_that_was_retracted_and_came_back_is_shown():
    assert chosen(event("a", UPDATED), event("a", RETRACTED), event("a")) == ["a"]


@pytest.mark.parametrize(
    ("wanted", "shown"),
    [
        ({"tags": ("element:dysprosium",)}, True),
        ({"tags": ("event:*",)}, True),
        ({"tags": ("company:lynas", "event:plant_opening")}, True),
        ({"tags": ("company:*",)}, False),
        ({"language": "en"}, True),
        ({"language": "de"}, False),
        ({"tags": ("event:*",), "language": "de"}, False),
    ],
)
def test_of_several_tags_one_suffices_and_the_language_is_a_condition_beside_them(wanted, shown):
    assert bool(chosen(event(), wanted=Wanted(topic="rare_earth", **wanted))) is shown


@pytest.mark.parametrize("tag", ["", "event", "event:", ":x", "event:a b", "event:export*", "a:b:c"])
def test_a_tag_that_is_none_is_refused_in_words(tag):
    with pytest.raises(FilterError, match="facet:id"):
        Wanted(topic="rare_earth", tags=(tag,))


def test_what_cannot_be_read_is_passed_over():
    broken = [
        {"type": PUBLISHED},
        {"type": PUBLISHED, "id": "x", "data": "{"},
        {"type": "other.v9", "id": "y", "data": "[]"},
    ]
    assert chosen(*broken, event("a")) == ["a"]


def test_ids_depend_on_the_article_alone_and_differ_between_topics():
    one, again = choose([event("a", UPDATED, "2026-11-25T10:00:00Z"), event("b")], RARE_EARTH, most=9)
    (same,) = choose([event("a")], RARE_EARTH, most=9)
    (other,) = choose([event("a")], Wanted(topic="lithium"), most=9)
    assert one.id == same.id != other.id
    assert again.id != one.id
    assert one.id.startswith("urn:uuid:")


def test_a_feed_s_id_depends_on_what_it_is_asked_for():
    queries = (
        RARE_EARTH,
        Wanted(topic="lithium"),
        Wanted(topic="rare_earth", tags=("a:b",)),
        Wanted(topic="rare_earth", language="de"),
    )
    assert len({feed_id(one) for one in queries}) == 4


def test_the_summary_is_the_page_s_own_or_a_quotation_of_the_text():
    own, long, none = (
        choose([event("a", **changes)], RARE_EARTH, most=1)[0].summary
        for changes in (
            {"summary": " The page’s \n own. "}, {"summary": "", "paragraphs": ["word " * 200]}, {"paragraphs": [], "text": ""},
        )
    )  # fmt: skip
    assert own == "The page’s own."
    assert len(long) <= EXCERPT + 2
    assert long.endswith("word …")
    assert none == ""


def test_the_atom_is_sound_and_says_what_a_reader_needs():
    items = choose([event("a", image="https://news.example.org/i.jpg")], RARE_EARTH, most=9)
    read = feedparser.parse(atom(CHANNEL, items))
    assert (read.bozo, read.version) == (0, "atom10")
    assert {link["rel"]: link["href"] for link in read.feed.links} == {
        "self": "https://r.example/feed.atom", "alternate": "https://r.example/",
    }  # fmt: skip
    (entry,) = read.entries
    assert (entry.title, entry.link) == (DATA["title"], "https://news.example.org/a")
    assert (entry.updated, entry.published) == ("2026-11-24T10:00:00Z", DATA["published_at"])
    assert [author["name"] for author in entry.authors] == ["A. Writer"]
    assert ("dysprosium", "https://rarewire.example/schemas/tags/element", "Dysprosium") in [
        (tag.term, tag.scheme, tag.label) for tag in entry.tags
    ]
    assert entry.summary.startswith("The plant will separate")
    assert "content" not in entry
    assert read.feed.updated == entry.updated


def test_full_text_goes_in_only_where_it_is_meant_and_there_is_any():
    items = choose([event("a"), event("b", paragraphs=[], text="", rights="tdm-reservation")], RARE_EARTH, most=9)
    first, second = feedparser.parse(atom(Channel(**{**CHANNEL.__dict__, "full_text": True}), items)).entries
    assert first.content[0].value == "".join(f"<p>{text}</p>" for text in DATA["paragraphs"])
    assert "content" not in second
    assert json.loads(jsonfeed(Channel(**{**CHANNEL.__dict__, "full_text": True}), items))["items"][0][
        "content_text"
    ] == "\n\n".join(DATA["paragraphs"])


def test_a_feed_with_nothing_in_it_is_sound_as_well():
    assert (read := feedparser.parse(atom(CHANNEL, []))).bozo == 0
    assert (read.feed.id, read.entries) == ("urn:uuid:1", [])
    assert json.loads(jsonfeed(CHANNEL, []))["items"] == []


def test_the_json_feed_has_all_that_version_1_1_asks_for():
    document = json.loads(jsonfeed(CHANNEL, choose([event("a")], RARE_EARTH, most=9)))
    assert (document["version"], document["feed_url"]) == (VERSION, CHANNEL.url)
    (item,) = document["items"]
    assert item["content_text"] == item["summary"]
    assert item["tags"] == ["element:dysprosium", "event:plant_opening"]
    assert item["authors"] == [{"name": "A. Writer"}]


@pytest.mark.parametrize("make", [atom, jsonfeed])
def test_rarewire_can_subscribe_to_rarewire(make):
    found = parse(
        make(CHANNEL, choose([event("a"), event("b")], RARE_EARTH, most=9)), url=CHANNEL.url, now=1_795_000_000.0
    )
    assert [entry.url for entry in found.entries] == ["https://news.example.org/a", "https://news.example.org/b"]
    assert [entry.title for entry in found.entries] == [DATA["title"]] * 2


@given(
    st.text(max_size=60),
    st.text(max_size=200),
    st.lists(st.text(min_size=1, max_size=20), max_size=3),
    st.text(max_size=9),
)
def test_whatever_a_page_says_the_documents_are_sound_and_say_it_as_text(title, text, authors, language):
    changes = {"title": title, "paragraphs": [text], "authors": authors, "language": language, "summary": ""}
    try:
        events = [event("a", **changes)]
        events[0]["data"].encode()
    except UnicodeEncodeError:
        return
    items = choose(events, RARE_EARTH, most=1)
    root = etree.fromstring(atom(CHANNEL, items))
    shown = clean(title or "https://news.example.org/a")
    # A parser reads every line end as one (XML 1.0, 2.11); lxml writes a lone carriage return as a reference.
    assert (root.findtext(f"{{{ATOM}}}entry/{{{ATOM}}}title") or "").split() == shown.split()
    assert json.loads(jsonfeed(CHANNEL, items))["items"][0]["title"] == (title or "https://news.example.org/a")


def test_hostile_words_stay_words():
    hostile = "<script>alert(1)</script>]]>&<!--\x00\x0b\ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16")
    (entry,) = feedparser.parse(
        atom(CHANNEL, choose([event("a", title=hostile)], RARE_EARTH, most=1)), sanitize_html=False
    ).entries
    assert entry.title_detail.type == "text/plain"
    assert entry.title == "<script>alert(1)</script>]]>&<!--😀"
