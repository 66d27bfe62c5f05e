"""A TCP proxy before the server that reads what a client asks, and may hold a command back until something is seen.

It forwards bytes as they are. Only the client's direction is read, in the array form that all clients send.
"""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    Watch = Callable[[list[bytes]], None]

CHUNK = 65_536


class CommandReader:
    """Cuts a client's bytes into commands. Pure; what is no array of bulk strings is passed over line by line."""

    def __init__(self) -> None:
        self._buffer = b""

    def feed(self, data: bytes) -> list[list[bytes]]:
        """Return the commands that are complete now."""
        self._buffer += data
        commands: list[list[bytes]] = []
        while (found := self._next()) is not None:
            command, used = found
            self._buffer = self._buffer[used:]
            if command:
                commands.append(command)
        return commands

    def _next(self) -> tuple[list[bytes], int] | None:
        line = self._line(0)
        if line is None:
            return None
        head, at = line
        if not head.startswith(b"*"):
            return head.split(), at
        words: list[bytes] = []
        for _ in range(int(head[1:])):
            size = self._line(at)
            if size is None:
                return None
            length, start = int(size[0][1:]), size[1]
            if len(self._buffer) < start + length + 2:
                return None
            words.append(self._buffer[start : start + length])
            at = start + length + 2
        return words, at

    def _line(self, start: int) -> tuple[bytes, int] | None:
        end = self._buffer.find(b"\r\n", start)
        return None if end < 0 else (self._buffer[start:end], end + 2)


class Proxy:
    """Listens on a free loopback port; `watch` is called with every command before it is passed on."""

    def __init__(self, port: int, watch: Watch) -> None:
        self._upstream = port
        self._watch = watch
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Accept no more connections; those that are open end with their server."""
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            try:
                server = socket.create_connection(("127.0.0.1", self._upstream), timeout=5)
            except OSError:
                client.close()  # the server is down; so is the proxy, to the client
                continue
            server.settimeout(None)
            threading.Thread(target=self._pass, args=(client, server, True), daemon=True).start()
            threading.Thread(target=self._pass, args=(server, client, False), daemon=True).start()

    def _pass(self, source: socket.socket, target: socket.socket, watched: bool) -> None:  # noqa: FBT001 - a thread's
        reader = CommandReader()
        with suppress(OSError):
            while data := source.recv(CHUNK):
                for command in reader.feed(data) if watched else ():
                    self._watch(command)
                target.sendall(data)
        for end in (source, target):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
