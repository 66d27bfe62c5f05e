"""Pages a second through the HTTP client, beside a plain httpx.Client in the same run, and what judging a page costs.

    python -m benchmarks.fetching [--threads 64] [--pages 3000] [--latency 0.1]

The server is a process of its own on loopback that answers each request after the latency; so the ceiling is
threads / latency. CPU is that of the asking process only.
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import statistics
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import httpx

from shared.http.engine import ENGINE
from shared.http_client import HTTPClient, Reach
from tests.hostile.walls.corpus import articles, walls
from tests.hostile.walls.frames import FRAMES, Content
from workers.fetch.core.pages import Fetched, judge_page

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from multiprocessing.connection import Connection

PAGE = ("<html><body>" + "<p>Words about a mine and its neighbours.</p>" * 500 + "</body></html>").encode()
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n%s" % (len(PAGE), PAGE)


@dataclass(frozen=True)
class Rate:
    """What one client did."""

    name: str
    pages: float  # a second
    cpu: float  # microseconds a page

    def __str__(self) -> str:
        return f"{self.name:<34}{self.pages:8.0f} pages/s {self.cpu:8.0f} µs CPU a page"


def serve(latency: float, ready: Connection) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while await reader.readuntil(b"\r\n\r\n"):
                await asyncio.sleep(latency)
                writer.write(ANSWER)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    async def run() -> None:
        server = await asyncio.start_server(talk, "127.0.0.1", 0, backlog=1024)
        ready.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(run())


@contextmanager
def running_server(latency: float) -> Iterator[str]:
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=serve, args=(latency, theirs), daemon=True)
    process.start()
    yield f"http://127.0.0.1:{ours.recv()}/"
    process.terminate()


def rate(name: str, get: Callable[[str], int], url: str, *, threads: int, pages: int) -> Rate:
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(get, [url] * threads))
        wall, cpu = time.perf_counter(), time.process_time()
        sizes = set(pool.map(get, [url] * pages))
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    assert sizes == {len(PAGE)}
    return Rate(name, pages / wall, cpu / pages * 1e6)


def rates(url: str, threads: int, pages: int) -> Iterator[Rate]:
    limits = httpx.Limits(max_connections=2 * threads, max_keepalive_connections=threads)
    with httpx.Client(limits=limits, timeout=20.0) as plain:
        yield rate("httpx.Client, plain", lambda at: len(plain.get(at).content), url, threads=threads, pages=pages)
    for engine in ("httpx", "httpx2"):
        with HTTPClient(engine=engine, threads=threads, reach=Reach(allow_loopback=True)) as client:
            name = f"HTTPClient on {engine}"
            yield rate(name, lambda at, client=client: len(client.get(at).body), url, threads=threads, pages=pages)


def judging() -> None:
    """What the verdict costs on the wall corpus' articles and walls, and on an ordinary page of 60 KB."""
    story = Content(
        lang="en", title="A mine", heading="A mine", text=["Words of a mine and its neighbours. " * 12] * 120
    )
    groups = {
        "short article pages": [made.html for made in articles()],
        "wall pages": [made.html for made in walls()],
        "an article page of 55 KB": [FRAMES["article"](story)] * 50,
    }
    for name, pages in groups.items():
        times = []
        for page in pages:
            begun = time.perf_counter()
            judge_page(Fetched(asked="https://a.example/b", url="https://a.example/b", headers={}, body=page.encode()))
            times.append(time.perf_counter() - begun)
        print(
            f"judge_page, {name:<28} median {statistics.median(times) * 1e3:6.2f} ms, most {max(times) * 1e3:6.2f} ms"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, default=64)
    parser.add_argument("--pages", type=int, default=3_000)
    parser.add_argument("--latency", type=float, default=0.1)
    options = parser.parse_args()
    with running_server(options.latency) as url:
        measured = []
        for one in rates(url, options.threads, options.pages):
            print(one)
            measured.append(one)
    plain, *others = measured
    ours = next(one for one in others if one.name.endswith(ENGINE))
    ceiling = options.threads / options.latency
    ratios = f"{ours.pages / plain.pages:.2f} in pages, {ours.cpu / plain.cpu:.2f} in CPU"
    print(f"ceiling {ceiling:.0f} pages/s; ours ({ENGINE}) / plain: {ratios}")
    judging()


if __name__ == "__main__":
    main()
