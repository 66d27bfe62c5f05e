"""`python -m benchmarks.chaos.takeover`: each role killed or stopped in turn, until enough work has been orphaned.

For each orphan the seconds until somebody works on it again, and where they went: the lease that still ran, until it was
taken back, until it was taken up. The exit code is 1 if one of them waited longer than `LIMIT`.
"""

from __future__ import annotations

import argparse
import json
import random
import signal
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from benchmarks.chaos.__main__ import settings
from benchmarks.chaos.orphans import Orphan, Orphans
from benchmarks.chaos.target import stopped, tell
from tests.e2e.world import World

if TYPE_CHECKING:
    from collections.abc import Callable

    Harm = Callable[[World], None]

LIMIT = 30.0  # seconds
PATIENCE = 90.0  # seconds until what a fault left behind is worked on; what is not by then has failed
REST = 3.0  # seconds between two faults
PRESS = {"stock": 3_000, "rate": 20, "feed-length": 500}


def kill(role: str, *, child: bool = False, others: tuple[str, ...] = ()) -> Harm:
    """Kill -9 a role, or the first child of its pool; its pool is ended with it. `others` are killed right after."""

    def harm(world: World) -> None:
        pids = world.pids(role)
        victims = psutil.Process(pids[1]) if child else psutil.Process(pids[0])
        family = [victims, *victims.children(recursive=True)]
        for one in (victims, *(psutil.Process(world.pids(other)[0]) for other in others)):
            one.kill()
        psutil.wait_procs(family, timeout=PATIENCE)

    return harm


def stop(role: str, *, child: bool = False) -> Harm:
    """SIGSTOP, and nobody continues it."""
    return lambda world: tell(world.pids(role)[int(child)], signal.SIGSTOP)


def orderly(world: World) -> None:
    """SIGTERM to the supervisor, and start it again."""
    _say(f"stopped in {world.terminate():.1f} s")
    world.start()


def stopped_first(role: str) -> Harm:
    """SIGTERM to the supervisor while one of its processes stands still."""

    def harm(world: World) -> None:
        tell(world.pids(role)[0], signal.SIGSTOP)
        orderly(world)

    return harm


HARMS: dict[str, Harm] = {
    "kill -9 web": kill("web"),
    "kill -9 text": kill("text"),
    "kill -9 text child": kill("text", child=True),
    "SIGSTOP web": stop("web"),
    "SIGSTOP text": stop("text"),
    "SIGSTOP text child": stop("text", child=True),
    "kill -9 web, beat, scheduler": kill("web", others=("beat", "scheduler")),
    "kill -9 text, beat, scheduler": kill("text", others=("beat", "scheduler")),
    "SIGTERM to all": orderly,
    **{f"SIGTERM to all, {role} stopped": stopped_first(role) for role in ("web", "text", "scheduler", "server")},
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--orphans", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", nargs="*", choices=HARMS, default=list(HARMS))
    parser.add_argument("--rounds", type=int, default=0, help="so many of each harm, however many orphans they make")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        World(Path(folder), press=PRESS | {"seed": options.seed}, settings=settings()) as world,
        Orphans(lambda: world.database) as orphans,
    ):
        world.wait(lambda: world.done() > 0, "the first article")
        torment(world, orphans, options)
    show(orphans.found, as_json=options.json)
    return int(any(one.up > LIMIT for one in orphans.found))


def torment(world: World, orphans: Orphans, options: argparse.Namespace) -> None:
    """One harm after the other, each waited for."""
    rng, number = random.Random(options.seed), 0
    while len(orphans.found) < options.orphans if not options.rounds else number < options.rounds * len(options.only):
        name = options.only[number % len(options.only)]
        number += 1
        world.wait(lambda: busy(world), "work in hands")
        time.sleep(REST + rng.random())
        before = len(orphans.found)
        # A network that is silent for a moment gives the web's threads something to hold.
        with stopped(world.press_process) if "web" in name or "SIGTERM" in name else nullcontext():
            time.sleep(1.0 if "web" in name else 0.3)
            begin = time.monotonic()
            HARMS[name](world)
            held = orphans.mark(name, since=begin)
        took = world.wait(lambda: not orphans.waiting(), f"what was in hands at {name}", seconds=PATIENCE)
        _say(f"{name:34} {held:3} held, {told(orphans.found[before:])}, all {took:.1f} s")


def told(some: list[Orphan]) -> str:
    """How many, and what the one that lay longest waited for."""
    if not some:
        return "  0 orphaned"
    worst = max(some, key=lambda one: one.up)
    parts = f"lease {worst.lease:.1f}, taken back {worst.back:.1f}, taken up {worst.up:.1f} s at {worst.stage}"
    return f"{len(some):3} orphaned, {parts}"


def busy(world: World) -> bool:
    """Whether every role is there, and something is in the hands of pool children."""
    return all(world.pids(role) for role in ("web", "text", "beat", "scheduler")) and any(
        row["leased"] for row in world.work().backlog().values()
    )


def show(found: list[Orphan], *, as_json: bool) -> None:
    """Print what each harm left behind."""
    by_harm: dict[str, list[Orphan]] = defaultdict(list)
    for one in found:
        by_harm[one.harm].append(one)
    if as_json:
        print(json.dumps([vars(one) for one in found]))
        return
    print(f"{'harm':36}{'orphans':>8}{'lease ran':>12}{'taken back':>12}{'taken up: median':>18}{'most':>7}")
    for harm, some in [*by_harm.items(), ("all", found)]:
        lease, back = (statistics.median(getattr(one, name) for one in some) for name in ("lease", "back"))
        up = [one.up for one in some]
        print(f"{harm:36}{len(some):8}{lease:12.1f}{back:12.1f}{statistics.median(up):18.1f}{max(up):7.1f}")


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
