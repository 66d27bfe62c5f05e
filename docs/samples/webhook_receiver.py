"""A receiver of rarewire's webhooks in Python, with the standard library alone (docs/webhooks.md).

    WEBHOOK_SECRET=whsec_… python webhook_receiver.py [PORT]

It verifies the signature before it looks into the body, refuses what is too old, knows a repeat by its id, and prints
one line an event. Put TLS in front of it. What it has done is remembered in `received.sqlite` beside it.
"""

import base64
import hashlib
import hmac
import json
import os
import sqlite3
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

TOLERANCE = 300  # seconds that an attempt's time may be off ours: older ones may be replays by a listener
LARGEST = 1_000_000  # bytes
REMEMBER = 14 * 86_400  # seconds; a replay by an operator can bring an event again after days

# White space between several secrets: while one is being changed, either is right.
KEYS = [base64.b64decode(word.removeprefix("whsec_")) for word in os.environ["WEBHOOK_SECRET"].split()]


def verified(headers, body: bytes) -> bool:
    """Whether the body was signed by someone who knows a secret of ours, just now."""
    event, at = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not event or not at.isascii() or not at.isdigit() or abs(time.time() - int(at)) > TOLERANCE:
        return False
    signed = f"{event}.{at}.".encode() + body
    ours = ["v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode() for key in KEYS]
    given = headers.get("webhook-signature", "").split()
    # Each is compared in constant time, and all of them, so that time tells nothing about a signature.
    return any([hmac.compare_digest(one.encode(), other.encode()) for one in ours for other in given])


def work(event: dict) -> None:
    """Do what is to be done with an event; an exception is answered with 500, and the event comes again."""
    data = event["data"]
    if event["type"] == "rarewire.article.retracted.v1":
        print("retracted", data["article_id"], data["reason"], flush=True)
    elif event["type"] in ("rarewire.article.published.v1", "rarewire.article.updated.v1"):
        print("article", data["article_id"], data["version"], data["title"], flush=True)
    else:  # a canary of `rarewire webhooks test`, or a type that came later: nothing to do
        print("passed over", event["type"], flush=True)


class Memory:
    """Which events are done. The id is kept after the work, so that a crash between them brings the event again."""

    def __init__(self, path: str) -> None:
        self._path = path
        with self._open() as database:
            database.execute("CREATE TABLE IF NOT EXISTS done (event TEXT PRIMARY KEY, at REAL)")

    def _open(self) -> sqlite3.Connection:
        return sqlite3.connect(self._path, timeout=10)

    def has(self, event: str) -> bool:
        with self._open() as database:
            return database.execute("SELECT 1 FROM done WHERE event = ?", (event,)).fetchone() is not None

    def add(self, event: str) -> None:
        with self._open() as database:
            database.execute("INSERT OR IGNORE INTO done VALUES (?, ?)", (event, time.time()))
            database.execute("DELETE FROM done WHERE at < ?", (time.time() - REMEMBER,))


class Receiver(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 30
    memory: Memory

    def do_POST(self) -> None:
        length = self.headers.get("content-length", "")
        if not length.isdigit() or int(length) > LARGEST:
            self.close_connection = True
            return self.answer(413)
        body = self.rfile.read(int(length))
        if not verified(self.headers, body):
            return self.answer(401)
        event = self.headers["webhook-id"]
        if self.memory.has(event):
            return self.answer(204)
        try:
            work(json.loads(body))
        except Exception as error:  # whatever it was: the sender tries again, for three days
            print("failed", event, error, file=sys.stderr, flush=True)
            return self.answer(500)
        self.memory.add(event)
        return self.answer(204)

    def answer(self, status: int) -> None:
        self.send_response(status)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_) -> None:
        """Say nothing of each request; `work` does."""


if __name__ == "__main__":
    Receiver.memory = Memory(os.environ.get("WEBHOOK_MEMORY", "received.sqlite"))
    server = ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1]) if len(sys.argv) > 1 else 8099), Receiver)
    print(f"listening on http://127.0.0.1:{server.server_address[1]}/", file=sys.stderr, flush=True)
    server.serve_forever()
