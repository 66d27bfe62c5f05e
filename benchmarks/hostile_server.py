"""Every bad behaviour of the hostile server under the real deadline: how long it takes, what memory it costs.

    python -m benchmarks.hostile_server

One after another for the memory of each, those that run into the deadline all at once for the time. The server runs in
this process, so the memory is an upper bound.
"""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Self

import psutil

from shared.errors import StageError
from shared.http_client import HTTPClient, Reach
from tests.hostile import behaviours  # noqa: F401 - fills the table
from tests.hostile.server import BEHAVIOURS, HostileServer
from workers.fetch.core.content import judge_content, wants_page
from workers.fetch.core.pages import Fetched, judge_page
from workers.fetch.core.statuses import judge_status

SAMPLE = 0.002  # seconds
# Its hops are slow for the short deadline of the tests only.
OTHERWISE = {"redirects_slowly": "too_many_redirects"}


@dataclass(frozen=True)
class Run:
    """How one behaviour ended: reason, seconds, most bytes beyond those before it."""

    name: str
    ended: str
    seconds: float
    grown: int


class Peak:
    """The most memory of this process while it is watched, sampled."""

    def __enter__(self) -> Self:
        self._process, self._over = psutil.Process(), threading.Event()
        self.before = self.most = self._process.memory_info().rss
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(SAMPLE):
            self.most = max(self.most, self._process.memory_info().rss)


def end_of(client: HTTPClient, url: str) -> str:
    """`page` or the reason."""
    try:
        response = client.get(url, wants_body=wants_page)
        drop = judge_status(response.status, response.headers, now=time.time())
        drop = drop or judge_content(response.headers, response.body)
        if drop is None:
            judge_page(Fetched(asked=url, url=response.url, headers=response.headers, body=response.body))
    except StageError as error:
        return error.reason.value
    return drop.reason.value if drop else "page"


def run(client: HTTPClient, server: HostileServer, name: str) -> Run:
    begun = time.monotonic()
    with Peak() as peak:
        ended = end_of(client, f"{server.url}/{name}")
    return Run(name, ended, time.monotonic() - begun, peak.most - peak.before)


def main() -> None:
    slow = [name for name, behaviour in BEHAVIOURS.items() if behaviour.ends == "timeout"]
    quick = [name for name in BEHAVIOURS if name not in slow]
    with HostileServer() as server, HTTPClient(reach=Reach(allow_loopback=True)) as client:
        runs = [run(client, server, name) for name in quick]
        with ThreadPoolExecutor(len(slow)) as pool:
            runs += pool.map(lambda name: run(client, server, name), slow)
    wrong = [
        f"{one.name}: {one.ended}" for one in runs if one.ended != OTHERWISE.get(one.name, BEHAVIOURS[one.name].ends)
    ]
    slowest, largest = max(runs, key=lambda one: one.seconds), max(runs, key=lambda one: one.grown)
    print(f"{len(runs)} behaviours, {len(wrong)} with another end than in the table {wrong or ''}")
    print(f"slowest {slowest.seconds:5.1f} s ({slowest.name}; the deadline is 20 s, the limit 25 s)")
    print(f"largest {largest.grown / 1e6:5.1f} MB ({largest.name}; the limit is 150 MB)")


if __name__ == "__main__":
    main()
