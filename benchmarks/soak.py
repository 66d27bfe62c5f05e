"""A long time at a steady load: memory of every process and of the server, keys by family, and which of them never expire.

    python -m benchmarks.soak [--minutes 60] [--rate 1.5] [--life 600] [--samples FILE.csv]

An hour is short beside lifetimes of days, so time is pressed together: no key may live longer than `--life` seconds (its
lifetime is cut, as if the days had passed), streams keep as long, published articles are looked at again after five
minutes, and an operator discards the dead letters. So what should go does go within the run, and the server's memory must
level out, too. Somebody looks at the console's pages all the while.

The criterion: over the second half of the run, no process (each pool child by itself) and not the server's own figure may
grow by more than 5 % an hour (Theil-Sen: the median of all slopes, which steps and spikes do not move). What families
with a named bound took on their way to it is told apart from the server's. The server's resident size is shown and not
judged: its allocator keeps what a peak needed. The exit code is 1
when something grew more, a key belongs to no family, should expire and does not, an event is doubled, or the books do not
balance.
"""

from __future__ import annotations

import argparse
import os
import re
import statistics
import sys
import tempfile
import time
import urllib.request
from collections import Counter, defaultdict
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from shared.stores import keys
from shared.stores.dead_letters import DeadLetterStore
from shared.stores.work import WorkStore
from tests.e2e.world import ROLES, World

if TYPE_CHECKING:
    from typing import TextIO

    from shared.stores.keys import Key

DAY = 86_400.0
EVERY = 10.0  # seconds between two samples
HOUSEKEEPING = 60.0  # seconds between two cuts of lifetimes, and two rounds of the operator
PAGES = ("", "articles", "feeds", "failures", "retries", "workers", "consumers", "sites", "audit", "metrics")
GROWTH = 0.05  # of its size an hour that a process or the server may grow by
SERVER = "server's used_memory"
OTHERS = {"(broker)": "doorbells that expire, and a set a queue", keys.LAYOUT_KEY: "one"}
Series = list[tuple[float, float]]


def settings(life: float) -> dict[str, str]:
    """What makes an hour hold what days do."""
    return {
        "RAREWIRE_POLL_FLOOR": "5",
        "RAREWIRE_POLL_FLOOR_UNPROVEN": "5",
        "RAREWIRE_POLL_CEILING": "10",
        "RAREWIRE_RETRY_SCALE": "0.05",
        "RAREWIRE_RECHECK_AFTER": "[300]",
        "RAREWIRE_RETENTION_DAYS": f"{life / DAY:.6f}",
    }


@dataclass(kw_only=True)
class Census:
    """Keys and bytes by family, and what is wrong with any."""

    count: Counter[str] = field(default_factory=Counter)
    size: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)


def sample(world: World, series: dict[str, Series], at: float, log: TextIO) -> None:
    """Add one sample of each process's resident memory and the server's own figure, in MB."""
    found = {SERVER: world.database.redis.info("memory")["used_memory"] / 1e6}
    for role in ROLES:
        for number, pid in enumerate(world.pids(role)):
            with suppress(psutil.NoSuchProcess):
                found[f"{role} child {number}" if number else role] = psutil.Process(pid).memory_info().rss / 1e6
    for name, size in found.items():
        series[name].append((at, size))
        log.write(f"{at:.0f},{name},{size:.3f}\n")
    log.flush()


def slope(points: Series) -> float:
    """MB an hour over the second half, by Theil-Sen."""
    late = points[len(points) // 2 :]
    slopes = [(b - a) / (later - at) for (at, a), (later, b) in combinations(late, 2) if later > at]
    return 3600 * statistics.median(slopes) if slopes else 0.0


def grows(points: Series, *, allowed: float = 0.0) -> bool:
    """Whether it grew by more than the criterion allows; `allowed`: MB an hour that are accounted for."""
    return slope(points) - allowed > GROWTH * statistics.median(size for _, size in points[len(points) // 2 :])


def families() -> list[tuple[re.Pattern[str], Key]]:
    """Every family's pattern, the more particular first."""
    made = [(re.compile(re.escape(keys.PREFIX + key.pattern).replace(r"\{\}", ".+")), key) for key in keys.ALL]
    return sorted(made, key=lambda pair: (pair[1].pattern.count("{}"), -len(pair[1].pattern)))


def census(world: World) -> Census:
    """Count and weigh every key. Raises nothing for keys that go meanwhile."""
    redis, known, found = world.database.redis, families(), Census()
    for name in redis.scan_iter(count=1000):
        size = redis.memory_usage(name, samples=20) or 0
        if not name.startswith(keys.PREFIX):
            family = "(broker)" if name.startswith(("rarewire:broker", "_kombu")) else name
        else:
            key = next((key for pattern, key in known if pattern.fullmatch(name)), None)
            family = key.pattern if key else "(unknown)"
            if key is None:
                found.wrong.append(f"{name}: no family knows it")
            elif key.lifetime and redis.ttl(name) == -1:
                found.wrong.append(f"{name}: should expire and does not")
        found.count[family] += 1
        found.size[family] += size
    return found


def press_time(world: World, life: float) -> None:
    """Let no key live longer than `life` seconds from now, and have an operator discard the dead letters."""
    redis = world.database.redis
    names = list(redis.scan_iter(match=f"{keys.PREFIX}*", count=1000))
    for start in range(0, len(names), 1000):
        chunk = names[start : start + 1000]
        pipe = redis.pipeline(transaction=False)
        for name in chunk:
            pipe.ttl(name)
        lives = pipe.execute()
        for name, left in zip(chunk, lives, strict=True):
            if left > life:
                pipe.expire(name, int(life))
        pipe.execute()
    letters = DeadLetterStore(world.database)
    letters.redrive(letters.names(), "discard")


def look(world: World) -> None:
    """Open each page of the console once."""
    for page in PAGES:
        with urllib.request.urlopen(world.console + page, timeout=30) as answer:
            answer.read()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--rate", type=float, default=1.5, help="articles a second that the press brings out")
    parser.add_argument("--life", type=float, default=600.0, help="seconds that a key may live at most")
    parser.add_argument("--samples", type=Path, help="a CSV file that each sample is written to at once")
    options = parser.parse_args()
    press = {"stock": 64, "rate": f"{options.rate:.2f}", "seed": 1}
    series: dict[str, Series] = defaultdict(list)
    with (
        tempfile.TemporaryDirectory() as folder,
        World(Path(folder), press=press, settings=settings(options.life)) as world,
    ):
        world.wait(lambda: world.done() > 0, "the first article")
        middle = run(world, options, series)
        last = census(world)
        faults = [*last.wrong, *(f"{event}: twice on the stream" for event in world.doubled())]
        faults += [f"{stage}: books {sides}" for stage, sides in world.balance().items()]
        books = WorkStore(world.database).books()
    print(f"{options.minutes:g} minutes, {options.rate:g} articles/s, keys live {options.life:g} s at most")
    faults += report(series, middle, last, hours=options.minutes / 120)
    show_books(books)
    print("\n".join(faults[:20]) or "memory is flat, every key belongs to a family, all that should expire do")
    return int(bool(faults))


def run(world: World, options: argparse.Namespace, series: dict[str, Series]) -> Census:
    """Sample until the time is over; returns the census of half-time."""
    begin = time.monotonic()
    middle: Census | None = None
    pressed = 0.0
    with (options.samples or Path(os.devnull)).open("w", encoding="utf-8") as log:
        while (at := time.monotonic() - begin) < options.minutes * 60:
            sample(world, series, at, log)
            look(world)
            if at - pressed > HOUSEKEEPING:
                press_time(world, options.life)
                pressed = at
            if middle is None and at > options.minutes * 30:
                middle = census(world)
            time.sleep(EVERY)
    return middle or census(world)


def report(series: dict[str, Series], middle: Census, last: Census, *, hours: float) -> list[str]:
    """Print slopes and families; returns what is not flat. `hours`: how long the second half lasted."""
    remembered = [key.pattern for key in keys.ALL if key.bound]
    accounted = sum(last.size[name] - middle.size[name] for name in remembered) / 1e6 / hours
    print(f"{'MB':24}{'start':>9}{'half':>9}{'end':>9}{'most':>9}{'an hour':>9}")
    unsteady = []
    for name, points in series.items():
        sizes = [size for _, size in points]
        print(
            f"{name:24}{sizes[0]:9.1f}{sizes[len(sizes) // 2]:9.1f}{sizes[-1]:9.1f}{max(sizes):9.1f}{slope(points):+9.2f}"
        )
        if name != "server" and grows(points, allowed=accounted if name == SERVER else 0.0):
            unsteady.append(f"{name}: grew {slope(points):+.2f} MB/h in the second half")
    print(f"of the server's growth, families with a named bound: {accounted:+.2f} MB an hour")
    bounds = {key.pattern: key for key in keys.ALL}
    print(f"{'keys by family':24}{'half':>8}{'end':>8}{'kB half':>10}{'kB end':>10}")
    for name, number in last.count.most_common():
        told = f"no lifetime; bound: {OTHERS.get(name, 'retention and ceiling of the streams')}"
        if key := bounds.get(name):
            told = "; ".join(filter(None, (_life(key), key.bound and f"bound: {key.bound}")))
        sizes = f"{middle.size[name] / 1e3:10.1f}{last.size[name] / 1e3:10.1f}"
        print(f"{name:24}{middle.count[name]:8}{number:8}{sizes}  {told}")
    return unsteady


def _life(key: Key) -> str:
    return f"lives {key.lifetime / DAY:.3g} days" if key.lifetime else "no lifetime"


def show_books(books: dict[str, int]) -> None:
    """Print what became of the articles, by stage."""
    for stage in ("poll", "fetch", "extract", "classify"):
        print(
            stage, {name.partition(":")[2]: n for name, n in sorted(books.items()) if name.startswith(stage)}, sep=": "
        )


if __name__ == "__main__":
    sys.exit(main())
