"""`python -m benchmarks.chaos`: the whole system against the demo's press while harm is done to it at random.

At the end every article that the press published must be on the stream once or have a counted reason, the books must
balance and nothing may be stuck. Seeded: the same seed draws the same faults (when they hit is the machine's business).
Further workers, a beat and a scheduler whose clocks are an hour wrong take part where libfaketime is installed; the disk
can be full where one may mount a file system (root on Linux).
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections import Counter
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.chaos.clocks import wrong_clocks
from benchmarks.chaos.faults import draw
from benchmarks.chaos.orphans import Orphans
from benchmarks.chaos.reporting import Report, show
from benchmarks.chaos.server_faults import small_disk
from benchmarks.chaos.target import stopped
from benchmarks.chaos.watching import progress
from console.up.server import free_port
from shared.stores.work import WorkStore
from tests.e2e.world import World

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.chaos.watching import Progress

PATIENCE = 120.0  # seconds after which work that does not go on is stuck, and the run has failed
SECONDS_A_FAULT = 4.5  # the harm itself and the recovery, on the average: for the rate of the press


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
    with (
        tempfile.TemporaryDirectory() as folder,
        small_disk(Path(folder) / "state"),
        World(Path(folder), press=press(options), settings=settings()) as world,
        Orphans(lambda: world.database) as orphans,
    ):
        world.wait(lambda: moved(world, None) is not None, "the server")
        with wrong_clocks(world) as twins:
            Torment(world, report, orphans, twins).run(options)
        settle(world, report)
        report.orphans = [one.up for one in orphans.found]
    show(report, as_json=options.json)
    return int(report.failed)


def settings() -> dict[str, str]:
    """A system in a hurry, whose server keeps its port over restarts."""
    return {
        "RAREWIRE_POLL_FLOOR": "2",
        "RAREWIRE_POLL_FLOOR_UNPROVEN": "2",
        "RAREWIRE_POLL_CEILING": "4",
        "RAREWIRE_RETRY_SCALE": "0.02",
        "RAREWIRE_SERVER_PORT": str(free_port(0)),
    }


def press(options: argparse.Namespace) -> dict[str, str | int]:
    """A press that publishes for about as long as the kills take."""
    rate = options.articles * 0.9 / (options.kills * 1.3 * (options.every + SECONDS_A_FAULT))
    return {
        "seed": options.seed,
        "stock": options.articles // 10,
        "rate": f"{rate:.2f}",
        "feed-length": 500,
        "most": options.articles,
    }


@dataclass
class Torment:
    """Harm at random moments. `twins`: further processes by role, so that no role is ever alone."""

    world: World
    report: Report
    orphans: Orphans
    twins: dict[str, int]

    def run(self, options: argparse.Namespace) -> None:
        """Do harm until both the kills and the articles are reached."""
        rng, begin = random.Random(options.seed), time.monotonic()
        while self.report.kills < options.kills or published(self.world) < options.articles:
            time.sleep(rng.expovariate(1 / options.every))
            if self.report.kills >= options.kills:
                continue
            self.world.wait(lambda: progress(self.world.database) is not None, "the server")
            self.orphans.mark()
            hit = draw(rng)(self.world, rng)
            with self.alone(hit.left):
                if hit.left:
                    self.report.healed.append(healed(self.world, hit.left))
                self.report.hit(hit, recovery(self.world, str(hit)))
            print(f"{time.monotonic() - begin:6.0f} s {self.report.last()}", file=sys.stderr, flush=True)
        self.report.spent = time.monotonic() - begin

    @contextmanager
    def alone(self, role: str) -> Iterator[None]:
        """Have a role's twin stand still as well: while it works the watchdog misses nobody."""
        with stopped(self.twins[role]) if role in self.twins else nullcontext():
            yield


def recovery(world: World, what: str) -> tuple[float, float]:
    """Seconds from the harm until the server answers, and from then until every pool of workers ends work."""
    back = world.wait(lambda: progress(world.database) is not None, f"the server after {what}", seconds=PATIENCE)
    before = progress(world.database)
    return back, world.wait(lambda: bool(moved(world, before)), f"work after {what}", seconds=PATIENCE)


def moved(world: World, before: Progress | None) -> bool | None:
    """Whether every pool went on since; None while the server is away."""
    now = progress(world.database)
    return None if now is None else before is None or now.beyond(before)


def healed(world: World, role: str) -> float:
    """Wait until the watchdog has replaced a stopped process; returns the seconds."""
    old = world.pids(role)[:1]
    return world.wait(lambda: world.pids(role)[:1] not in (old, []), f"the stopped {role} to be replaced")


def settle(world: World, report: Report) -> None:
    """Wait until all that can end has ended, and count."""
    with suppress(AssertionError):  # what has not ended by then is lost
        report.settled = world.wait(world.ended, "every article to end", seconds=600)
    statuses, events = world.statuses(), world.events()
    forwarded = {url for url, status in statuses.items() if status == "classify:forwarded"}
    on_stream = Counter(event["id"] for event in events)
    articles_of = {event["data"]["article_id"] for event in events}
    report.findings = {
        "articles": len(statuses),
        "ended": Counter(status.replace("classify:forwarded", "published") for status in statuses.values()),
        "events": len(events),
        "lost": sorted(url for url, status in statuses.items() if not world.is_end(status)),
        "published, not on the stream": sorted(world.ids(forwarded) - articles_of),
        "doubled": [event for event, count in on_stream.items() if count > 1],
        "imbalances": world.balance(),
        "leases taken back": sum(
            count for name, count in WorkStore(world.database).books().items() if name.endswith("taken_back")
        ),
    }


def published(world: World) -> int:
    """Articles that the press has published so far."""
    return len(world.truth())


if __name__ == "__main__":
    sys.exit(main())
