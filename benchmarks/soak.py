"""A long time at a steady load: memory of every process and of the server, keys by family, and which of them never expire.

    python -m benchmarks.soak [--minutes 60] [--rate 2]

Slopes are least squares over the second half of the run, when caches are warm. A family of keys without a lifetime is
named with what bounds it; a key that no family knows, or that should expire and does not, makes the exit code 1.
"""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
import time
from collections import Counter, defaultdict
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from shared.stores import keys
from tests.e2e.world import ROLES, World

if TYPE_CHECKING:
    from shared.stores.keys import Key

SETTINGS = {"RAREWIRE_POLL_FLOOR": "5", "RAREWIRE_POLL_FLOOR_UNPROVEN": "5", "RAREWIRE_POLL_CEILING": "10"}
EVERY = 10.0
Series = list[tuple[float, float]]


def sample(world: World, series: dict[str, Series], at: float) -> None:
    """Add one sample of each process's resident memory and the server's own figure, in MB."""
    for role in ROLES:
        total = 0
        for pid in world.pids(role):
            with suppress(psutil.NoSuchProcess):
                total += psutil.Process(pid).memory_info().rss
        series[role].append((at, total / 1e6))
    series["server's used_memory"].append((at, world.database.redis.info("memory")["used_memory"] / 1e6))


def slope(points: Series) -> float:
    """MB an hour by least squares over the second half."""
    late = points[len(points) // 2 :]
    if len(late) < 2:
        return 0.0
    x, y = (sum(column) / len(late) for column in zip(*late, strict=True))
    spread = sum((at - x) ** 2 for at, _ in late)
    return 3600 * sum((at - x) * (value - y) for at, value in late) / spread


def families() -> list[tuple[re.Pattern[str], Key]]:
    """Every family's pattern, the more particular first."""
    made = [(re.compile(re.escape(keys.PREFIX + key.pattern).replace(r"\{\}", ".+")), key) for key in keys.ALL]
    return sorted(made, key=lambda pair: (pair[1].pattern.count("{}"), -len(pair[1].pattern)))


def census(world: World) -> tuple[Counter[str], list[str]]:
    """Keys by family, and what is wrong with any."""
    redis, known = world.database.redis, families()
    count: Counter[str] = Counter()
    wrong = []
    for name in redis.scan_iter(count=1000):
        if not name.startswith(keys.PREFIX):
            count["(broker)" if name.startswith(("rarewire:broker", "_kombu")) else name] += 1
            continue
        family = next((key for pattern, key in known if pattern.fullmatch(name)), None)
        count[family.pattern if family else "(unknown)"] += 1
        if family is None:
            wrong.append(f"{name}: no family knows it")
        elif family.lifetime and redis.ttl(name) == -1:
            wrong.append(f"{name}: should expire and does not")
    return count, wrong


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--rate", type=float, default=2.0, help="articles a second that the press brings out")
    options = parser.parse_args()
    press = {"stock": 64, "rate": f"{options.rate:.2f}", "seed": 1}
    series: dict[str, Series] = defaultdict(list)
    with tempfile.TemporaryDirectory() as folder, World(Path(folder), press=press, settings=SETTINGS) as world:
        world.wait(lambda: world.done() > 0, "the first article")
        begin, first = time.monotonic(), census(world)[0]
        while time.monotonic() - begin < options.minutes * 60:
            sample(world, series, time.monotonic() - begin)
            time.sleep(EVERY)
        last, wrong = census(world)
        published, ended, books = len(world.truth()), world.done(), world.imbalances()
    report(series, first, last)
    print(
        f"{published} articles came out, {ended} were classified; books that do not balance at the end: {books or 'none'}"
    )
    print("\n".join(wrong[:20]) or "every key belongs to a family, and all that should expire do")
    return int(bool(wrong))


def report(series: dict[str, Series], first: Counter[str], last: Counter[str]) -> None:
    """Print slopes and families."""
    print(f"{'MB':24}{'start':>9}{'end':>9}{'most':>9}{'a hour':>9}")
    for name, points in series.items():
        values = [value for _, value in points]
        print(f"{name:24}{values[0]:9.1f}{values[-1]:9.1f}{max(values):9.1f}{slope(points):+9.2f}")
    bounds = {key.pattern: f"no lifetime; bound: {key.bound}" for key in keys.ALL if not key.lifetime}
    lives = {key.pattern: f"lives {key.lifetime / 86_400:g} days" for key in keys.ALL if key.lifetime}
    print(f"{'keys by family':32}{'start':>8}{'end':>8}")
    for name, number in last.most_common():
        print(f"{name:32}{first[name]:8}{number:8}  {bounds.get(name) or lives.get(name, '')}")


if __name__ == "__main__":
    sys.exit(main())
