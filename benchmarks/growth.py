"""What becomes slower or larger as there is more: feeds, articles kept, workers. A table, and a plot as SVG.

    python -m benchmarks.growth [--feeds 1000,10000,100000] [--articles 1000,10000,100000,1000000] [--workers 1,2,4]
                                [--svg docs/growth.svg] [--only feeds,articles,workers]

Feeds and articles are in a server of their own; times are the server's CPU, the console's are whole requests. Feeds are
written as they look after weeks of polling. Articles are real ones: some hundred go through all stages first, then their
records are multiplied under other ids (the page's bytes, which live three days, are left out). Workers are whole systems
against the demo's press; a million articles need about 8 GB.
"""

from __future__ import annotations

import argparse
import os
import platform
import random
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.testclient import TestClient

from benchmarks import end_to_end, scheduling
from benchmarks.charts import Chart, svg
from benchmarks.orchestration import House
from benchmarks.pipeline import pages
from console.web.app import make_app
from shared.logs import configure
from shared.messages import PageFound
from shared.settings import Settings
from shared.stores import keys
from shared.topology import Stage

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.pipeline import Page
    from shared.stores.connection import Database

KEPT = (keys.ARTICLE, keys.TEXT, keys.SKETCH, keys.CLUSTER)
SAMPLE = 200  # articles that really go through
MEASURED = 100  # articles, messages or requests a measurement
STREAM = "rarewire:rare-earth:v1"
VIEWS = {"overview": "/", "articles": "/articles", "one article": "/articles/{id}", "recent": "/recent"}
Rows = list[dict[str, float]]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--feeds", type=_numbers, default=[1_000, 10_000, 100_000])
    parser.add_argument("--articles", type=_numbers, default=[1_000, 10_000, 100_000, 1_000_000])
    parser.add_argument("--workers", type=_numbers, default=[1, 2, 4])
    parser.add_argument("--only", default="feeds,articles,workers")
    parser.add_argument("--svg", type=Path, help="where the plot is written")
    options = parser.parse_args()
    configure(level="ERROR", as_json=True)
    print(f"{os.cpu_count()} cores {platform.machine()}", flush=True)
    measures = {"feeds": feeds, "articles": articles, "workers": workers}
    found = {name: measures[name](getattr(options, name)) for name in options.only.split(",")}
    if options.svg:
        options.svg.write_text(svg(charts(found)), encoding="utf-8")
    return 0


def _numbers(text: str) -> list[int]:
    return sorted(int(one) for one in text.split(","))


def table(title: str, rows: Rows) -> Rows:
    """Print rows of one kind; returns them."""
    print(title)
    print("".join(f"{name:>17}" for name in rows[0]))
    for row in rows:
        print("".join(f"{value:17,.2f}" if value < 1_000 else f"{value:17,.0f}" for value in row.values()), flush=True)
    return rows


def feeds(numbers: Sequence[int]) -> Rows:
    """Memory a feed, the server's time for ticks, claims and endings, and what one core of it could poll."""
    rows: Rows = []
    with scheduling.embedded_server() as (database, _):
        empty, there = scheduling.memory(database), 0
        for number in numbers:
            scheduling.fill(database, there, number)
            scheduling.fill_seen(database, there, number, 20)
            there = number
            cost = scheduling.cost(database, number)
            rows.append(
                {
                    "feeds": number,
                    "bytes a feed": (scheduling.memory(database) - empty) / number,
                    "empty tick us": cost.empty_tick,
                    "tick us": cost.tick,
                    "claim 100 us": cost.one_claim,
                    "by twos us": cost.claims_by_twos,
                    "end 100 us": cost.endings,
                    "polls/s a core": 100e6 / (cost.claims_by_twos + cost.endings),
                }
            )
    return table("Feeds, each with 20 seen entries; 100 of them due", rows)


@dataclass
class Kept:
    """A server that keeps many articles, copied from some real ones."""

    house: House
    database: Database
    work: list[Page]
    families: dict[str, list[bytes]] = field(default_factory=dict)
    there: int = 0

    def learn(self) -> None:
        """Let the sample go through all stages, and take its keys as they are stored."""
        self.house.prepare(self.work[:SAMPLE], 0)
        for stage in Stage:
            self.house.run(stage)
        redis = self.database.redis
        for key in (*KEPT, keys.SHINGLE):
            names = redis.scan_iter(match=key("*"), count=1000)
            self.families[key.pattern] = [_dumped(self.database, name) for name in names]
        self.there = redis.dbsize() and len(self.families[keys.ARTICLE.pattern])

    def fill(self, number: int) -> None:
        """Copy until so many articles are kept."""
        share = {
            pattern: len(dumps) / len(self.families[keys.ARTICLE.pattern]) for pattern, dumps in self.families.items()
        }
        rng = random.Random(number)
        pipe = self.database.redis.pipeline(transaction=False)
        for one in range(self.there, number):
            for pattern, dumps in self.families.items():
                times = share[pattern]
                for copy in range(int(times) + (rng.random() < times % 1)):
                    name = f"{keys.PREFIX}{pattern.format(f'{one:x}-{copy}-copied')}"
                    pipe.restore(name, 86_400_000, rng.choice(dumps))
            if one % 500 == 0:
                pipe.execute()
        pipe.execute()
        self.there = max(self.there, number)

    def publish(self, fresh: list[Page], number: int) -> tuple[float, float]:
        """Microseconds of the server and of the worker an article, from the feed to the stream, cores left out."""
        self.house.announce(fresh, number)
        costs = [self.house.run(stage) for stage in Stage]
        each = 1e6 / len(fresh)
        return sum(cost.server for cost in costs) * each, sum(cost.worker for cost in costs) * each

    def known(self) -> float:
        """Microseconds of the server for a page that it knows already."""
        names = [next(self.database.redis.scan_iter(match=keys.ARTICLE("*"), count=100))]
        one = names[0].removeprefix(keys.ARTICLE(""))
        page = PageFound(article_id=one, url="https://example.org/a", feed_id="f", found_at=time.time())
        before = scheduling.server_time(self.database)
        assert self.house.ports.runner.work.add([page] * MEASURED) == 0
        return (scheduling.server_time(self.database) - before) / MEASURED


def _dumped(database: Database, name: str) -> bytes:
    raw: bytes = database.redis.execute_command("DUMP", name, NEVER_DECODE=True)
    return raw


def articles(numbers: Sequence[int]) -> Rows:
    """Memory an article, what publishing and recognising cost, and what the console's pages take."""
    rows: Rows = []
    with tempfile.TemporaryDirectory() as folder, scheduling.embedded_server() as (database, url):
        database.redis.config_set("appendonly", "no")  # copies need not be on disk
        work = pages(SAMPLE + MEASURED * len(numbers), 40, "auto")
        kept = Kept(Announcing(database, url, Path(folder)), database, work)
        kept.learn()
        sites = scheduling.memory(database)
        start = kept.there
        app = make_app(Settings(redis_url=url, state_dir=Path(folder)), database=database)
        with TestClient(app, base_url="http://127.0.0.1") as console:
            for place, number in enumerate(numbers):
                kept.fill(number)
                size = (scheduling.memory(database) - sites) / max(kept.there - start, 1)
                first = SAMPLE + place * MEASURED
                server, worker = kept.publish(work[first : first + MEASURED], place + 1)
                rows.append(
                    {
                        "articles": number,
                        "bytes an article": size,
                        "server us each": server,
                        "worker us each": worker,
                        "known page us": kept.known(),
                        **{f"{name} ms": view(console, path, database) for name, path in VIEWS.items()},
                    }
                )
    return table("Articles kept, 100 more going through; the console's pages", rows)


class Announcing(House):
    """A house that can be given more without losing what it has."""

    def announce(self, work: list[Page], number: int) -> None:
        """Put pages into feeds of a round of their own."""
        flush, self.database.redis.flushall = self.database.redis.flushall, lambda: None
        try:
            self.prepare(work, number)
        finally:
            self.database.redis.flushall = flush


def view(console: TestClient, path: str, database: Database) -> float:
    """Milliseconds of one page of the console, the median of some."""
    one = next(database.redis.scan_iter(match=keys.ARTICLE("*"), count=100)).removeprefix(keys.ARTICLE(""))
    times = []
    for _ in range(7):
        begin = time.perf_counter()
        answer = console.get(path.format(id=one))
        times.append(time.perf_counter() - begin)
        assert answer.status_code == 200, (path, answer.status_code)
    return statistics.median(times) * 1000


def workers(numbers: Sequence[int]) -> Rows:
    """Articles a second of a whole system with so many text processes."""
    rows: Rows = []
    for number in numbers:
        spent, by_role, memory, _ = end_to_end.run(600, number)
        rows.append(
            {
                "text processes": number,
                "articles/s": 600 / spent,
                "ms CPU each": sum(by_role.values()) / 600 * 1000,
                "MB": memory,
            }
        )
    return table("Text processes of a whole system, 600 articles", rows)


def charts(found: dict[str, Rows]) -> list[Chart]:
    """The plot of what was measured."""
    wanted = (
        ("feeds", "Memory a feed", "bytes", {"": "bytes a feed"}),
        (
            "feeds",
            "Server time, 100 feeds due",
            "µs",
            {"tick": "tick us", "claim": "claim 100 us", "end": "end 100 us"},
        ),
        ("feeds", "Polls a second, one core of the server", "polls/s", {"": "polls/s a core"}),
        ("articles", "Memory an article", "bytes", {"": "bytes an article"}),
        (
            "articles",
            "Feed to stream, cores left out",
            "µs CPU",
            {"server": "server us each", "worker": "worker us each"},
        ),
        ("articles", "Pages of the console", "ms", {name: f"{name} ms" for name in VIEWS}),
        ("workers", "Whole system", "articles/s", {"": "articles/s"}),
    )
    return [
        Chart(
            title=title,
            unit=unit,
            across={"feeds": "feeds", "articles": "articles kept", "workers": "text processes"}[kind],
            log_x=kind != "workers",
            series={
                name: [(next(iter(row.values())), row[column]) for row in found[kind]]
                for name, column in columns.items()
            },
        )
        for kind, title, unit, columns in wanted
        if kind in found
    ]


if __name__ == "__main__":
    sys.exit(main())
