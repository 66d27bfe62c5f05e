"""The outgoing feed as the console serves it: to whom, with what, and when not again."""

from __future__ import annotations

import base64
import json

import feedparser
import pytest

from shared.events import RETRACTED
from shared.settings import Settings
from tests.events import STREAM, fill
from tests.unit.console.web.conftest import USERS
from tests.world import publish

PATHS = ("/feed.atom", "/feed.json")
TOKEN = "a-token-that-is-long"
LOCKED = {"console_users": USERS, "feed_tokens": (TOKEN,), "console_token": "the-programs-own-token"}


def basic(password: str, user: str = "reader") -> dict[str, str]:
    return {"authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}


def test_on_one_s_own_machine_it_is_read_as_it_is(local):
    read = feedparser.parse(local.get("/feed.atom").content)
    assert read.bozo == 0
    assert len(read.entries) == 4
    assert read.entries[0].title == "Refinery number 3 makes its first neodymium oxide"
    assert read.feed.links[0].href == "http://127.0.0.1/feed.atom"


def test_each_form_has_its_media_type_and_no_cookie(local):
    for path, kind in zip(PATHS, ("application/atom+xml", "application/feed+json"), strict=True):
        answer = local.get(path)
        assert answer.headers["content-type"] == f"{kind}; charset=utf-8"
        assert answer.headers["cache-control"] == "private, no-cache"
        assert "set-cookie" not in answer.headers
        assert local.head(path).status_code == 200
    assert local.get("/feed.rss").status_code == 404


@pytest.mark.parametrize("path", PATHS)
def test_with_a_login_it_is_closed_until_a_token_or_a_session_opens_it(console, path):
    client = console(**LOCKED)
    refused = client.get(path)
    assert (refused.status_code, refused.headers["www-authenticate"][:5]) == (401, "Basic")
    for wrong in (
        {},
        basic("wrong-token-of-16"),
        basic(""),
        {"authorization": "Basic ***"},
        {"authorization": f"Bearer {TOKEN}"},
    ):
        assert client.get(path, headers=wrong).status_code == 401
    assert client.get(f"{path}?token=").status_code == 401
    assert client.get(path, headers=basic(TOKEN)).status_code == 200
    assert client.get(f"{path}?token={TOKEN}").status_code == 200
    assert client.get(path, headers={"authorization": "Bearer the-programs-own-token"}).status_code == 200


def test_a_session_opens_it_and_without_tokens_nothing_else_does(console, signed_in):
    assert signed_in("vera").get("/feed.atom").status_code == 200
    assert console(console_users=USERS).get("/feed.atom?token=").status_code == 401
    assert console(console_users=USERS).get("/feed.atom", headers=basic("")).status_code == 401


def test_a_reader_s_token_opens_nothing_but_the_feeds(console):
    client = console(**LOCKED)
    for path in ("/", "/articles", "/metrics", "/consumers", "/feed.atomx", "/feed.atom/"):
        assert client.get(path, headers=basic(TOKEN)).status_code in {303, 401}
        assert client.get(f"{path}?token={TOKEN}").status_code in {303, 401}
    for method in ("POST", "PUT", "DELETE"):
        assert client.request(method, "/feed.atom", headers=basic(TOKEN)).status_code == 405


def test_a_token_is_never_in_the_feed_itself(console):
    text = console(**LOCKED).get(f"/feed.atom?token={TOKEN}&tag=event:*").text
    assert TOKEN not in text
    assert "tag=event%3A%2A" in text


def test_a_short_token_is_refused():
    with pytest.raises(ValueError, match="at least 16"):
        Settings(feed_tokens=("short",))


def test_the_public_address_is_the_one_that_is_given(console):
    client = console(**LOCKED, console_url="https://rarewire.example.org/")
    document = client.get("/feed.json?language=en", headers=basic(TOKEN)).json()
    assert document["feed_url"] == "https://rarewire.example.org/feed.json?language=en"
    assert document["home_page_url"] == "https://rarewire.example.org/articles"


@pytest.mark.parametrize("path", PATHS)
def test_an_unchanged_feed_is_not_sent_again(local, world, path):
    first = local.get(path)
    tag, since = first.headers["etag"], first.headers["last-modified"]
    again = local.get(path, headers={"if-none-match": tag, "if-modified-since": since})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    publish(world, 77)
    assert local.get(path, headers={"if-none-match": tag}).status_code == 200
    assert local.get(path, headers={"if-modified-since": since}).status_code == 200


def test_a_retracted_article_is_gone_from_the_next_answer(local, world):
    before = local.get("/feed.json").json()["items"]
    article = world.redis.xrevrange(STREAM, count=1)[0][1]["subject"]
    data = json.dumps({"article_id": article, "version": 2, "topic": "rare_earth", "reason": "gone"})
    world.redis.xadd(
        STREAM, {"id": "r", "type": RETRACTED, "subject": article, "time": "2026-11-24T10:00:00Z", "data": data}
    )
    assert local.get("/feed.json").json()["items"] == before[1:]


def test_the_query_narrows_it_and_a_query_that_is_none_is_refused_in_words(local):
    count = lambda query: len(local.get(f"/feed.json?{query}").json()["items"])  # noqa: E731
    assert [
        count(query)
        for query in (
            "topic=rare_earth",
            "tag=element:nd",
            "tag=company:*",
            "tag=company:*&tag=element:nd",
            "language=de",
        )
    ] == [4, 4, 0, 4, 0]
    for query, word in (
        ("topic=gold", "rare_earth"),
        ("tag=nonsense", "facet:id"),
        ("&".join([f"tag=a:b{number}" for number in range(21)]), "20 tags"),
    ):
        answer = local.get(f"/feed.atom?{query}")
        assert answer.status_code == 404
        assert word in answer.text


def test_it_has_as_many_articles_as_the_settings_say(console, world):
    fill(world, 120)
    assert len(console(feed_items=70).get("/feed.json").json()["items"]) == 70


def test_the_pages_name_it_and_the_articles_screen_shows_the_one_that_fits_its_filter(local, console):
    assert '<link rel="alternate" type="application/atom+xml"' in local.get("/").text
    assert 'href="/feed.atom?tag=element%3And"' in local.get("/articles?q=tag:element:nd").text
    assert 'type="application/feed+json">JSON Feed' not in local.get("/articles?q=site:metalwire.example").text
    assert "/feed.atom" not in console(console_users=USERS).get("/login").text
