"""Every screen answers in words, escapes what is hostile, and leads to the act in few steps."""

from __future__ import annotations

import json
import re

import pytest

from shared.messages import PageFound
from shared.stores import keys
from shared.stores.audit import AuditStore
from shared.stores.dead_letters import DeadLetterStore, Scope
from shared.stores.feeds import FeedStore
from shared.stores.groups import GroupStore
from shared.stores.webhooks import WebhookStore
from shared.stores.work import WorkStore
from shared.topology import Stage
from shared.urls import article_id
from tests.unit.console.web.conftest import token
from tests.world import HOSTILE, HOSTS, bury, drop, publish

SCREENS = ("/", "/articles", "/recent", "/feeds", "/failures", "/failures?view=letters", "/retries", "/consumers", "/workers",
           "/sites", "/audit", "/help", "/search")  # fmt: skip


@pytest.mark.parametrize("path", SCREENS)
def test_every_screen_answers_with_a_full_world(local, path):
    answer = local.get(path)
    assert answer.status_code in {200, 404}
    assert "<main" in answer.text
    assert "Traceback" not in answer.text


@pytest.mark.parametrize("path", SCREENS)
def test_every_screen_says_something_about_an_empty_world(local, world, path):
    world.redis.flushall()
    answer = local.get(path)
    assert answer.status_code in {200, 404}
    text = re.sub(r"<[^>]+>", " ", answer.text.split("<main", 1)[1].split("</main>")[0])
    assert len(text.split()) > 5


def test_hostile_text_never_becomes_markup(local, world):
    identity = publish(world, 99, title=HOSTILE)
    work = WorkStore(world)
    work.add([PageFound(article_id="x1", url="https://h.example/a", feed_id=HOSTILE, found_at=1.0)])
    world.redis.hset(
        keys.ARTICLE("x1"), mapping={"title": HOSTILE, "feed": HOSTILE, "status": f"fetch:dropped:{HOSTILE}"}
    )
    feed = FeedStore(world).ids()[0]
    FeedStore(world).put(feed, {"name": HOSTILE, "xr": HOSTILE})
    for path in (f"/articles/{identity}", "/articles", "/", "/articles/x1", "/feeds", f"/feeds/{feed}", f"/search?s={HOSTILE}",
                 f"/failures?q={HOSTILE}", f"/retries?q={HOSTILE}", f"/nowhere/{HOSTILE}", f"/recent?stage={HOSTILE}"):  # fmt: skip
        text = local.get(path).text
        assert "<script>alert" not in text
        assert "<img src=x" not in text
        assert "49" not in re.findall(r">49<", text)


def test_backticks_become_code_and_nothing_else_does():
    from console.web.desk import coded

    assert coded("run `rarewire explain URL` & <b>") == "run <code>rarewire explain URL</code> &amp; &lt;b&gt;"
    assert "<script>" not in coded("`<script>`")


def test_pages_forbid_inline_script_and_style_and_hold_none(local):
    answer = local.get("/")
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert not re.search(r"<script(?! src=)|<style|\sstyle=|\son\w+=", answer.text)


def test_ten_thousand_causes_are_not_needed_seven_groups_are_seven_rows(local):
    text = local.get("/failures").text
    assert text.count('class="group"') == 7
    assert "7 error groups" in text


def test_from_the_overview_a_group_is_retried_in_two_clicks(local, world):
    first = re.search(r'class="button small" href="(/failures/confirm\?[^"]+)"', local.get("/").text)
    assert first
    page = local.get(first.group(1).replace("&amp;", "&")).text
    form = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page))
    before = DeadLetterStore(world).count()
    answer = local.post("/failures/move", data={**form, "why": "the site is well"})
    assert answer.status_code == 303
    assert DeadLetterStore(world).count() == before - 3
    assert "3 letters" in local.get(answer.headers["location"]).text
    (act,) = AuditStore(world).acts()
    assert (act.who, act.what, act.count, act.why) == ("local", "failures retried", 3, "the site is well")


def test_a_second_press_moves_nothing(local, world):
    local.get("/")
    form = {"csrf": token(local), "verb": "retry", "q": "reason:timeout", "cutoff": f"{world.time() + 1:.3f}"}
    local.post("/failures/move", data=form)
    local.post("/failures/move", data=form)
    assert [act.count for act in AuditStore(world).acts()] == [0, 3]
    waiting = WorkStore(world).backlog()[Stage.FETCH]["waiting"]
    assert waiting == 3 + 3  # the waiting retries of the world, and the letters once


def test_a_dry_run_says_how_many_and_changes_nothing(local, world):
    local.get("/")
    data = {"csrf": token(local), "verb": "discard", "q": "reason:timeout", "cutoff": f"{world.time():.3f}", "dry": "1"}
    answer = local.post("/failures/move", data=data)
    assert "3 letters would be moved" in answer.text
    assert DeadLetterStore(world).count() == 21
    assert AuditStore(world).acts() == []


def test_chosen_letters_are_moved_and_no_others(local, world):
    names = DeadLetterStore(world).names(most=2)
    local.get("/")
    local.post("/failures/move", data={"csrf": token(local), "verb": "discard", "name": names, "cutoff": ""})
    assert DeadLetterStore(world).count() == 19
    assert list(DeadLetterStore(world).letters(names)) == []


def test_nothing_chosen_moves_nothing(local, world):
    local.get("/")
    answer = local.post("/failures/move", data={"csrf": token(local), "verb": "discard"})
    assert answer.status_code == 400
    assert DeadLetterStore(world).count() == 21


def test_a_filter_that_is_not_understood_moves_nothing(local, world):
    local.get("/")
    answer = local.post(
        "/failures/move", data={"csrf": token(local), "verb": "discard", "q": "stgae:fetch", "everything": "yes"}
    )
    assert answer.status_code == 400
    assert DeadLetterStore(world).count() == 21


def test_a_letter_is_edited_and_its_old_message_kept(local, world):
    store = DeadLetterStore(world)
    name = store.names(scope=Scope(reason="timeout"))[0]
    local.get("/")
    message = json.loads(store.get(name).message) | {"url": "https://moved.example/"}
    bad = local.post(
        f"/edit/{name}", data={"csrf": token(local), "message": json.dumps(message | {"article_id": "other"})}
    )
    assert (bad.status_code, store.get(name) is None) == (400, False)
    assert "id must stay" in bad.text
    good = local.post(f"/edit/{name}", data={"csrf": token(local), "message": json.dumps(message), "why": "moved"})
    assert good.status_code == 303
    assert store.lineage(name)[0]["verb"] == "edit"


def test_filters_narrow_the_letters(local):
    text = local.get("/failures", params={"q": "stage:fetch reason:timeout"}).text
    assert "3 letters" in text
    assert "server_error</span>" not in text.split('<ul class="list"')[1]


def test_an_unknown_qualifier_is_explained(local):
    assert "no qualifier “colour:”" in local.get("/failures", params={"q": "colour:red"}).text


def test_the_search_box_leads_from_a_url_to_its_story(local, world):
    identity = drop(world, 77)
    url = f"https://{HOSTS[77 % 5]}/dropped/extract/too_short/77"
    answer = local.get("/search", params={"s": url})
    assert answer.headers["location"] == f"/articles/{identity}"
    text = local.get(answer.headers["location"]).text
    assert "It was not published because the text is too short to be an article." in text
    assert "212 characters" in text


def test_a_url_without_its_scheme_is_found_too(local, world):
    identity = publish(world, 5)
    assert local.get("/search", params={"s": f"{HOSTS[0]}/published/5"}).headers["location"] == f"/articles/{identity}"


def test_what_no_feed_announced_is_explained_by_the_feeds_of_its_site(local):
    text = local.get("/search", params={"s": f"https://{HOSTS[2]}/never-seen"}).text
    assert "no feed has announced it" in text
    assert "None of these feeds is well" in text
    text = local.get("/search", params={"s": "https://stranger.example/x"}).text
    assert "No feed of <b>stranger.example</b> is watched at all" in text


def test_a_page_can_be_fetched_on_demand_and_the_act_is_on_record(local, world):
    local.get("/")
    url = "https://stranger.example/x"
    answer = local.post("/articles/fetch", data={"csrf": token(local), "url": url})
    assert answer.headers["location"] == f"/articles/{article_id(url)}"
    assert WorkStore(world).backlog()[Stage.FETCH]["due"] >= 1
    assert AuditStore(world).acts()[0].scope == url
    assert "waits to be fetched" in local.get(answer.headers["location"]).text


def test_evidence_is_marked_in_the_text(local, world):
    text = local.get(f"/articles/{publish(world, 41)}").text
    assert re.search(r'<mark class="f-element" title="element: neodymium">neodymium oxide</mark>', text)
    assert re.search(r'<mark class="f-event" title="event: export control">export licences</mark>', text)


def test_what_was_weighed_is_shown_on_demand(local, world):
    identity = publish(world, 42)
    assert "What was weighed</a>" in local.get(f"/articles/{identity}").text
    text = local.get(f"/articles/{identity}?weighed=1").text
    assert "where every text starts" in text
    assert "Mentions that count" in text
    assert re.search(r'<mark class="f-element" title="element: \w+ [\d.]+', text)


def test_a_feed_is_paused_and_resumed_and_both_are_on_record(local, world):
    feed = FeedStore(world).ids()[0]
    local.get("/")
    for verb in ("pause", "resume", "poll"):
        assert local.post(f"/feeds/{feed}/change", data={"csrf": token(local), "verb": verb}).status_code == 303
    assert [act.what for act in AuditStore(world).acts()] == ["feed polled now", "feed resumed", "feed paused"]


def test_retries_are_hurried_or_given_up(local, world):
    local.get("/")
    names = [f"{row['stage']}/{row['id']}" for row in WorkStore(world).retries()]
    local.post("/retries/change", data={"csrf": token(local), "verb": "hurry", "name": names[:1]})
    local.post("/retries/change", data={"csrf": token(local), "verb": "give_up", "name": names[1:]})
    assert [act.count for act in AuditStore(world).acts()] == [2, 1]


def test_recent_work_is_listed_by_how_it_ended(local, world):
    identity = drop(world, 5, stage=Stage.CLASSIFY, reason="not_rare_earth")
    text = local.get("/recent?stage=classify&ending=dropped").text
    assert f"/articles/{identity}" in text
    assert "not rare earth" in text


def test_a_letter_shows_every_attempt_and_its_traceback(local, world):
    name = next(bury(world, number) for number in (500, 501, 502, 503, 504, 505, 506) if number % 7 == 5)
    text = local.get(f"/failures/{name}").text
    assert text.count('class="is-bad"') == 3
    assert "Traceback (most recent call last)" in text


def test_no_server_is_said_in_words(local, world):
    from shared.stores.connection import connect

    local.app.state.desk.__dict__["database"] = connect("redis://127.0.0.1:1/0", timeout=0.05)
    for path in ("/failures", "/metrics", "/readyz", "/livez"):
        answer = local.get(path)
        assert (path, answer.status_code) == (path, 503)
        assert "does not answer" in answer.text


def test_the_consumers_screen_tells_how_each_webhook_stands(local, world):
    store, told = (
        WebhookStore(world),
        {"stream": "rarewire:rare-earth:v1", "url": "https://h.example/…", "owner": "Desk"},
    )
    GroupStore(world).add("rarewire:rare-earth:v1", "webhook-former", owner="nobody")
    store.tell({name: {**told, "group": f"webhook-{name}"} for name in ("well", "ill", "gone")})
    store.delivered("well", seconds=0.1)
    for _ in range(6):
        store.failed("ill", outcome="server_error", detail=f"status 500: {HOSTILE}", seconds=0.1)
    store.pause("ill", seconds=3_600)
    store.disable("gone", why="the receiver answered 410")
    text = local.get("/consumers").text
    assert "paused for 60 min" in text or "paused for 1 h" in text
    assert "6 failures in a row" in text
    assert "the receiver answered 410" in text
    assert "rarewire webhooks forget former" in text
    assert HOSTILE not in text
