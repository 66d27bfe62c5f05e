"""Asking an address on loopback what feed is there, or which feeds its page names."""

from __future__ import annotations

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from console.feed_check import check_feed, feed_at
from shared.errors import PermanentError
from shared.outcomes import Reason
from shared.settings import settings

BODIES = {
    "/": '<html><head><link rel="alternate" type="application/rss+xml" href="/feed.xml"></head></html>',
    "/bare": "<html><p>nothing</p></html>",
    "/feed.xml": '<rss version="2.0"><channel><title>T</title><item><title>a</title><link>/1</link></item></channel></rss>',
    "/index.xml": "<sitemapindex><sitemap><loc>/news.xml</loc></sitemap></sitemapindex>",
}


class Site(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = BODIES.get(self.path, "").encode()
        self.send_response(200 if body else 404)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:  # type: ignore[override]
        """Silence."""


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("RAREWIRE_ALLOW_LOOPBACK", "true")
    monkeypatch.setenv("RAREWIRE_PORTS", f"[{server.server_port}]")
    settings.cache_clear()
    yield f"http://127.0.0.1:{server.server_port}"
    settings.cache_clear()
    server.shutdown()
    server.server_close()


def test_a_feed_says_what_it_holds(site: str) -> None:
    found = check_feed(site + "/feed.xml")
    assert (found["format"], found["title"], found["count"]) == ("rss20", "T", 1)
    assert found["entries"][0]["url"] == site + "/1"
    assert feed_at(site + "/feed.xml") == site + "/feed.xml"


def test_a_page_leads_to_the_feed_that_it_names(site: str) -> None:
    assert check_feed(site + "/")["feeds"] == [site + "/feed.xml"]
    assert feed_at(site + "/") == site + "/feed.xml"


def test_a_sitemap_index_leads_to_its_sitemaps(site: str) -> None:
    assert feed_at(site + "/index.xml") == site + "/news.xml"


@pytest.mark.parametrize(("path", "reason"), [("/bare", Reason.NOT_A_FEED), ("/none", Reason.CLIENT_ERROR)])
def test_where_there_is_neither_it_says_so(site: str, path: str, reason: Reason) -> None:
    with pytest.raises(PermanentError) as refused:
        feed_at(site + path)
    assert refused.value.reason is reason
