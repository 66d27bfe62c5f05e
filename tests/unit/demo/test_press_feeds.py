"""The four feed formats, read back by the parsers that readers use."""

from __future__ import annotations

import io
import json
from dataclasses import replace

import feedparser
import pytest

from demo.press import feeds
from demo.press.faults import catalogue
from demo.press.newsroom import Newsroom
from demo.press.outlets import choose

BASE = "http://127.0.0.9:8009"


def _channel(form, **changes):
    outlet = replace(next(outlet for outlet in choose(faults=False) if outlet.format == form), **changes)
    newsroom = Newsroom(seed=3, outlets=[outlet])
    newsroom.publish([1_700_000_000.0 + 60 * n for n in range(12)])
    return feeds.Channel(outlet=outlet, base=BASE, items=newsroom.latest(outlet))


def _parsed(channel):
    return feedparser.parse(io.BytesIO(feeds.render(channel)))


@pytest.mark.parametrize(("form", "version"), [("rss2", "rss20"), ("rss1", "rss10"), ("atom", "atom10")])
def test_feedparser_reads_the_xml_formats_without_a_complaint(form, version):
    channel = _channel(form)
    parsed = _parsed(channel)
    assert (parsed.bozo, parsed.version) == (False, version)
    assert [entry.link for entry in parsed.entries] == [BASE + item.path for item in channel.items]
    assert [entry.title for entry in parsed.entries] == [item.story.title for item in channel.items]
    assert all(entry.get("published_parsed") or entry.get("updated_parsed") for entry in parsed.entries)


def test_the_json_feed_is_of_version_one_point_one_and_holds_every_item():
    channel = _channel("json")
    feed = json.loads(feeds.render(channel))
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert [item["url"] for item in feed["items"]] == [BASE + item.path for item in channel.items]
    assert all({"id", "title", "summary", "date_published"} <= set(item) for item in feed["items"])


@pytest.mark.parametrize("form", ["rss2", "atom"])
def test_an_entry_without_an_id_has_none_to_read(form):
    channel = _channel(form)
    item = replace(channel.items[0], fault=catalogue()["no_id"])
    body = feeds.render(replace(channel, items=[item]))
    assert b"<guid" not in body
    assert b"<entry>\n<id>" not in body


def test_a_wrong_date_is_wrong_in_the_feed_only():
    channel = _channel("rss2")
    item = replace(channel.items[0], fault=catalogue()["wrong_date"])
    parsed = _parsed(replace(channel, items=[item]))
    assert parsed.entries[0].published_parsed.tm_year == 1970
    assert item.published_at > 1_600_000_000


@pytest.mark.parametrize("form", ["rss2", "atom", "json"])
def test_a_full_text_feed_carries_every_paragraph(form):
    channel = _channel(form, full_text=True)
    body = feeds.render(channel).decode()
    for paragraph in channel.items[0].story.paragraphs:
        assert paragraph.split('"')[0].split("'")[0] in body


def test_a_title_with_markup_in_it_comes_back_as_it_was():
    channel = _channel("rss2")
    item = replace(channel.items[0], story=replace(channel.items[0].story, title="Salt & pepper < 3 tonnes"))
    assert _parsed(replace(channel, items=[item])).entries[0].title == "Salt & pepper < 3 tonnes"
