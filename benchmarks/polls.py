"""Whole polls in one process: unchanged and changed feeds, beside plain httpx with feedparser.

    python -m benchmarks.polls [--feeds 2000] [--threads 16]

The real step, runner, stores and HTTP client on a server of their own. The sites are one process on loopback, a host for
each feed, that answers at once: 304 to whoever knows its ETag, or a feed of 20 items (40 KB) of which one is new each time.
CPU is told apart for the process and the server; what is polled a second on one core follows from it, and what was polled
a second in fact stands beside. The plain way is httpx.Client
and feedparser.parse with as many threads, and keeps nothing.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import multiprocessing
import os
import platform
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import feedparser
import httpx

from benchmarks import scheduling
from benchmarks.feeds import own_feed
from shared.logs import configure
from shared.settings import Settings
from shared.topology import Stage
from workers.poll.step import poll
from workers.ports import Ports, make_ports

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from multiprocessing.connection import Connection

    from shared.stores.connection import Database

ITEMS = 20


@dataclass(frozen=True, kw_only=True)
class Rate:
    """What a run of polls came to: a second, and CPU microseconds a poll of the process and of the server."""

    name: str
    polls: float
    worker: float
    server: float = 0.0

    def __str__(self) -> str:
        told = f"{self.name:40}{self.worker:8.0f} µs CPU a poll: {1e6 / self.worker:5.0f} a second of a core;"
        return f"{told}{self.server:6.0f} µs of the server; {self.polls:5.0f} polls/s here and now"


def serve(ready: Connection) -> None:
    """Answer 304 where the path says so and the request is conditional, else a feed with a new item each time."""
    number = itertools.count(1_000)

    def answer(request: bytes) -> bytes:
        if b" /same/" in request and b"if-none-match" in request.lower():
            return b'HTTP/1.1 304 Not Modified\r\nETag: "a"\r\nContent-Length: 0\r\n\r\n'
        body = own_feed(ITEMS, first=next(number))
        head = (
            f'HTTP/1.1 200 OK\r\nETag: "a"\r\nContent-Type: application/rss+xml\r\nContent-Length: {len(body)}\r\n\r\n'
        )
        return head.encode() + body

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while request := await reader.readuntil(b"\r\n\r\n"):
                writer.write(answer(request))
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    async def run() -> None:
        server = await asyncio.start_server(talk, "0.0.0.0", 0, backlog=1024)
        ready.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(run())


@contextmanager
def sites() -> Iterator[int]:
    """The port under which all of 127.0.0.0/8 answers."""
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=serve, args=(theirs,), daemon=True)
    process.start()
    yield ours.recv()
    process.terminate()


def host(number: int) -> str:
    """A host of its own for each feed, as mostly in life; so each poll opens a connection."""
    return f"127.1.{number // 250}.{number % 250 + 1}"


def ours(name: str, ports: Ports, database: Database, addresses: list[str], threads: int) -> Rate:
    """Poll each address once, all due now."""
    now = database.time()
    for number, url in enumerate(addresses):
        state = replace(scheduling.state(number, now), url=url, etag='"a"', modified="", next_at=now - 1)
        ports.feeds.put(scheduling.feed_id(number), {"name": "A", **state.to_fields()})
        ports.runner.work.schedule(scheduling.feed_id(number), now - 1)
    pid = int(database.redis.info("server")["process_id"])
    before, wall, spent = ports.runner.work.books(), time.perf_counter(), (time.process_time(), scheduling_cpu(pid))

    def work(_number: int) -> int:
        return ports.runner.run(Stage.POLL, lambda m, w: poll(m, ports, now=time.time(), slot=w.slot), budget=600)

    with ThreadPoolExecutor(threads) as pool:
        done = sum(pool.map(work, range(threads)))
    wall, cpu = time.perf_counter() - wall, time.process_time() - spent[0]
    after = ports.runner.work.books()
    assert done >= len(addresses), (done, before, after)
    return Rate(
        name=name,
        polls=done / wall,
        worker=cpu / done * 1e6,
        server=(scheduling_cpu(pid) - spent[1]) / done * 1e6,
    )


def scheduling_cpu(pid: int) -> float:
    """CPU seconds of a process, from the scheduler's nanoseconds."""
    tasks = Path(f"/proc/{pid}/task").glob("*/schedstat")
    return sum(int(task.read_text().split()[0]) for task in tasks) / 1e9


def plain(name: str, addresses: list[str], threads: int, read: Callable[[httpx.Response], object]) -> Rate:
    """The same requests by a bare client."""
    limits = httpx.Limits(max_connections=threads, max_keepalive_connections=threads)
    with httpx.Client(limits=limits, timeout=20.0) as client, ThreadPoolExecutor(threads) as pool:
        wall, cpu = time.perf_counter(), time.process_time()
        list(pool.map(lambda url: read(client.get(url, headers={"If-None-Match": '"a"'})), addresses))
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    return Rate(name=name, polls=len(addresses) / wall, worker=cpu / len(addresses) * 1e6)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--feeds", type=int, default=2_000)
    parser.add_argument("--threads", type=int, default=16)
    options = parser.parse_args()
    configure(level="ERROR", as_json=True)
    threading.current_thread().name = "polls"
    print(f"{os.cpu_count()} cores {platform.machine()}; {options.feeds} feeds, {options.threads} threads")
    with (
        tempfile.TemporaryDirectory() as folder,
        sites() as port,
        scheduling.embedded_server() as (database, url),
    ):
        settings = Settings(
            redis_url=url,
            state_dir=Path(folder),
            allow_loopback=True,
            ports=(),
            host_gap=0,
            fetch_threads=options.threads,
        )
        ports = make_ports(settings, ring=lambda _stage: None)
        same = [f"http://{host(number)}:{port}/same/" for number in range(options.feeds)]
        changed = [f"http://{host(number)}:{port}/new/" for number in range(options.feeds // 4)]
        print(plain("httpx alone, unchanged", same, options.threads, lambda answer: answer.status_code))
        print(ours("rarewire, unchanged (304)", ports, database, same, options.threads))
        database.redis.flushall()
        print(
            plain(
                f"httpx and feedparser, {ITEMS} items",
                changed,
                options.threads,
                lambda one: feedparser.parse(one.content),
            )
        )
        print(ours(f"rarewire, {ITEMS} items, all new", ports, database, changed, options.threads))
        print(ours(f"rarewire, {ITEMS} items, one or few new", ports, database, changed, options.threads))
    return 0


if __name__ == "__main__":
    sys.exit(main())
