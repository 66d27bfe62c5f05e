"""What an article costs from the feed to the stream besides HTTP, extraction and tagging, stage by stage, in one process.

    python -m benchmarks.orchestration [--pages 400 | --pages-from NAME.jsonl.gz] [--rounds 5] [--profile STAGE]

The real steps, runner and stores on a server of their own; answers of the web come from memory. CPU milliseconds an
article, medians of the rounds:
    cores         parsing the feed, judging, extracting and tagging the page: the pure functions
    worker        all else that the worker's thread did
    server        what the server did
    round trips   how often the server was asked
`--profile` prints what the worker spends on one stage (cProfile, one further round).
"""

from __future__ import annotations

import argparse
import cProfile
import os
import platform
import pstats
import statistics
import tempfile
import time
from contextlib import redirect_stderr
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from redis.connection import Connection

import workers.classify.judging
import workers.classify.step
import workers.extract.step
import workers.fetch.step
import workers.poll.step
from benchmarks.pipeline import Page, labelled, pages
from benchmarks.scheduling import embedded_server
from schedulers.core import FeedState
from shared.http.answer import Headers, Response
from shared.logs import configure
from shared.settings import Settings
from shared.topology import Stage
from shared.urls import article_id
from workers.classify.rulesets import load_ruleset
from workers.ports import Ports, make_ports

if TYPE_CHECKING:
    from collections.abc import Callable

    from shared.stores.connection import Database

ENTRIES = 20  # of a feed
CORES = (
    (workers.poll.step, "parse"),
    (workers.fetch.step, "judge_page"),
    (workers.extract.step, "extract_article"),
    (workers.classify.judging, "classify"),
)
ITEM = "<item><title>{title}</title><link>{url}</link><guid>{url}</guid><description>{summary}</description></item>"
SUMMARY = "What has happened at the works by the river, in two or three sentences, as feeds tell it. " * 3


@dataclass
class Web:
    """Feeds and pages by URL, in memory: the client's `get` without a connection."""

    bodies: dict[str, tuple[str, bytes]] = field(default_factory=dict)

    def get(self, url: str, **_wishes: object) -> Response:
        kind, body = self.bodies.get(url, ("text/plain", b""))
        return Response(url=url, status=200 if body else 404, headers=Headers([("content-type", kind)]), body=body)


@dataclass
class Cores:
    """Seconds of this thread in the pure functions."""

    spent: float = 0.0

    def watch(self, module: Any, name: str) -> None:
        inner = getattr(module, name)

        def timed(*args: Any, **named: Any) -> Any:
            start = time.thread_time()
            try:
                return inner(*args, **named)
            finally:
                self.spent += time.thread_time() - start

        setattr(module, name, timed)


@dataclass(frozen=True)
class Cost:
    """CPU seconds and round trips of one stage in one round."""

    cores: float
    worker: float
    server: float
    trips: int


class House:
    """The stages on one server, without Celery: doorbells cost nothing here."""

    def __init__(self, database: Database, url: str, folder: Path) -> None:
        self.database = database
        self.web, self.cores, self.trips = Web(), Cores(), 0
        self._count_trips()
        settings = Settings(redis_url=url, state_dir=folder, host_gap=0, allow_loopback=True)
        made = make_ports(settings, ring=lambda _stage: None)
        self.ports = Ports(**{**vars(made), "http": self.web})
        self.rules = (load_ruleset("rare_earth"),)
        self.pid = int(database.redis.info("server")["process_id"])
        for module, name in CORES:
            self.cores.watch(module, name)

    def prepare(self, work: list[Page], number: int) -> None:
        """Announce the pages in feeds of a round of their own."""
        self.database.redis.flushall()
        self.web.bodies = {}
        for start in range(0, len(work), ENTRIES):
            feed, some = f"https://feeds.example/{number}/{start}", work[start : start + ENTRIES]
            items = [ITEM.format(title=f"Story {number}/{url}", url=escape(url), summary=SUMMARY) for url, _ in some]
            document = f"<rss version='2.0'><channel><title>A</title>{''.join(items)}</channel></rss>"
            self.web.bodies[feed] = ("application/rss+xml", document.encode())
            identity = article_id(feed)
            self.ports.feeds.put(identity, FeedState(url=feed, next_at=0).to_fields())
            self.ports.runner.work.schedule(identity, 0)
        self.web.bodies |= {url: ("text/html; charset=utf-8", body) for url, body in work}

    def steps(self) -> dict[Stage, tuple[Callable[..., Any], dict[str, Any]]]:
        """What `workers.tasks` runs for each stage."""
        ports, now, left = self.ports, time.time, {"after": self.ports.hosts.settle}
        return {
            Stage.POLL: (lambda m, w: workers.poll.step.poll(m, ports, now=now(), slot=w.slot), left),
            Stage.FETCH: (lambda m, w: workers.fetch.step.fetch(m, ports, now=now(), slot=w.slot), left),
            Stage.EXTRACT: (lambda m, _w: workers.extract.step.extract(m, ports), {"ahead": ports.read_pages}),
            Stage.CLASSIFY: (
                lambda m, _w: workers.classify.step.classify(m, ports, self.rules),
                {"ahead": ports.read_texts},
            ),
        }

    def run(self, stage: Stage) -> Cost:
        """Do all that waits at a stage."""
        step, around = self.steps()[stage]
        self.cores.spent = 0.0
        trips, server, start = self.trips, _cpu(self.pid), time.thread_time()
        while self.ports.runner.run(stage, step, **around, budget=600) or self._waits(stage):
            pass
        spent = time.thread_time() - start - self.cores.spent
        return Cost(cores=self.cores.spent, worker=spent, server=_cpu(self.pid) - server, trips=self.trips - trips)

    def _waits(self, stage: Stage) -> bool:
        return self.ports.runner.work.backlog()[stage]["due"] > 0

    def _count_trips(self) -> None:
        """Count what is sent: a command, or a pipeline of them."""
        inner = Connection.send_packed_command

        def counted(connection: Any, *args: Any, **named: Any) -> Any:
            self.trips += 1
            return inner(connection, *args, **named)

        Connection.send_packed_command = counted


def _cpu(pid: int) -> float:
    """CPU seconds of a process, from the scheduler's nanoseconds."""
    tasks = Path(f"/proc/{pid}/task").glob("*/schedstat")
    return sum(int(task.read_text().split()[0]) for task in tasks) / 1e9


def show(rows: list[dict[Stage, Cost]], articles: int) -> None:
    print(f"{'stage':10}{'cores':>9}{'worker':>9}{'server':>9}{'round trips':>13}")
    sums = [0.0] * 3
    for stage in Stage:
        costs = [row[stage] for row in rows]
        parts = [
            statistics.median(getattr(cost, name) for cost in costs) / articles * 1000
            for name in ("cores", "worker", "server")
        ]
        trips = statistics.median(cost.trips for cost in costs) / articles
        print(f"{stage:10}" + "".join(f"{part:9.3f}" for part in parts) + f"{trips:13.2f}")
        sums = [one + part for one, part in zip(sums, parts, strict=True)]
    print(f"{'all':10}" + "".join(f"{part:9.3f}" for part in sums))
    each = sorted(sum(cost.worker + cost.server for cost in row.values()) / articles * 1000 for row in rows)
    print(
        f"orchestration from feed to stream: {statistics.median(each):.2f} ms CPU an article, server included ({each[0]:.2f} to {each[-1]:.2f})"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=400)
    parser.add_argument("--pages-from", type=Path, help="real pages instead: a NAME.jsonl.gz with url and html")
    parser.add_argument("--page-kb", type=int, default=40)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--profile", type=Stage, choices=list(Stage), help="a stage to profile in a further round")
    options = parser.parse_args()
    work = labelled(options.pages_from) if options.pages_from else pages(options.pages, options.page_kb, "auto")
    size = statistics.mean(len(body) for _, body in work) / 1024
    print(f"{os.cpu_count()} cores {platform.machine()}; {len(work)} pages of {size:.0f} KB, feeds of {ENTRIES}")
    with (
        Path(os.devnull).open("w") as nowhere,
        redirect_stderr(nowhere),  # log lines are made and written, as in production
        tempfile.TemporaryDirectory() as folder,
        embedded_server() as (database, url),
    ):
        configure(level="INFO", as_json=True)
        house = House(database, url, Path(folder))
        rows = []
        for number in range(-1, options.rounds):
            house.prepare(work, number)
            costs = {stage: house.run(stage) for stage in Stage}
            rows += [costs] if number >= 0 else []
        show(rows, len(work))
        books = house.ports.runner.work.books()
        print(f"{books.get('stream:in', 0)} published a round")
        if options.profile:
            profile(house, work, options.profile)


def profile(house: House, work: list[Page], wanted: Stage) -> None:
    """Print where the worker's time goes at one stage."""
    house.prepare(work, 0)
    for stage in Stage:
        if stage is wanted:
            with cProfile.Profile() as watching:
                house.run(stage)
            pstats.Stats(watching).sort_stats("tottime").print_stats(45)
            return
        house.run(stage)


if __name__ == "__main__":
    main()
