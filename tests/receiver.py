"""A webhook receiver on loopback, with its own verification of signatures, written from the specification alone."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
from collections import Counter
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

KEY = bytes(range(32))
SECRET = "whsec_" + base64.b64encode(KEY).decode()


@dataclass
class Got:
    """One POST. `genuine`: whether a signature of it is by a key that the receiver knows."""

    path: str
    id: str
    at: int
    genuine: bool
    signatures: list[str]
    kind: str
    body: bytes

    @property
    def event(self) -> dict[str, Any]:
        return json.loads(self.body)


@dataclass
class Answer:
    """What is answered: status, fields, and bytes; `hold` is waited for before."""

    status: int = 200
    fields: dict[str, str] = field(default_factory=dict)
    body: bytes = b"ok"
    hold: threading.Event | None = None


class Quiet(ThreadingHTTPServer):
    """Says nothing of senders that go away."""

    def handle_error(self, *_: object) -> None:
        return


class Receiver:
    """Answers by path: `answers[path]` is what it says there, else 200."""

    def __init__(self, key: bytes = KEY) -> None:
        self.got: list[Got] = []
        self.answers: dict[str, Answer] = {}
        self.arrived = threading.Condition()
        receiver, self._key = self, key

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_POST(self) -> None:
                length = int(self.headers["content-length"])
                body = self.rfile.read(length)
                if len(body) < length:  # the sender died while it posted: that is no delivery
                    self.close_connection = True
                    return
                with receiver.arrived:
                    receiver.got.append(receiver.read(self.path, self.headers, body))
                    answer = receiver.answers.get(self.path, Answer())
                    receiver.arrived.notify_all()
                if answer.hold:
                    answer.hold.wait(30)
                self.send_response(answer.status)
                for name, value in {"content-length": str(len(answer.body)), **answer.fields}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(answer.body)

            def log_message(self, *_: object) -> None:
                return

        self._server = Quiet(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.base = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def read(self, path: str, fields: Any, body: bytes) -> Got:
        signatures = fields["webhook-signature"].split()
        signed = f"{fields['webhook-id']}.{fields['webhook-timestamp']}.".encode() + body
        own = base64.b64encode(hmac.new(self._key, signed, hashlib.sha256).digest()).decode()
        return Got(
            path=path, id=fields["webhook-id"], at=int(fields["webhook-timestamp"]),
            genuine=f"v1,{own}" in signatures, signatures=signatures, kind=fields["content-type"], body=body,
        )  # fmt: skip

    def counts(self, path: str) -> Counter[str]:
        """How often each id came to a path."""
        with self.arrived:
            return Counter(one.id for one in self.got if one.path == path)

    def wait(self, path: str, distinct: int, seconds: float = 60.0) -> Counter[str]:
        """Wait until so many different events came to a path."""
        with self.arrived:
            fine = self.arrived.wait_for(
                lambda: len({one.id for one in self.got if one.path == path}) >= distinct, seconds
            )
        assert fine, f"{len(self.counts(path))} of {distinct} came to {path}"
        return self.counts(path)
