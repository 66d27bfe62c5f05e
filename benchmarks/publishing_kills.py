"""Kills the server under publishing load and looks whether one article version ever got a second event id.

    python -m benchmarks.publishing_kills [--kills 25] [--seed 1] [--server /usr/bin/redis-server]

Threads work as workers do (the real runner, the real classification, leases, the scripts that end work) on articles that
come and change all the while; the truth about them lies outside the server. The server runs with `appendfsync everysec`, is
killed with SIGKILL at random moments and started again. That alone loses little, because what it wrote lies in the
machine's page cache; so before two of three starts its append-only file is cut at a random byte of its last second, as
a power cut would. A reader follows the stream and remembers every event that it ever saw, the lost ones included.
"""

from __future__ import annotations

import argparse
import logging
import math
import random
import tempfile
import threading
import time
from collections import Counter, defaultdict
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import structlog

from console.conformance.server import ThrowAwayServer
from shared.article import Article
from shared.events import content_hash, parse, stream_of
from shared.messages import ArticleExtracted, PageFetched, PageFound
from shared.outcomes import Forward, Keep
from shared.settings import Settings
from shared.stores import keys
from shared.stores.connection import RedisError
from shared.stores.dead_letters import DeadLetterStore
from shared.stores.work import WorkStore
from shared.topology import TOPOLOGY, Stage
from workers.classify.rulesets import load_ruleset
from workers.classify.step import classify
from workers.ports import make_ports

if TYPE_CHECKING:
    from collections.abc import Callable

    from shared.outcomes import Outcome

STREAM = stream_of("rare_earth")
PATIENCE = 5.0  # seconds after which a lease counts as run out here, so that a run takes seconds and not minutes
ENOUGH = 40  # articles that wait; then no new ones come
WORDS = (
    "quarter", "tonne", "kiln", "shaft", "ledger", "harbour", "winter", "contract", "engineer", "furnace", "valley",
    "permit", "rail", "basin", "survey", "acid", "solvent", "shipment", "lender", "magnet", "council", "drill", "export",
    "grade", "slope", "river", "pilot", "tender", "estate", "ridge",
)  # fmt: skip
AWAY = (RedisError, OSError)


@dataclass(kw_only=True)
class Truth:
    """The articles as their sites have them, outside the server: id -> how often each was changed."""

    seed: int
    editions: dict[str, int] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def article(self, name: str) -> Article:
        """An article in its present edition; every edition has other figures."""
        rng = random.Random(f"{self.seed}/{name}")
        body = tuple(" ".join(rng.choices(WORDS, k=40)).capitalize() + "." for _ in range(4))
        said = f"Separation of dysprosium and terbium from rare earth ore reached {self.editions[name] + 100} tonnes."
        return Article(
            title=f"Rare earth plant {name} opens", paragraphs=(said, *body), language="en", extractor="kills"
        )

    def hash(self, name: str) -> str:
        found = self.article(name)
        return content_hash(found.title, found.text)


@dataclass(kw_only=True)
class Reader:
    """A consumer that never forgets: event ids by article and version, and what it holds of each article."""

    ids: dict[tuple[str, int], set[str]] = field(default_factory=lambda: defaultdict(set))
    held: dict[str, tuple[int, str]] = field(default_factory=dict)
    done: dict[str, str] = field(default_factory=dict)  # event id -> content hash
    duplicates: int = 0
    changed: int = 0  # equal ids whose words were other ones: the page had changed before it was published again
    backwards: int = 0

    def take(self, fields: dict[str, str]) -> None:
        event = parse(fields)
        name, version, words = event.subject, event.data.version, event.data.content_hash  # type: ignore[union-attr]
        self.ids[name, version].add(event.id)
        if event.id in self.done:
            self.duplicates += 1
            self.changed += self.done[event.id] != words
        elif name in self.held and version <= self.held[name][0]:
            self.backwards += 1
        self.done[event.id] = words
        self.held[name] = (version, words)


@dataclass(frozen=True, kw_only=True)
class Report:
    """What a run came to; see `sound`."""

    kills: int
    cuts: int
    articles: int
    versions: int
    seen: int  # events that the reader saw, duplicates included
    duplicates: int
    changed: int
    gone: int  # events that were seen and are no longer on the stream under the same entry
    second_ids: int
    backwards: int
    gaps: int  # articles whose versions on the stream are not 1, 2, 3, …
    lost: int  # articles whose last edition is not the last on the stream
    stale: int  # articles of which the reader does not hold the last edition
    dead: tuple[str, ...]  # what was buried, and why

    @property
    def sound(self) -> bool:
        """Whether the promises of the contract held."""
        return not (self.second_ids or self.backwards or self.gaps or self.lost or self.stale or self.dead)

    def __str__(self) -> str:
        return ", ".join(f"{name} {value}" for name, value in vars(self).items())


class Run:
    """One run: a server, workers, a newsroom and a reader, each in threads of their own."""

    def __init__(self, folder: Path, *, seed: int, binary: str = "", workers: int = 2) -> None:
        self.folder, self.rng = folder, random.Random(seed)
        self.server = ThrowAwayServer(folder, binary=binary)
        self.truth, self.reader = Truth(seed=seed), Reader()
        self.entries: dict[str, str] = {}  # every entry that was ever seen -> event id
        self.rules = (load_ruleset("rare_earth"),)
        self.stopping, self.closed = threading.Event(), threading.Event()
        self.sizes: list[tuple[float, int]] = []
        acts: list[Callable[[], None]] = [*[self.work] * workers, self.publish, self.read, self.sweep, self.measure]
        self.threads = [threading.Thread(target=act, daemon=True) for act in acts]

    def go(self, kills: int, *, cut: bool = True) -> Report:
        """Kill the server so many times, let the work end, and count."""
        cuts = 0
        with self.server:
            for thread in self.threads:
                thread.start()
            for number in range(kills):
                self.wait_for_load()
                time.sleep(self.rng.uniform(0.0, 0.6))
                self.server.kill()
                if cut and number % 3:
                    cuts += self.cut()
                self.server.start()
                self.sizes = [(-math.inf, self.journal().stat().st_size)]  # what it started with is on the disk
            self.stopping.set()
            self.wait_for_the_end()
            self.closed.set()
            for thread in self.threads:
                thread.join()
            return self.count(kills, cuts)

    def wait_for_load(self) -> None:
        """Return when events come again, so that each kill hits work."""
        before = len(self.entries)
        self._until(lambda: len(self.entries) >= before + 15, "events under way")

    def wait_for_the_end(self) -> None:
        self._until(lambda: not self.behind() and self.backlog() == 0, "the work to end")
        newest = str(self.server.database().redis.xrevrange(STREAM, count=1)[0][0])
        self._until(lambda: newest in self.entries, "the reader to catch up")

    def _until(self, met: Callable[[], bool], what: str, seconds: float = 90.0) -> None:
        end = time.monotonic() + seconds
        while not met():
            if time.monotonic() > end:
                raise TimeoutError(f"waited {seconds:.0f} s for {what}")
            time.sleep(0.05)

    def cut(self) -> int:
        """Cut the append-only file somewhere in its last second; returns 1 if something went."""
        path, now = self.journal(), time.monotonic()
        start = next((size for at, size in reversed(self.sizes) if at <= now - 1.0), None)
        end = path.stat().st_size
        if start is None or start >= end:
            return 0
        with path.open("rb+") as file:
            file.truncate(self.rng.randrange(start, end))
        return 1

    def journal(self) -> Path:
        return max(self.folder.glob("server/appendonlydir/*.incr.aof"), key=lambda path: path.stat().st_mtime)

    def measure(self) -> None:
        """Note how the append-only file grows."""
        while not self.closed.wait(0.05):
            with suppress(OSError, ValueError):
                self.sizes.append((time.monotonic(), self.journal().stat().st_size))

    def publish(self) -> None:
        """A newsroom and its feed: new articles while there is room, changes now and then; what is not known is shown again."""
        work, number = WorkStore(self.server.database()), 0
        while not self.closed.wait(0.05):
            with suppress(*AWAY):
                if not self.stopping.is_set() and self.backlog() < ENOUGH:
                    with self.truth.lock:
                        for _ in range(10):
                            number += 1
                            self.truth.editions[f"a{number}"] = 0
                        self.truth.editions[f"a{self.rng.randint(1, number)}"] += 1
                work.add([self.found(name, known=known) for name, known in self.behind().items()])

    def found(self, name: str, *, known: bool) -> PageFound:
        url = f"https://news.example.org/{name}"
        why = "recheck" if known else "new"
        return PageFound(article_id=name, url=url, feed_id="f", found_at=time.time(), why=why)

    def behind(self) -> dict[str, bool]:
        """Articles whose record does not say that their last edition was told -> whether they have a record."""
        with self.truth.lock:
            names = list(self.truth.editions)
        pipe = self.server.database().redis.pipeline(transaction=False)
        for name in names:
            pipe.hmget(keys.ARTICLE(name), "url", "content_hash")
        told = dict(zip(names, pipe.execute(), strict=True))
        return {name: bool(url) for name, (url, words) in told.items() if words != self.truth.hash(name)}

    def backlog(self) -> int:
        backlog = WorkStore(self.server.database()).backlog()
        return int(sum(row["waiting"] + row["leased"] for stage, row in backlog.items() if stage is not Stage.POLL))

    def work(self) -> None:
        """A worker: all stages in turn, as doorbells would have it; fetching and extracting read the truth."""
        settings = Settings(redis_url=self.server.url, recheck_after=(), facet_streams={"d": ("element:dysprosium",)})
        ports = make_ports(settings, ring=lambda _stage: None)
        steps: dict[Stage, Callable[[Any], Outcome]] = {
            Stage.FETCH: self.fetch,
            Stage.EXTRACT: self.extract,
            Stage.CLASSIFY: lambda message: classify(message, ports, self.rules),
        }
        while not self.closed.wait(0.005):
            for stage, step in steps.items():
                with suppress(*AWAY):
                    ports.runner.run(stage, lambda message, _work, step=step: step(message), budget=0.2)
        ports.http.close()

    def fetch(self, message: PageFound) -> Outcome:
        page = PageFetched(
            article_id=message.article_id, url=message.url, final_url=message.url, feed_id="f", why=message.why,
            found_at=message.found_at, fetched_at=time.time(), page_key=message.article_id,
        )  # fmt: skip
        return Forward(messages=(page,))

    def extract(self, message: PageFetched) -> Outcome:
        with self.truth.lock:
            data = self.truth.article(message.article_id).model_dump_json().encode()
        done = ArticleExtracted(
            article_id=message.article_id, url=message.url, feed_id="f", found_at=message.found_at, why=message.why,
            fetched_at=message.fetched_at, article_key=message.article_id,
        )  # fmt: skip
        return Forward(messages=(done,), keeps=(Keep(family="text", id=message.article_id, data=data),))

    def sweep(self) -> None:
        """The tick, with a clock that is ahead, so that leases of what died run out after `PATIENCE`."""
        database = self.server.database()
        while not self.closed.wait(0.2):
            for stage in (Stage.FETCH, Stage.EXTRACT, Stage.CLASSIFY):
                with suppress(*AWAY):
                    database.now = None
                    now = database.time()
                    database.now = now + TOPOLOGY[stage].lease - PATIENCE
                    WorkStore(database).sweep(stage)
                    # What it took back is due by its own clock, and what failed waits for its retry: both are due now.
                    late = database.redis.zrangebyscore(keys.READY(stage), now, "+inf")
                    if late:
                        database.redis.zadd(keys.READY(stage), dict.fromkeys(late, now), xx=True)

    def read(self) -> None:
        """Follow the stream through every restart."""
        last, redis = "0-0", self.server.database().redis
        while not self.closed.is_set():
            with suppress(*AWAY):
                answer = redis.xread({STREAM: last}, count=200, block=100)
                pairs = answer.items() if isinstance(answer, dict) else answer or ()
                for entry, fields in [row for _, rows in pairs for row in rows]:
                    last, self.entries[entry] = entry, fields["id"]
                    self.reader.take(fields)

    def count(self, kills: int, cuts: int) -> Report:
        database = self.server.database()
        letters = DeadLetterStore(database)
        rows = [(entry, parse(fields)) for entry, fields in database.redis.xrange(STREAM)]
        on_stream: dict[str, list[Any]] = defaultdict(list)
        for _, event in rows:
            on_stream[event.subject].append(event.data)
        last = {name: self.truth.hash(name) for name in self.truth.editions}
        return Report(
            kills=kills,
            cuts=cuts,
            articles=len(last),
            versions=len(rows),
            seen=len(self.entries),
            duplicates=self.reader.duplicates,
            changed=self.reader.changed,
            gone=len(self.entries.keys() - {entry for entry, _ in rows}),
            second_ids=sum(len(ids) > 1 for ids in self.reader.ids.values())
            + sum(number > 1 for number in Counter(event.id for _, event in rows).values()),
            backwards=self.reader.backwards,
            gaps=sum([one.version for one in data] != list(range(1, len(data) + 1)) for data in on_stream.values()),
            lost=sum(not on_stream[name] or on_stream[name][-1].content_hash != words for name, words in last.items()),
            stale=sum(self.reader.held.get(name, (0, ""))[1] != words for name, words in last.items()),
            dead=tuple(f"{one.key}: {one.reason}: {one.text}" for one in letters.letters(letters.names())),
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=25)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--server", default="", help="a server's program; default: the embedded one")
    options = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    start = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        report = Run(Path(folder), seed=options.seed, binary=options.server).go(options.kills)
    print(f"{report}; {time.monotonic() - start:.0f} s; {'sound' if report.sound else 'UNSOUND'}")
    raise SystemExit(not report.sound)


if __name__ == "__main__":
    main()
