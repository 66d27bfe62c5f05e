"""Notices really go out, through apprise to a web hook on loopback."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from console.alerts.hysteresis import Telling
from console.alerts.telling import send
from shared.settings import Settings

# apprise asks for an old module of the standard library where there still is one.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

TELLING = Telling(
    recovered=False, severity="critical", title="our own connection is down", detail="no host answers", rule="OwnOutage",
    about="", href="/feeds", lasted=30.0,
)  # fmt: skip


@pytest.fixture
def hook():
    """A web hook that keeps what it is sent."""
    got: list[dict[str, object]] = []

    class Hook(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            got.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_arguments: object) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Hook)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server.server_port, got
    server.shutdown()
    server.server_close()


def test_a_telling_reaches_a_web_hook_with_what_to_do(hook):
    port, got = hook
    assert send(Settings(notify_urls=(f"json://127.0.0.1:{port}/",)), [TELLING]) == 1
    assert got[0]["title"] == "[rarewire] critical: our own connection is down"
    assert "docs/operations.md, OwnOutage" in str(got[0]["message"])


def test_what_cannot_be_sent_is_no_error():
    assert send(Settings(notify_urls=("json://127.0.0.1:1/",)), [TELLING]) == 0


def test_without_addresses_nothing_is_loaded_and_nothing_sent():
    assert send(Settings(), [TELLING]) == 0
