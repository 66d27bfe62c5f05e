"""WebSub from discovery to push: a real hub on loopback, the console's callback, the feed's next poll."""

from __future__ import annotations

import hashlib
import hmac
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest
from starlette.testclient import TestClient

from console.web.app import make_app
from console.web.exposure import user_line
from schedulers.catalogue import FeedSource
from schedulers.core import FeedState
from schedulers.registry import PUSH_GAP, Registry
from shared.settings import Settings
from shared.stores.work import WorkStore
from shared.topology import Stage
from workers.poll.step import poll
from workers.ports import make_ports

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shared.stores.connection import Database

FEED = """<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><title>Hubbed</title><id>urn:x</id>
<updated>2026-11-01T00:00:00Z</updated><link rel="hub" href="{hub}"/><link rel="self" href="{feed}"/>
<entry><id>urn:1</id><title>One</title><link href="{feed}/1"/><updated>2026-11-01T00:00:00Z</updated></entry></feed>"""
T0 = 1_800_000_000.0
USERS = (user_line("olga", "operator", "correct horse battery"),)  # a console with a public address needs a login


class Site:
    """A feed and its hub on one loopback server; remembers what the hub was asked."""

    def __init__(self) -> None:
        site = self
        self.asked: list[dict[str, str]] = []

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = FEED.format(hub=f"{site.url}/hub", feed=f"{site.url}/feed").encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/atom+xml")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def do_POST(self) -> None:
                form = self.rfile.read(int(self.headers["Content-Length"])).decode()
                site.asked.append({name: values[0] for name, values in parse_qs(form).items()})
                self.send_response(202)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


class Subscribed:
    """A feed that was polled once, so that its hub was asked; and the console that the hub talks to."""

    def __init__(self, database: Database, server_url: str, site: Site) -> None:
        database.now = T0
        settings = Settings(
            redis_url=server_url, allow_loopback=True, ports=(), console_url="https://wire.example", console_users=USERS
        )
        self.database, self.site, self.registry = database, site, Registry(database)
        source = FeedSource(name="Hubbed", url=f"{site.url}/feed")
        self.feed = source.id
        self.registry.add([source])
        ports = make_ports(settings, ring=lambda _stage: None)
        work = WorkStore(database)
        ports.runner.work = work
        ports.runner.run(Stage.POLL, lambda message, claimed: poll(message, ports, now=T0, slot=claimed.slot))
        ports.http.close()
        self.console = TestClient(make_app(settings, database=database), base_url="https://wire.example")

    @property
    def state(self) -> FeedState:
        return FeedState.from_fields(self.registry.feeds.get(self.feed))

    @property
    def callback(self) -> str:
        return urlsplit(self.site.asked[0]["hub.callback"]).path

    def verify(self, **changes: str) -> int:
        query = {
            "hub.mode": "subscribe", "hub.topic": f"{self.site.url}/feed", "hub.challenge": "c1", "hub.lease_seconds": "86400"
        } | {name.replace("_", ".", 1): text for name, text in changes.items()}  # fmt: skip
        return self.console.get(self.callback, params=query).status_code

    def push(self, *, secret: str | None = None, method: str = "sha256") -> int:
        body = b"<feed/>"
        key = (secret or self.site.asked[0]["hub.secret"]).encode()
        signature = hmac.new(key, body, getattr(hashlib, method)).hexdigest()
        return self.console.post(
            self.callback, content=body, headers={"X-Hub-Signature": f"{method}={signature}"}
        ).status_code


@pytest.fixture
def subscribed(database: Database, server_url: str) -> Iterator[Subscribed]:
    site = Site()
    yield Subscribed(database, server_url, site)
    site.server.shutdown()
    site.server.server_close()


def test_a_feed_that_names_a_hub_is_subscribed_to_once(subscribed: Subscribed) -> None:
    (asked,) = subscribed.site.asked
    assert (asked["hub.mode"], asked["hub.topic"]) == ("subscribe", f"{subscribed.site.url}/feed")
    assert asked["hub.callback"].startswith(f"https://wire.example/websub/{subscribed.feed}/")
    assert subscribed.state.hub_asked_at == T0


def test_the_hubs_question_is_affirmed_and_the_lease_kept(subscribed: Subscribed) -> None:
    assert subscribed.verify() == 200
    assert subscribed.state.lease_until == T0 + 86_400


def test_a_question_about_what_we_did_not_ask_for_is_denied(subscribed: Subscribed) -> None:
    assert subscribed.verify(hub_topic="https://other.example/feed") == 404
    assert subscribed.verify(hub_mode="unsubscribe") == 404
    assert subscribed.console.get(f"/websub/{subscribed.feed}/{'0' * 32}").status_code == 404
    assert subscribed.state.lease_until == 0


def test_a_signed_push_makes_the_next_poll_due_soon(subscribed: Subscribed) -> None:
    assert subscribed.push() == 202
    assert subscribed.registry.feeds.next_poll(subscribed.feed) == T0 + PUSH_GAP


@pytest.mark.parametrize(("secret", "method"), [("guessed", "sha256"), (None, "sha1")])
def test_a_forged_or_weakly_signed_push_changes_nothing(
    subscribed: Subscribed, secret: str | None, method: str
) -> None:
    before = subscribed.registry.feeds.next_poll(subscribed.feed)
    assert subscribed.push(secret=secret, method=method) == 202
    assert subscribed.registry.feeds.next_poll(subscribed.feed) == before
