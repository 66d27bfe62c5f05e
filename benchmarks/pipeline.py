"""Articles a second from the queued page to the stream, beside bare loops over the same pages on as many processes.

    python -m benchmarks.pipeline [--pages 600] [--processes 2] [--rounds 3]

Three ways, in turn and several rounds, so that a noisy machine cancels out; medians and ratios are printed, also those of
CPU time (the server's included), which other work on the machine changes less:
    trafilatura   a bare loop of trafilatura (comments off) in a process pool
    cores         a bare loop of our extraction and tagging in a process pool
    pipeline      the real thing: pages queued in the server, a Celery worker, events on the stream
"""

from __future__ import annotations

import argparse
import gzip
import json
import multiprocessing
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.request import urlopen

import psutil
import trafilatura

from console.up import server
from console.up.roles import role
from demo.press import Press
from shared.messages import PageFetched
from shared.settings import Settings
from shared.stores import blobs
from shared.stores.connection import connect
from shared.stores.work import WorkStore
from shared.topology import Stage
from shared.urls import article_id
from workers.classify.core import classify
from workers.classify.rulesets import load_ruleset
from workers.extract.core import extract

if TYPE_CHECKING:
    from demo.press.press import Addresses

Page = tuple[str, bytes]


def pages(count: int, kilobytes: int, addresses: Addresses = "paths") -> list[Page]:
    """Pages of the demo's press, as bytes."""
    with Press(faults=False, stock=count, page_kb=kilobytes, rate=0, feed_length=0, addresses=addresses) as press:
        return [(one.url, urlopen(one.url).read()) for one in press.truth()]


def labelled(path: Path) -> list[Page]:
    """Real pages of a labelled set."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    return [(row["url"], row["html"].encode()) for row in rows if "://" in row["url"]]


def bare_trafilatura(page: Page) -> int:
    return len(trafilatura.extract(page[1], url=page[0], include_comments=False) or "")


@cache
def rules():
    return load_ruleset("rare_earth")


def bare_cores(page: Page) -> int:
    article = extract(page[1], page[0]).article
    return len(classify(rules(), title=article.title, paragraphs=article.paragraphs).tags) if article else 0


def warm(_number: int) -> None:
    rules()


def in_pool(function, work: list[Page], processes: int) -> tuple[float, float]:
    """Wall and CPU seconds of a pool over the pages."""
    with multiprocessing.get_context("fork").Pool(processes) as pool:
        pool.map(warm, range(processes * 4), chunksize=1)
        before, start = _children_cpu(), time.perf_counter()
        pool.map(function, work, chunksize=8)
        return time.perf_counter() - start, _children_cpu() - before


def _children_cpu() -> float:
    total = 0.0
    for child in psutil.Process().children():
        spent = child.cpu_times()
        total += spent.user + spent.system
    return total


class Pipeline:
    """A server and a text worker of their own."""

    def __init__(self, processes: int) -> None:
        self.folder = tempfile.TemporaryDirectory()
        state = Path(self.folder.name)
        plan = server.plan(state, 0)
        self.server = subprocess.Popen(plan.command)
        server.wait_until_ready(plan.url)
        self.database = connect(plan.url)
        environment = {
            **os.environ,
            "RAREWIRE_REDIS_URL": plan.url,
            "RAREWIRE_STATE_DIR": str(state),
            "RAREWIRE_LOG_LEVEL": "WARNING",
        }
        text = role("text", Settings(text_processes=processes))
        self.worker = subprocess.Popen(
            text.command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )

    def close(self) -> None:
        self.worker.terminate()
        self.worker.wait()
        self.server.kill()
        self.server.wait()
        self.folder.cleanup()

    def run(self, work: list[Page], round_number: int) -> tuple[float, float, float]:
        """Wall seconds, the worker's and the server's CPU seconds for the pages."""
        store, kept = WorkStore(self.database), blobs.pages(self.database)
        messages = []
        for url, body in work:
            name = article_id(f"{url}?round={round_number}")
            kept.keep(name, body)
            messages.append(
                PageFetched(
                    article_id=name, url=url, final_url=url, feed_id="bench", found_at=0, fetched_at=0, page_key=name
                )
            )
        worker_before, server_before = self._cpu()
        ended = self._ended()
        start = time.perf_counter()
        store.add(messages)
        from shared.broker import make_app, ring

        app = make_app("bench", self.database_url())
        ring(app, Stage.EXTRACT)
        ring(app, Stage.EXTRACT)
        while self._ended() - ended < len(work):
            time.sleep(0.01)
        spent = time.perf_counter() - start
        worker_after, server_after = self._cpu()
        return spent, worker_after - worker_before, server_after - server_before

    def database_url(self) -> str:
        arguments = self.database.redis.connection_pool.connection_kwargs
        return f"redis://:{arguments['password']}@127.0.0.1:{arguments['port']}/0"

    def _ended(self) -> int:
        books = WorkStore(self.database).books()
        return sum(
            books.get(name, 0)
            for name in ("extract:dropped", "extract:dead", "classify:dropped", "classify:forwarded", "classify:dead")
        )

    def _cpu(self) -> tuple[float, float]:
        process = psutil.Process(self.worker.pid)
        family = [process, *process.children(recursive=True)]
        own = psutil.Process(self.server.pid).cpu_times()
        return sum(one.cpu_times().user + one.cpu_times().system for one in family), own.user + own.system


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=600)
    parser.add_argument("--pages-from", type=Path, help="real pages instead: a NAME.jsonl.gz with url and html")
    parser.add_argument("--page-kb", type=int, default=112, help="size of a page; 112 KB is the median of a public set")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    work = labelled(options.pages_from) if options.pages_from else pages(options.pages, options.page_kb)
    size = statistics.mean(len(body) for _, body in work) / 1024
    print(
        f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores; {len(work)} pages of {size:.0f} KB, {options.processes} processes"
    )
    pipeline = Pipeline(options.processes)
    rows: dict[str, list[tuple[float, ...]]] = {"trafilatura": [], "cores": [], "pipeline": []}
    try:
        pipeline.run(work[:50], -1)
        for number in range(options.rounds):
            rows["trafilatura"].append(in_pool(bare_trafilatura, work, options.processes))
            rows["cores"].append(in_pool(bare_cores, work, options.processes))
            rows["pipeline"].append(pipeline.run(work, number))
    finally:
        pipeline.close()
    for name, figures in rows.items():
        rates = sorted(len(work) / one[0] for one in figures)
        cpu = statistics.median(sum(one[1:]) for one in figures) / len(work) * 1000
        print(
            f"{name:12} {statistics.median(rates):7.1f} articles/s ({rates[0]:.1f} to {rates[-1]:.1f}), {cpu:5.2f} ms CPU an article"
        )
    for bar in ("trafilatura", "cores"):
        pairs = list(zip(rows["pipeline"], rows[bar], strict=True))
        ratios = [theirs[0] / ours[0] for ours, theirs in pairs]
        by_cpu = statistics.median(theirs[1] / sum(ours[1:]) for ours, theirs in pairs)
        print(
            f"pipeline / {bar}: {statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f}), by CPU time {by_cpu:.2f}"
        )
    over = [sum(ours[1:]) - theirs[1] for ours, theirs in zip(rows["pipeline"], rows["cores"], strict=True)]
    print(
        f"orchestration from the queued page to the stream: {statistics.median(over) / len(work) * 1000:.2f} ms CPU an article (server included)"
    )


if __name__ == "__main__":
    sys.exit(main())
