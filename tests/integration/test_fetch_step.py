"""The fetch step on a real server and a loopback site: turns, robots.txt, walls, what a page points to, the feed's text."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace

import pytest

from shared.errors import RetryableError
from shared.http_client import HTTPClient, Reach
from shared.messages import FeedEntry, PageFound
from shared.outcomes import Defer, Drop, Forward, Outcome, Reason
from shared.stores import blobs
from shared.stores.articles import ArticleStore
from shared.stores.connection import Database
from shared.stores.hosts import HostStore
from workers.fetch.step import fetch

T0 = 1_800_000_000.0
STORY = "<p>" + "The plant makes magnets for motors and looks for a second site near the port. " * 30 + "</p>"
PAGE = f"<!doctype html><html><head><title>Plant looks for a second site</title></head><body><h1>Plant</h1>{STORY}</body></html>"


@dataclass
class Site:
    """A site on loopback: path -> (status, headers, body)."""

    pages: dict[str, tuple[int, dict[str, str], str]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    url: str = ""

    def put(self, path: str, body: str = PAGE, status: int = 200, **headers: str) -> str:
        fields = {"Content-Type": "text/html", **{name.replace("_", "-"): value for name, value in headers.items()}}
        self.pages[path] = (status, fields, body)
        return self.url + path


@pytest.fixture
def site() -> Iterator[Site]:
    made = Site()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            made.asked.append(self.path)
            status, fields, body = made.pages.get(self.path, (404, {}, "nothing here"))
            data = body.encode()
            self.send_response(status)
            for name, value in {**fields, "Content-Length": str(len(data))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    made.url = f"http://127.0.0.1:{server.server_port}"
    yield made
    server.shutdown()
    server.server_close()
    thread.join()


@dataclass
class World:
    """The step's ports, and a clock that the test moves."""

    ports: SimpleNamespace
    database: Database

    def run(self, message: PageFound) -> Outcome:
        """The outcome once the work's turn has come; the clock jumps to it."""
        slot: float | None = None
        for _ in range(5):
            assert self.database.now is not None
            outcome = fetch(message, self.ports, now=self.database.now, slot=slot)  # type: ignore[arg-type]
            if not isinstance(outcome, Defer):
                return outcome
            slot = self.database.now = outcome.until
        raise AssertionError("the page never got its turn")


@pytest.fixture
def world(database: Database) -> Iterator[World]:
    database.now = T0
    with HTTPClient(reach=Reach(allow_loopback=True), threads=4) as http:
        yield World(
            SimpleNamespace(
                settings=SimpleNamespace(host_gap=2.0),
                http=http,
                hosts=HostStore(database),
                articles=ArticleStore(database),
                entries=blobs.entries(database),
            ),
            database,
        )


def found(url: str, **entry: str) -> PageFound:
    return PageFound(article_id="a1", url=url, feed_id="f1", found_at=T0, entry=FeedEntry(**entry))


def forwarded(outcome: Outcome) -> Forward:
    assert isinstance(outcome, Forward), outcome
    return outcome


def dropped(outcome: Outcome) -> Reason:
    assert isinstance(outcome, Drop), outcome
    return outcome.reason


def test_a_page_is_forwarded_with_its_bytes_charset_and_rights(site: Site, world: World) -> None:
    outcome = forwarded(
        world.run(found(site.put("/a", X_Robots_Tag="noarchive", Content_Type="text/html; charset=utf-8")))
    )
    (message,) = outcome.messages
    assert (message.charset, message.rights, message.content_source) == ("utf-8", "noarchive", "page")
    assert [(keep.family, keep.data) for keep in outcome.keeps] == [("page", PAGE.encode())]


def test_robots_txt_is_asked_for_once_and_before_the_page(site: Site, world: World) -> None:
    for path in ("/a", "/b"):
        forwarded(world.run(found(site.put(path))))
    assert site.asked == ["/robots.txt", "/a", "/b"]


def test_two_requests_to_a_host_are_a_gap_apart(site: Site, world: World) -> None:
    url = site.put("/a")
    world.run(found(url))
    begun = world.database.now
    world.run(found(url))
    assert begun is not None
    assert world.database.now is not None
    assert world.database.now - begun >= 2.0


def test_a_crawl_delay_widens_the_gap(site: Site, world: World) -> None:
    site.put("/robots.txt", "User-agent: *\nCrawl-delay: 15\n")
    url = site.put("/a")
    world.run(found(url))
    begun = world.database.now
    world.run(found(url))
    world.run(found(url))
    assert begun is not None
    assert world.database.now is not None
    assert world.database.now - begun >= 17.0


def test_a_page_that_robots_txt_disallows_is_not_asked_for(site: Site, world: World) -> None:
    site.put("/robots.txt", "User-agent: rarewire\nDisallow: /private\n")
    assert dropped(world.run(found(site.put("/private/a")))) is Reason.ROBOTS
    assert site.asked == ["/robots.txt"]


def test_a_redirect_into_what_robots_txt_disallows_is_dropped(site: Site, world: World) -> None:
    site.put("/robots.txt", "User-agent: *\nDisallow: /private\n")
    site.put("/private/a")
    assert dropped(world.run(found(site.put("/a", "", 302, Location="/private/a")))) is Reason.ROBOTS


def test_a_redirect_into_what_another_origins_robots_txt_is_known_to_disallow_is_dropped(
    site: Site, world: World
) -> None:
    site.put("/b")
    elsewhere = site.url.replace("127.0.0.1", "localhost")
    world.ports.hosts.keep_robots(elsewhere, "rules\nUser-agent: *\nDisallow: /b", seconds=60.0)
    url = site.put("/a", "", 302, Location=f"{elsewhere}/b")
    assert dropped(world.run(found(url))) is Reason.ROBOTS


def test_a_host_in_trouble_over_its_robots_txt_is_tried_again_later(site: Site, world: World) -> None:
    site.put("/robots.txt", "", 503)
    with pytest.raises(RetryableError) as caught:
        world.run(found(site.put("/a")))
    assert (caught.value.reason, site.asked) == (Reason.ROBOTS, ["/robots.txt"])


def test_a_wall_is_dropped_with_its_reason(site: Site, world: World) -> None:
    url = site.put(
        "/a",
        "<html><head><title>Log in</title></head><body><h1>Log in</h1><form><input type=password></form></body></html>",
    )
    assert dropped(world.run(found(url))) is Reason.LOGIN_WALL


def test_where_the_page_is_walled_the_text_that_the_feed_carries_is_used(site: Site, world: World) -> None:
    key = world.ports.entries.keep("a1", STORY.encode())
    url = site.put(
        "/a", "<html><head><title>Just a moment...</title></head><body><h1>Verify you are human</h1></body></html>"
    )
    outcome = forwarded(world.run(found(url, title="Plant", content_key=key)))
    assert outcome.messages[0].content_source == "feed"
    assert STORY.encode() in outcome.keeps[0].data


def test_the_feeds_text_serves_where_robots_txt_forbids_the_page(site: Site, world: World) -> None:
    site.put("/robots.txt", "User-agent: *\nDisallow: /\n")
    key = world.ports.entries.keep("a1", STORY.encode())
    outcome = forwarded(world.run(found(site.url + "/a", title="Plant", content_key=key)))
    assert outcome.messages[0].content_source == "feed"


def test_the_feeds_text_does_not_stand_in_for_a_page_that_is_gone(site: Site, world: World) -> None:
    key = world.ports.entries.keep("a1", STORY.encode())
    assert dropped(world.run(found(site.put("/a", "", 410), title="Plant", content_key=key))) is Reason.GONE


def test_a_meta_refresh_is_followed(site: Site, world: World) -> None:
    site.put("/real")
    outcome = forwarded(
        world.run(found(site.put("/a", '<html><meta http-equiv="refresh" content="0; url=/real"></html>')))
    )
    assert outcome.messages[0].final_url == site.url + "/real"


def test_meta_refreshes_without_end_are_not(site: Site, world: World) -> None:
    site.put("/b", '<html><meta http-equiv="refresh" content="0; url=/a"></html>')
    assert (
        dropped(world.run(found(site.put("/a", '<html><meta http-equiv="refresh" content="0; url=/b"></html>'))))
        is Reason.TOO_MANY_REDIRECTS
    )


def test_a_meta_refresh_reaches_no_forbidden_address(site: Site, world: World) -> None:
    url = site.put("/a", '<html><meta http-equiv="refresh" content="0; url=http://169.254.169.254/latest/"></html>')
    with pytest.raises(Exception, match="forbidden_address"):
        world.run(found(url))


def test_a_host_that_asks_for_time_is_left_alone(site: Site, world: World) -> None:
    with pytest.raises(RetryableError):
        world.run(found(site.put("/a", "", 429, Retry_After="600")))
    blocked = world.ports.hosts.blocked_until("127.0.0.1")
    assert blocked is not None
    assert world.database.now is not None
    assert blocked == pytest.approx(world.database.now + 600)


def test_a_host_is_free_again_after_a_failure(site: Site, world: World) -> None:
    with pytest.raises(RetryableError):
        world.run(found(site.put("/a", "", 500)))
    forwarded(world.run(found(site.put("/b"))))
    world.ports.hosts.settle()
    assert not world.database.redis.hexists("rarewire:1:host:127.0.0.1", "article:1")


def test_a_file_is_dropped_unread(site: Site, world: World) -> None:
    assert dropped(world.run(found(site.put("/a", "%PDF-1.7", Content_Type="application/pdf")))) is Reason.NOT_HTML


def test_a_page_that_was_published_and_is_not_found_is_looked_for_again(site: Site, world: World) -> None:
    outcome = world.run(found(site.url + "/a").model_copy(update={"why": "recheck"}))
    assert isinstance(outcome, Drop)
    assert outcome.reason is Reason.NOT_FOUND
    assert outcome.later


def test_a_new_page_that_is_not_found_is_tried_again(site: Site, world: World) -> None:
    with pytest.raises(RetryableError) as caught:
        world.run(found(site.url + "/a"))
    assert caught.value.reason is Reason.NOT_FOUND
