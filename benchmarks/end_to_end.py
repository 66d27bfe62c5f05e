"""Feed to stream, the whole system as processes against the demo's press: articles a second and CPU by process.

    python -m benchmarks.end_to_end [--articles 1000] [--processes 2]

The press has no faults and no pauses; every article is there at the start. The clock runs from the first page found to
the last article classified. The press is a process beside and its CPU is told apart.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

import psutil

from shared.stores.work import WorkStore
from tests.e2e.world import ROLES, World

SETTINGS = {"RAREWIRE_POLL_FLOOR": "2", "RAREWIRE_POLL_FLOOR_UNPROVEN": "2", "RAREWIRE_POLL_CEILING": "4"}
ENDS = ("fetch:dropped", "fetch:dead", "extract:dropped", "extract:dead")
LAST = ("classify:dropped", "classify:forwarded", "classify:dead")


def cpu(world: World) -> dict[str, float]:
    """CPU seconds by role, children included."""
    return {role: sum(map(_spent, world.pids(role))) for role in ROLES}


def _spent(pid: int) -> float:
    with suppress(psutil.NoSuchProcess):
        times = psutil.Process(pid).cpu_times()
        return times.user + times.system
    return 0.0


def resident(world: World) -> float:
    """Proportional memory of all processes in MB: shared pages count once."""
    total = 0
    for role in ROLES:
        for pid in world.pids(role):
            with suppress(psutil.NoSuchProcess):
                total += psutil.Process(pid).memory_full_info().pss
    return total / 1e6


def run(articles: int, processes: int) -> tuple[float, dict[str, float], float, dict[str, int]]:
    """Wall seconds, CPU seconds by role, peak memory in MB, and the books."""
    press = {"stock": articles, "rate": 0, "feed-length": 0, "no-faults": "", "seed": 1}
    settings = {**SETTINGS, "RAREWIRE_TEXT_PROCESSES": str(processes), "RAREWIRE_LOG_LEVEL": "WARNING"}
    with tempfile.TemporaryDirectory() as folder, World(Path(folder), press=press, settings=settings) as world:
        work = WorkStore(world.database)
        world.wait(lambda: work.books().get("fetch:in", 0) > 0, "the first page")
        begin, before, peak = time.perf_counter(), cpu(world), 0.0
        while ended(books := work.books()) < articles:
            peak = max(peak, resident(world))
            time.sleep(0.25)
            if time.perf_counter() - begin > 600:
                raise TimeoutError(world.report())
        spent = time.perf_counter() - begin
        after = cpu(world)
        return spent, {role: after[role] - before[role] for role in ROLES}, peak, books


def ended(books: dict[str, int]) -> int:
    """Articles that came to their end."""
    return sum(books.get(name, 0) for name in (*ENDS, *LAST))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, default=1_000)
    parser.add_argument("--processes", type=int, default=2, help="children of the text worker")
    options = parser.parse_args()
    spent, by_role, peak, books = run(options.articles, options.processes)
    total = sum(by_role.values())
    print(
        f"{os.cpu_count()} cores {platform.machine()}; {options.articles} articles, {books.get('stream:in', 0)} published"
    )
    print(
        f"{options.articles / spent:.1f} articles/s, {total / options.articles * 1000:.2f} ms CPU an article, {peak:.0f} MB"
    )
    for role, seconds in sorted(by_role.items(), key=lambda pair: -pair[1]):
        print(f"  {role:10} {seconds / options.articles * 1000:6.2f} ms CPU an article")


if __name__ == "__main__":
    sys.exit(main())
