"""The sockets: an event loop in a thread of its own that answers on one or many loopback addresses.

What is answered is decided elsewhere (`demo.press.site`); here are only binding, serving and stopping.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import socket
import threading
from typing import TYPE_CHECKING

from demo.press.exchange import LONGEST_HEAD, as_bytes, read_request

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence

    from demo.press.exchange import Request, Response

    Ready = concurrent.futures.Future[None]

Address = tuple[str, int]
BACKLOG = 512


def bind(addresses: Sequence[Address]) -> list[socket.socket]:
    """Listening sockets for the addresses, all or none; OSError when one can't be had."""
    bound: list[socket.socket] = []
    try:
        for host, port in addresses:
            bound.append(_listen(host, port))
    except OSError:
        for taken in bound:
            taken.close()
        raise
    return bound


def _listen(host: str, port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(BACKLOG)
    except OSError:
        listener.close()
        raise
    return listener


class Server:
    """Serves `answer` on sockets until stopped; `beside` is a coroutine that runs along with it."""

    def __init__(
        self, answer: Callable[[Request], Response], beside: Callable[[], Coroutine[None, None, None]]
    ) -> None:
        self._answer = answer
        self._beside = beside
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping: asyncio.Event | None = None
        self._connections: set[asyncio.Task[None]] = set()

    def start(self, sockets: Sequence[socket.socket]) -> None:
        """Serve in a thread; returns when connections are accepted, raises what kept the thread from serving."""
        ready: Ready = concurrent.futures.Future()
        self._thread = threading.Thread(target=self._run, args=(sockets, ready), name="press", daemon=True)
        self._thread.start()
        ready.result()

    def stop(self) -> None:
        """Close every socket and connection and end the thread."""
        if self._thread is None or self._loop is None or self._stopping is None:
            return
        with contextlib.suppress(RuntimeError):  # the loop is closed already if serving broke down
            self._loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join()
        self._thread = None

    def _run(self, sockets: Sequence[socket.socket], ready: Ready) -> None:
        try:
            asyncio.run(self._serve(sockets, ready))
        except Exception as error:
            if ready.done():
                raise
            ready.set_exception(error)

    async def _serve(self, sockets: Sequence[socket.socket], ready: Ready) -> None:
        self._loop = asyncio.get_running_loop()
        self._stopping = asyncio.Event()
        servers = [await asyncio.start_server(self._accept, sock=sock, limit=LONGEST_HEAD) for sock in sockets]
        beside = asyncio.create_task(self._beside())
        beside.add_done_callback(self._stop_if_broken)
        ready.set_result(None)
        await self._stopping.wait()
        # First no more are taken up, then those half taken up become ours, then all end: asyncio loses a connection
        # that it is just taking up when its server is closed.
        for sock in sockets:
            self._loop.remove_reader(sock)
        while others := asyncio.all_tasks() - {asyncio.current_task()}:
            for task in (beside, *self._connections):
                task.cancel()
            await asyncio.wait(others)
        for server in servers:
            server.close()
        with contextlib.suppress(asyncio.CancelledError):
            await beside  # raises here, in the open, if publishing broke down

    def _stop_if_broken(self, beside: asyncio.Task[None]) -> None:
        if self._stopping is not None and not beside.cancelled() and beside.exception() is not None:
            self._stopping.set()

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # By a callback, since a task that is cancelled before its first step runs no `finally` of its own.
        task = asyncio.create_task(self._connection(reader, writer))
        self._connections.add(task)
        task.add_done_callback(self._connections.discard)
        task.add_done_callback(lambda _: writer.close())

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):  # a client that is gone is none of our errors
            await self._exchanges(reader, writer)

    async def _exchanges(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while (request := await read_request(reader)) is not None:
            response = self._answer(request)
            if response.delay:
                await asyncio.sleep(response.delay)
            writer.write(as_bytes(request, response))
            await writer.drain()
            if response.cut or request.headers.get("connection", "").lower() == "close":
                return
