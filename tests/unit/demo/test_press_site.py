"""What the press answers, without a socket: validators, faults, robots.txt, the desk."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace

import pytest

from demo.press.exchange import Request, as_bytes
from demo.press.faults import SOUND, catalogue
from demo.press.newsroom import Newsroom
from demo.press.outlets import choose
from demo.press.site import Layout, Site
from demo.press.truth import MOVED
from shared.outcomes import Reason

START = 1_700_000_000.0


class _Desk:
    """A site over the whole catalogue, each outlet at an address of its own, with a clock that is set by hand."""

    def __init__(self, *, faults=True, articles=200, together=False, length=0):
        self.now = START + 1_000
        outlets = choose(faults=faults)
        self.bases = {
            outlet.slug: "http://127.0.0.1:80" if together else f"http://127.0.1.{n}:80"
            for n, outlet in enumerate(outlets)
        }
        self.newsroom = Newsroom(seed=1, outlets=outlets)
        self.newsroom.publish([START] * articles)
        layout = Layout(outlets=outlets, bases=self.bases, feed_length=length, page_kb=20)
        self.site = Site(newsroom=self.newsroom, layout=layout, clock=lambda: self.now)

    def get(self, path, method="GET", **headers):
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.site.answer(Request(method=method, path=path, headers=named))

    def article(self, fault):
        return next(item for item in self.newsroom.all() if item.fault.name == fault)

    def outlet(self, **traits):
        return next(o for o in choose() if all(getattr(o, name) == value for name, value in traits.items()))


def _headers(response):
    return {name.lower(): value for name, value in response.headers.items()}


def test_every_announced_article_of_a_press_without_faults_is_there():
    desk = _Desk(faults=False, articles=150)
    assert {desk.get(item.path).status for item in desk.newsroom.all()} == {200}


def test_an_unchanged_feed_is_not_sent_again():
    desk = _Desk(faults=False)
    for outlet in choose(faults=False):
        first = _headers(desk.get(outlet.feed_path))
        assert ("etag" in first, "last-modified" in first) == tuple(
            kind in outlet.validators for kind in ("etag", "last-modified")
        )
        if "etag" in first:
            assert desk.get(outlet.feed_path, if_none_match=first["etag"]).status == 304
        if "last-modified" in first:
            assert desk.get(outlet.feed_path, if_modified_since=first["last-modified"]).status == 304


def test_a_feed_with_a_new_article_is_sent_again_whatever_the_reader_knew():
    desk = _Desk(faults=False)
    known = {outlet.slug: _headers(desk.get(outlet.feed_path)) for outlet in choose(faults=False)}
    desk.newsroom.publish([START + 500] * 40)
    for outlet in choose(faults=False):
        etag, modified = known[outlet.slug].get("etag"), known[outlet.slug].get("last-modified")
        if etag:
            assert desk.get(outlet.feed_path, if_none_match=etag).status == 200
        if modified:
            assert desk.get(outlet.feed_path, if_modified_since=modified).status == 200


def test_a_change_within_the_second_gets_no_date_that_a_later_one_would_share():
    desk = _Desk(faults=False)
    outlet = desk.outlet(validators=("last-modified",))
    desk.newsroom.publish([desk.now] * 40)
    assert "last-modified" not in _headers(desk.get(outlet.feed_path))
    desk.now += 1
    assert "last-modified" in _headers(desk.get(outlet.feed_path))


def test_an_etag_counts_before_a_date():
    desk = _Desk(faults=False)
    outlet = desk.outlet(slug="mineral-courier")
    late = "Fri, 01 Jan 2100 00:00:00 GMT"
    assert desk.get(outlet.feed_path, if_none_match='"other"', if_modified_since=late).status == 200


def test_a_page_too_has_a_validator():
    desk = _Desk(faults=False)
    path = desk.newsroom.all()[0].path
    assert desk.get(path, if_none_match=_headers(desk.get(path))["etag"]).status == 304


def test_a_correction_changes_page_and_feed():
    desk = _Desk()
    before = {o.slug: desk.get(o.feed_path).body for o in choose() if o.corrects}
    corrected = desk.newsroom.correct(START + 900)
    assert corrected.story.paragraphs[-1] in desk.get(corrected.path).body.decode()
    assert desk.get(corrected.outlet.feed_path).body != before[corrected.outlet.slug]


@pytest.mark.parametrize(
    ("fault", "status"), [("broken", 500), ("missing", 404), ("gone", 410), ("forbidden", 403), ("soft_404", 200)]
)
def test_a_lasting_fault_lasts(fault, status):
    desk = _Desk(articles=700)
    path = desk.article(fault).path
    assert [desk.get(path).status for _ in range(4)] == [status] * 4


@pytest.mark.parametrize("fault", ["rate_limited", "unavailable", "hiccup"])
def test_a_passing_fault_heals_after_its_number_of_requests(fault):
    desk = _Desk(articles=700)
    item = desk.article(fault)
    statuses = [desk.get(item.path).status for _ in range(item.fault.times + 2)]
    assert statuses == [item.fault.status] * item.fault.times + [200, 200]


def test_the_refusals_say_when_to_come_back():
    desk = _Desk(articles=700)
    for fault in ("rate_limited", "unavailable"):
        answer = desk.get(desk.article(fault).path)
        assert int(answer.headers["Retry-After"]) == catalogue()[fault].retry_after


def test_a_redirect_leads_to_the_article():
    desk = _Desk()
    item = desk.article("redirected")
    first = desk.get(item.path)
    assert (first.status, first.headers["Location"]) == (302, item.path + MOVED)
    assert item.story.paragraphs[1].split('"')[0] in desk.get(item.path + MOVED).body.decode()


def test_a_feed_that_has_moved_says_where_for_good():
    desk = _Desk()
    outlet = next(outlet for outlet in choose() if outlet.old_feed)
    answer = desk.get(outlet.announced_path)
    assert (answer.status, answer.headers["Location"]) == (301, desk.bases[outlet.slug] + outlet.feed_path)
    assert desk.get(outlet.feed_path).status == 200


def test_a_truncated_answer_promises_more_than_it_holds_and_the_next_is_whole():
    desk = _Desk(articles=700)
    path = desk.article("truncated").path
    request = Request(method="GET", path=path)
    first, second = desk.site.answer(request), desk.site.answer(request)
    assert first.cut
    assert not second.cut
    head, _, body = as_bytes(request, first).partition(b"\r\n\r\n")
    assert f"Content-Length: {len(first.body)}".encode() in head
    assert 0 < len(body) < len(first.body)


def test_walls_and_shells_answer_200_without_the_article():
    desk = _Desk(articles=700)
    for fault in ("consent_wall", "login_wall", "soft_404", "javascript_shell"):
        item = desk.article(fault)
        answer = desk.get(item.path)
        assert answer.status == 200
        assert item.story.paragraphs[0] not in answer.body.decode()


def test_a_pdf_is_one_by_type_and_by_its_first_bytes():
    desk = _Desk(articles=700)
    answer = desk.get(desk.article("pdf").path)
    assert (answer.content_type, answer.body[:5]) == ("application/pdf", b"%PDF-")


def test_a_slow_page_is_whole_after_its_delay():
    desk = _Desk()
    answer = desk.get(desk.article("slow").path)
    assert (answer.status, answer.delay) == (200, catalogue()["slow"].delay)


def test_robots_forbids_where_the_forbidden_articles_are_and_asks_one_reader_to_be_slow():
    desk = _Desk()
    item = desk.article("disallowed")
    host = desk.bases[item.outlet.slug].removeprefix("http://")
    robots = desk.get("/robots.txt", host=host).body.decode()
    forbidden = next(line.split(" ", 1)[1] for line in robots.splitlines() if line.startswith("Disallow"))
    assert item.path.startswith(forbidden)
    slow = next(outlet for outlet in choose() if outlet.crawl_delay)
    robots = desk.get("/robots.txt", host=desk.bases[slow.slug].removeprefix("http://")).body.decode()
    assert f"Crawl-delay: {slow.crawl_delay:g}" in robots


def test_on_a_shared_address_one_outlets_rules_do_not_bind_another():
    desk = _Desk(together=True)
    robots = desk.get("/robots.txt", host="127.0.0.1:80").body.decode()
    assert "Disallow: /harbour-times/members/" in robots
    assert "Crawl-delay" not in robots


def test_gzip_is_sent_to_those_who_take_it_under_a_weak_validator():
    desk = _Desk(faults=False)
    outlet = next(outlet for outlet in choose(faults=False) if outlet.gzip)
    plain = desk.get(outlet.feed_path)
    packed = desk.get(outlet.feed_path, accept_encoding="gzip, deflate")
    assert gzip.decompress(packed.body) == plain.body
    assert packed.headers["ETag"] == f"W/{plain.headers['ETag']}"
    assert desk.get(outlet.feed_path, if_none_match=packed.headers["ETag"]).status == 304


def test_a_feed_shows_the_newest_articles_up_to_its_length():
    desk = _Desk(faults=False, length=3)
    outlet = desk.outlet(slug="magnet-letter")
    titles = [item["title"] for item in json.loads(desk.get(outlet.feed_path).body)["items"]]
    assert titles == [item.story.title for item in desk.newsroom.latest(outlet)[:3]]


def test_the_desk_tells_the_truth_and_counts_every_request():
    desk = _Desk()
    truth = json.loads(desk.get("/_press/truth").body)
    assert len(truth) == 200
    assert {"url", "title", "paragraphs", "label", "tags", "fault", "arrives", "reason"} <= set(truth[0])
    desk.get(desk.article("broken").path)
    assert json.loads(desk.get("/_press/stats").body)["rough-edges"] == {"500": 1}


def test_anything_else_is_not_found_and_nothing_can_be_posted():
    desk = _Desk()
    assert desk.get("/nowhere/").status == 404
    assert desk.get("/mineral-courier/nothing/").status == 404
    assert desk.get("/mineral-courier/", method="POST").status == 405
    assert desk.get("/mineral-courier/").status == 200


def test_every_fault_ends_in_a_reason_that_the_pipeline_knows():
    reasons = {fault.reason for fault in catalogue().values()} - {""}
    assert reasons <= {reason.value for reason in Reason}
    assert SOUND.arrives
    assert not replace(SOUND, reason="not_found").arrives
