"""What many feeds cost: the server's time for a tick and for claiming and ending polls, memory a feed, beside Celery beat.

    python -m benchmarks.scheduling [--feeds 100000] [--entries 20] [--beat 10000]

Feeds are written through the real stores, as they look after some weeks of polling. Times are what the server spent in
the commands (`INFO commandstats`), medians over rounds; targets are 1 ms per 100 due feeds and 1 KB a feed. Claims are
measured twice: in one call, and by twos, as poll workers take them so that one slow feed holds no other.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import platform
import random
import statistics
import subprocess
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from celery import Celery
from celery.beat import Scheduler

from console.up import server
from schedulers.core import FeedState
from shared.outcomes import Disposition, Reason, Save
from shared.stores.connection import Database, connect
from shared.stores.feeds import FeedStore
from shared.stores.work import Completion, WorkStore
from shared.topology import TOPOLOGY, Stage
from workers.poll.core import Seen

if TYPE_CHECKING:
    from collections.abc import Iterator

DUE = 100
ROUNDS = 9


@dataclass(frozen=True, kw_only=True)
class Cost:
    """Microseconds of the server's time, medians. `tick` sweeps all stages; the others are for 100 due feeds."""

    empty_tick: float
    tick: float
    one_claim: float
    claims_by_twos: float
    endings: float


@contextmanager
def embedded_server() -> Iterator[tuple[Database, str]]:
    """A server of its own, as `rarewire up` starts it, and its URL."""
    with tempfile.TemporaryDirectory() as folder:
        plan = server.plan(Path(folder), 0)
        process = subprocess.Popen(plan.command)
        try:
            server.wait_until_ready(plan.url)
            yield connect(plan.url), plan.url
        finally:
            process.kill()
            process.wait()


def state(number: int, now: float) -> FeedState:
    """A feed that has been polled for weeks."""
    digest = hashlib.sha256(str(number).encode()).hexdigest()
    return FeedState(
        url=f"https://www.paper-{number}.example/news/rss/section-{number % 9}.xml",
        next_at=now + 3_600 + number / 100,
        asked_at=now - 900,
        ok_at=now - 900,
        full_at=now - 4_000,
        new_at=now - 4_000,
        etag=f'"{digest[:32]}"',
        modified="Mon, 23 Nov 2026 10:00:00 GMT",
        body_hash=digest[:32],
        unchanged=3,
        proven=True,
        rate_entries=14.25,
        rate_seconds=86_000.5,
        window=20,
        wish=900.0,
    )


def fill(database: Database, first: int, last: int) -> None:
    """Add feeds first..last-1, none of them due within the hour."""
    feeds, work, now = FeedStore(database), WorkStore(database), database.time()
    for number in range(first, last):
        one = state(number, now)
        feeds.put(feed_id(number), {"name": f"The Paper of Town {number}", "language": "en", **one.to_fields()})
        work.schedule(feed_id(number), one.next_at, only_if_new=True)


def fill_seen(database: Database, first: int, last: int, entries: int) -> None:
    """Let each feed have shown so many entries."""
    keys = FeedStore(database)
    pipe = database.redis.pipeline(transaction=False)
    for number in range(first, last):
        current = {
            hashlib.sha256(f"{number}/{entry}".encode()).hexdigest()[:16]: f"{entry:06d}" for entry in range(entries)
        }
        pipe.hset(seen_key(number), "known", Seen(current=current).encode())
        if number % 2_000 == 1_999:
            pipe.execute()
    pipe.execute()
    assert keys.seen(feed_id(first))


def seen_key(number: int) -> str:
    from shared.stores import keys

    return keys.SEEN(feed_id(number))


def feed_id(number: int) -> str:
    return hashlib.sha256(str(number).encode()).hexdigest()[:16]


def memory(database: Database) -> int:
    return int(database.redis.info("memory")["used_memory"])


def server_time(database: Database) -> float:
    """Microseconds that the server has spent in commands since its start; INFO itself left out."""
    stats = database.redis.info("commandstats")
    names = ("cmdstat_evalsha", "cmdstat_set", "cmdstat_del")
    return float(sum(stats[name]["usec"] for name in names if name in stats))


def tick(work: WorkStore) -> None:
    """What `schedulers.tasks.tick` asks of the server."""
    for stage in Stage:
        if work.sweep(stage).due:
            work.want_bell(stage)


def cost(database: Database, feeds: int) -> Cost:
    """Measure ticks, claims, and the endings of polls that found nothing, 100 due feeds a round."""
    work, rng = WorkStore(database), random.Random(1)
    rows = [_round(work, database, rng.sample(range(feeds), DUE), most=DUE) for _ in range(ROUNDS)]
    twos = [_round(work, database, rng.sample(range(feeds), DUE), most=2) for _ in range(ROUNDS)]
    empty, tick_, claim, ended = (statistics.median(column) for column in zip(*rows, strict=True))
    by_twos = statistics.median(row[2] for row in twos)
    return Cost(empty_tick=empty, tick=tick_, one_claim=claim, claims_by_twos=by_twos, endings=ended)


def _round(work: WorkStore, database: Database, due: list[int], *, most: int) -> tuple[float, ...]:
    marks = [server_time(database)]
    tick(work)
    marks.append(server_time(database))
    for number in due:
        work.schedule(feed_id(number), database.time() - 1)
    begin = server_time(database)
    tick(work)
    ticked = server_time(database)
    claimed = [work.claim(Stage.POLL, most=most, lease=TOPOLOGY[Stage.POLL].lease) for _ in range(DUE // most)]
    taken = server_time(database)
    assert sum(map(len, claimed)) == DUE
    for some in claimed:
        assert all(work.complete_all([(one, ending(one.id, database.time())) for one in some]))
    return marks[1] - marks[0], ticked - begin, taken - ticked, server_time(database) - taken


def ending(feed: str, now: float) -> Completion:
    """A 304, as the poll step ends it."""
    fields = {"na": f"{now + 900:.3f}", "aa": f"{now:.3f}", "ok": f"{now:.3f}"}
    return Completion(
        disposition=Disposition.DROPPED,
        reason=Reason.NOT_MODIFIED,
        saves=(Save(record="feed", id=feed, fields=fields),),
        again_at=now + 3_600,
    )


def beat(database: Database, entries: int, every: float = 30.0) -> tuple[float, float]:
    """What Celery's own beat sends a second with an entry a feed, and its CPU microseconds a sent task.

    Nothing is due in the first interval; the second one is counted.
    """
    arguments = database.redis.connection_pool.connection_kwargs
    app = Celery("beat", broker=f"redis://:{arguments['password']}@127.0.0.1:{arguments['port']}/1")
    app.conf.update(task_ignore_result=True, result_backend=None, beat_max_loop_interval=1)
    app.conf.beat_schedule = {
        f"feed-{number}": {"task": "poll", "schedule": every, "args": (feed_id(number),), "options": {"queue": "poll"}}
        for number in range(entries)
    }
    scheduler = Scheduler(app)
    begin, cpu, sent = time.monotonic(), time.process_time(), 0
    while time.monotonic() - begin < 2 * every:
        wait = scheduler.tick()
        if time.monotonic() - begin < every:
            cpu = time.process_time()
            sent = _length(app)
        if wait:
            time.sleep(min(wait, 0.2))
    done = _length(app) - sent
    return done / every, (time.process_time() - cpu) / max(done, 1) * 1e6


def _length(app: Celery) -> int:
    with app.connection_for_write() as connection:
        return int(connection.default_channel.client.llen("poll"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--feeds", type=int, default=100_000)
    parser.add_argument("--entries", type=int, default=20, help="entries that a feed has shown")
    parser.add_argument("--beat", type=int, default=10_000, help="entries of the Celery beat beside; 0 for none")
    options = parser.parse_args()
    print(f"{os.cpu_count()} cores {platform.machine()}; {options.feeds} feeds")
    with embedded_server() as (database, _):
        empty = memory(database)
        fill(database, 0, options.feeds)
        filled = memory(database)
        fill_seen(database, 0, options.feeds, options.entries)
        print(
            f"memory a feed: record, schedule and place in the set {(filled - empty) / options.feeds:.0f} bytes, ",
            end="",
        )
        print(f"its {options.entries} seen entries {(memory(database) - filled) / options.feeds:.0f} bytes more")
        found = cost(database, options.feeds)
        print(f"server time: empty tick {found.empty_tick:.0f} µs; with {DUE} due: tick {found.tick:.0f} µs, ", end="")
        print(
            f"one claim {found.one_claim:.0f} µs, claims by twos {found.claims_by_twos:.0f} µs, endings {found.endings:.0f} µs"
        )
        print(f"tick and claim: {(found.tick + found.one_claim) / 1000:.2f} ms per {DUE} due feeds (target 1.00)")
        if options.beat:
            rate, cpu = beat(database, options.beat)
            print(
                f"Celery beat, {options.beat} entries every 30 s: {rate:.0f} sent/s of {options.beat / 30:.0f} due/s, ",
                end="",
            )
            print(f"{cpu:.0f} µs CPU each")


if __name__ == "__main__":
    main()
