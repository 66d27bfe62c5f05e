"""`python -m benchmarks.chaos`: the whole system against the demo's press while its processes are killed at random.

At the end every article that the press published must be on the stream once or have a counted reason, the books must
balance and nothing may be stuck. Seeded: the same seed draws the same faults (when they hit is the machine's business).
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.chaos.faults import LEFT, draw
from console.up.roles import worker
from shared.stores.connection import RedisError
from shared.stores.work import WorkStore
from shared.topology import Stage
from tests.e2e.world import World

if TYPE_CHECKING:
    from collections.abc import Iterator

SETTINGS = {
    "RAREWIRE_POLL_FLOOR": "2",
    "RAREWIRE_POLL_FLOOR_UNPROVEN": "2",
    "RAREWIRE_POLL_CEILING": "4",
    "RAREWIRE_RETRY_SCALE": "0.02",
}
FAKETIME = Path("/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1")
RECOVERED_WITHIN = 120.0


@dataclass(kw_only=True)
class Report:
    """What a run found."""

    seed: int
    faults: Counter[str] = field(default_factory=Counter)
    recoveries: list[float] = field(default_factory=list)
    after_server: list[float] = field(default_factory=list)
    healed: list[float] = field(default_factory=list)
    findings: dict[str, Any] = field(default_factory=dict)

    @property
    def kills(self) -> int:
        return sum(count for what, count in self.faults.items() if what.startswith("kill -9"))


def main() -> int:
    """Run it; the exit code is 0 when nothing was lost, doubled or stuck."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--articles", type=int, default=5_000)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--every", type=float, default=2.5, help="mean seconds between two faults")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    report = Report(seed=options.seed)
    rate = options.articles * 0.9 / (options.kills * options.every * 1.2)
    press = {
        "seed": options.seed,
        "stock": options.articles // 10,
        "rate": f"{rate:.2f}",
        "feed-length": 500,
        "most": options.articles,
    }
    with tempfile.TemporaryDirectory() as folder, World(Path(folder), press=press, settings=SETTINGS) as world:
        with wrong_clock(world):
            torment(world, report, options)
        settle(world, report)
    show(report, as_json=options.json)
    return int(bool(report.findings["lost"] or report.findings["doubled"] or report.findings["imbalances"]))


def torment(world: World, report: Report, options: argparse.Namespace) -> None:
    """Do harm at random moments until both the kills and the articles are reached."""
    rng = random.Random(options.seed)
    world.wait(lambda: ended(world) > 0, "the first article")
    while report.kills < options.kills or published(world) < options.articles:
        time.sleep(rng.expovariate(1 / options.every))
        if report.kills >= options.kills and published(world) < options.articles:
            continue
        world.wait(lambda: ended(world) >= 0, "the server")
        before, start = ended(world), time.monotonic()
        what = draw(rng)(world, rng)
        report.faults[what.split(" for ")[0]] += 1
        spent = world.wait(lambda before=before: ended(world) > before, f"work after {what}", seconds=RECOVERED_WITHIN)
        report.recoveries.append(time.monotonic() - start)
        if what == "kill -9 server":
            report.after_server.append(spent)
        if what.endswith(LEFT):
            report.healed.append(heal(world, what.split()[1].rstrip(",")))
        print(
            f"{len(report.recoveries):4} {what:40} work went on after {report.recoveries[-1]:5.1f} s", file=sys.stderr
        )


def heal(world: World, role: str) -> float:
    """Wait until the watchdog has replaced a stopped process; returns the seconds."""
    stopped = world.pids(role)[:1]
    return world.wait(lambda: world.pids(role)[:1] not in (stopped, []), f"the stopped {role} to be replaced")


def settle(world: World, report: Report) -> None:
    """Wait until all that can end has ended, and count."""
    seconds = world.wait(world.ended, "every article to end", seconds=600)
    statuses, events = world.statuses(), world.events()
    forwarded = {url for url, status in statuses.items() if status == "classify:forwarded"}
    on_stream = Counter(event["id"] for event in events)
    articles_of = {event["data"]["article_id"] for event in events}
    report.findings = {
        "articles": len(statuses),
        "ended": Counter(status.replace("classify:forwarded", "published") for status in statuses.values()),
        "events": len(events),
        "lost": sorted(url for url, status in statuses.items() if not status),
        "published_but_not_on_stream": len(forwarded) - len(articles_of & world.ids(forwarded)),
        "doubled": [event for event, count in on_stream.items() if count > 1],
        "imbalances": world.imbalances(),
        "taken_back": sum(
            count for name, count in WorkStore(world.database).books().items() if name.endswith("taken_back")
        ),
        "settled_after_s": round(seconds, 1),
    }


def ended(world: World) -> int:
    """Pieces of work that came to an end at any stage; -1 while the server is away."""
    with suppress(RedisError):
        books = WorkStore(world.database).books()
        return sum(
            books.get(f"{stage}:{kind}", 0) for stage in Stage for kind in ("forwarded", "dropped", "retried", "dead")
        )
    return -1


def published(world: World) -> int:
    """Articles that the press has published so far."""
    return len(world.truth())


@contextmanager
def wrong_clock(world: World) -> Iterator[None]:
    """Have a further web worker an hour ahead and a further text worker an hour behind."""
    if not FAKETIME.exists():
        print("libfaketime is not installed: no worker with a wrong clock takes part", file=sys.stderr)
        yield
        return
    running = [_start(world, "web", "threads", "+1h"), _start(world, "text", "prefork", "-1h")]
    try:
        yield
    finally:
        for process in running:
            process.kill()
            process.wait()


def _start(world: World, name: str, pool: str, shift: str) -> subprocess.Popen[bytes]:
    environment = {**os.environ, **world.environment, "LD_PRELOAD": str(FAKETIME), "FAKETIME": shift}
    environment["RAREWIRE_REDIS_URL"] = world.url
    command = worker(f"{name}-{shift[1:]}", pool, 2).command
    return subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def show(report: Report, *, as_json: bool) -> None:
    """Print the figures."""
    times = sorted(report.recoveries)
    figures = {
        "seed": report.seed,
        "kills": report.kills,
        "faults": dict(report.faults),
        "work_went_on_after_s": {"median": round(statistics.median(times), 1), "most": round(times[-1], 1)},
        "after_a_server_kill_s": {"most": round(max(report.after_server, default=0.0), 1)},
        "stopped_process_replaced_s": {"most": round(max(report.healed, default=0.0), 1)},
        **report.findings,
    }
    if as_json:
        print(json.dumps(figures, indent=2, default=str))
        return
    for name, value in figures.items():
        print(f"{name:28} {value if not isinstance(value, Counter) else dict(value)}")


if __name__ == "__main__":
    sys.exit(main())
