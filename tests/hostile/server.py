"""A loopback server that speaks TCP, not HTTP: each behaviour writes what it likes, when it likes.

`BEHAVIOURS` is the table: a name, what the server does, and how a fetch of it must end.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Self

Act = Callable[["Visit"], object]
PAGE = b"<!doctype html><html><head><title>A page</title></head><body><p>Some words about a mine.</p></body></html>"


class Visit:
    """One connection to the server, after its request was read."""

    def __init__(self, sock: socket.socket, path: str, head: bytes, stopping: threading.Event, base: str) -> None:
        self.sock, self.path, self.head, self.stopping, self.base = sock, path, head, stopping, base

    def send(self, data: bytes) -> None:
        self.sock.sendall(data)

    def drip(self, data: bytes, every: float = 0.05) -> None:
        """Bytes one at a time."""
        for index in range(len(data)):
            self.send(data[index : index + 1])
            self.wait(every)

    def wait(self, seconds: float) -> None:
        if self.stopping.wait(seconds):
            raise ConnectionAbortedError

    def hang(self) -> None:
        self.wait(60)

    def flood(self, data: bytes, most: int = 60_000_000) -> None:
        """The same bytes again and again, until the client goes away."""
        block = data * max(1, 65_536 // len(data))
        for _ in range(most // len(block) + 1):
            if self.stopping.is_set():
                raise ConnectionAbortedError
            self.send(block)

    def reset(self) -> None:
        """End with RST instead of FIN."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    def answer(self, body: bytes = PAGE, *fields: str, status: str = "200 OK", kind: str = "text/html") -> None:
        """A proper answer."""
        lines = [f"HTTP/1.1 {status}", f"Content-Type: {kind}", f"Content-Length: {len(body)}", *fields]
        self.send("\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body)

    def start(self, *fields: str, status: str = "200 OK") -> None:
        """A head, after which anything may come."""
        self.send(
            "\r\n".join([f"HTTP/1.1 {status}", "Content-Type: text/html", *fields]).encode("latin-1") + b"\r\n\r\n"
        )


@dataclass(frozen=True)
class Behaviour:
    """`ends` is `page`, or the reason a fetch must end with."""

    name: str
    act: Act
    ends: str


BEHAVIOURS: dict[str, Behaviour] = {}


def behaviour(ends: str) -> Callable[[Act], Act]:
    def keep(act: Act) -> Act:
        name = act.__name__
        assert name not in BEHAVIOURS, name
        BEHAVIOURS[name] = Behaviour(name, act, ends)
        return act

    return keep


def simple(name: str, ends: str, act: Act) -> None:
    """A behaviour that is one expression."""
    assert name not in BEHAVIOURS, name
    BEHAVIOURS[name] = Behaviour(name, act, ends)


@dataclass
class HostileServer:
    """`http://127.0.0.1:<port>/<behaviour>`; with `tls` the socket is wrapped before the request is read."""

    tls: ssl.SSLContext | None = None
    stopping: threading.Event = field(default_factory=threading.Event)
    connections: int = 0

    def __enter__(self) -> Self:
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._listen, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopping.set()
        # shutdown wakes the thread in accept(); close alone does not on Linux.
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    @property
    def url(self) -> str:
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}"

    def _listen(self) -> None:
        while not self.stopping.is_set():
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(sock,), daemon=True).start()

    def _serve(self, sock: socket.socket) -> None:
        with contextlib.suppress(OSError), contextlib.closing(sock):
            served = self.tls.wrap_socket(sock, server_side=True) if self.tls else sock
            with contextlib.closing(served):
                while head := self._head(served):
                    path = head.split(b" ", 2)[1].decode("latin-1").lstrip("/")
                    visit = Visit(served, path, head, self.stopping, self.url)
                    BEHAVIOURS[path.split("/")[0].split("?")[0]].act(visit)
                    if b"keep" not in head.split(b" ", 2)[1]:
                        return

    @staticmethod
    def _head(sock: socket.socket) -> bytes:
        head = b""
        while b"\r\n\r\n" not in head:
            data = sock.recv(65_536)
            if not data:
                return b""
            head += data
        return head
