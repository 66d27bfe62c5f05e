"""`python -m benchmarks.chaos.plain`: plain Celery with acks_late under the same faults, so that the difference is a figure.

The same press, seed, draws and pace as rarewire's own run; what rarewire has and plain Celery has not (beat, scheduler,
console, feeds file) is left out when it is drawn. Whatever the press publishes is sent as a task at once, and again until
the broker has taken it, so that the producer is not to blame. The press has no faults of its own here, so every article
that is missing at the end was lost by the queue. Afterwards all that Celery still holds is given time to come back.
"""

from __future__ import annotations

import argparse
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil

from benchmarks.chaos.__main__ import press
from benchmarks.chaos.faults import draw
from benchmarks.chaos.plain_system import READY
from benchmarks.chaos.reporting import Report, spread
from benchmarks.chaos.server_faults import small_disk
from console.up.server import free_port
from shared.stores.connection import RedisError, connect
from tests.e2e.world import World

if TYPE_CHECKING:
    from benchmarks.chaos.target import Hit

PATIENCE = 90.0  # more than four visibility timeouts without a new result: nothing more will come
RECOVERY = 60.0  # seconds without a task that ends after which a person comes and kills the worker
STUCK = float("inf")
CHILDREN = {"server": "valkey-server", "worker": "plain_app"}
ROLES = {"server": "server", "web": "worker", "text": "worker"}


class PlainWorld(World):
    """The press, and plain Celery in the place of rarewire."""

    def start(self) -> None:
        """Run the server and the worker, and wait until the server answers."""
        self.state.mkdir(exist_ok=True)
        ready = self.state / READY
        ready.unlink(missing_ok=True)
        command = (sys.executable, "-m", "benchmarks.chaos.plain_system", str(self.state), str(self._port))
        self._up = subprocess.Popen(command)
        self.wait(ready.exists, "the system to start")
        self.url = ready.read_text(encoding="utf-8")
        self._database = connect(self.url)

    def __init__(self, folder: Path, *, press: dict[str, str | int]) -> None:
        super().__init__(folder, press=press)
        self._port = free_port(0)

    def pids(self, role: str) -> list[int]:
        """The role's process first, then its pool children."""
        for child in psutil.Process(self._up.pid).children():
            with suppress(psutil.NoSuchProcess):
                if CHILDREN[ROLES[role]] in " ".join(child.cmdline()):
                    return [child.pid, *(one.pid for one in child.children(recursive=True))]
        return []

    def report(self) -> str:
        return f"{done(self)} tasks have ended"


class NoSuchRoleError(LookupError):
    """The fault would hit what plain Celery has not."""


class Producer(threading.Thread):
    """Sends every article that comes out, once, as a task."""

    def __init__(self, world: PlainWorld) -> None:
        super().__init__(daemon=True)
        self._world, self.sent, self.over = world, set[str](), threading.Event()

    def run(self) -> None:
        while not self.over.is_set():
            for url in self.news():
                self._send(url)
            time.sleep(1.0)

    def news(self) -> list[str]:
        with suppress(OSError):
            return [one["url"] for one in self._world.truth() if one["url"] not in self.sent]
        return []

    def _send(self, url: str) -> None:
        from benchmarks.chaos.plain_app import fetch

        while not self.over.is_set():
            try:
                fetch.apply_async((url,), retry=False)
            except Exception:  # noqa: BLE001 - whatever the broker raises, it is sent again
                time.sleep(0.2)
            else:
                self.sent.add(url)
                return


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--articles", type=int, default=5_000)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--every", type=float, default=2.5)
    options = parser.parse_args()
    report = Report(seed=options.seed)
    with (
        tempfile.TemporaryDirectory() as folder,
        small_disk(Path(folder) / "state"),
        PlainWorld(Path(folder), press={**press(options), "no-faults": ""}) as world,
    ):
        os.environ["PLAIN_REDIS_URL"] = world.url
        producer = Producer(world)
        producer.start()
        torment(world, report, options, producer)
        world.wait(lambda: not producer.news(), "everything to be sent", seconds=300)
        producer.over.set()
        begin = time.monotonic()
        counts, held = drain(world, producer.sent), leftovers(world)
        show(report, producer.sent, counts, held, time.monotonic() - begin)
    return 0


def torment(world: PlainWorld, report: Report, options: argparse.Namespace, producer: Producer) -> None:
    """The draws of rarewire's own run, with what there is."""
    rng, begin = random.Random(options.seed), time.monotonic()
    while report.kills < options.kills or len(producer.sent) < options.articles:
        time.sleep(rng.expovariate(1 / options.every))
        if report.kills >= options.kills:
            continue
        world.wait(lambda: done(world) is not None, "the server")
        hit = harm(world, rng)
        if hit is None:
            continue
        report.hit(hit, recovery(world))
        if report.resumed[hit.what][-1] == STUCK:
            world.kill("text")
        print(f"{time.monotonic() - begin:6.0f} s {report.last()}", file=sys.stderr, flush=True)
    report.spent = time.monotonic() - begin


def harm(world: PlainWorld, rng: random.Random) -> Hit | None:
    """Draw and do it; None for what hits a role that plain Celery has not."""
    with suppress(KeyError, FileNotFoundError):
        return draw(rng)(world, rng)
    return None


def recovery(world: PlainWorld) -> tuple[float, float]:
    """Seconds until the server answers, and from then until a further task has ended; the patience where none does."""
    back = world.wait(lambda: done(world) is not None, "the server", seconds=RECOVERY)
    before = done(world) or 0
    with suppress(AssertionError):
        return back, world.wait(lambda: (done(world) or 0) > before, "a task", seconds=RECOVERY)
    return back, STUCK


def done(world: PlainWorld) -> int | None:
    """Tasks that have ended so far; None while the server is away."""
    with suppress(RedisError):
        return int(world.database.redis.get("plain:steps") or 0)
    return None


def drain(world: PlainWorld, sent: set[str]) -> Counter[str]:
    """Wait until all are done, or nothing has come for a while; results by URL."""
    counts: Counter[str] = Counter()
    last = time.monotonic()
    while time.monotonic() - last < PATIENCE:
        with suppress(RedisError):
            found = Counter(fields["url"] for _, fields in world.database.redis.xrange("plain:done"))
            if found != counts:
                counts, last = found, time.monotonic()
        if len(counts) >= len(sent) and time.monotonic() - last > PATIENCE / 3:
            break
        time.sleep(1)
    return counts


def leftovers(world: PlainWorld) -> dict[str, int]:
    """What Celery still holds: unacknowledged and queued messages."""
    redis = world.database.redis
    return {"unacknowledged": int(redis.hlen("unacked")), "queued": int(redis.llen("celery"))}


def show(report: Report, sent: set[str], counts: Counter[str], held: dict[str, Any], drained: float) -> None:
    every = [seconds for some in report.resumed.values() for seconds in some]
    stuck = every.count(STUCK)
    every = [seconds for seconds in every if seconds < STUCK]
    lost = sent - set(counts)
    doubled = {url: count for url, count in counts.items() if count > 1}
    print(
        f"plain Celery with acks_late, seed {report.seed}: {len(sent)} articles, {sum(report.faults.values())} faults,"
    )
    print(f"{report.kills} of them kills, in {report.spent:.0f} s: {dict(report.faults)}")
    print(
        f"lost {len(lost)}, done more than once {len(doubled)} ({sum(doubled.values()) - len(doubled)} results too many)"
    )
    print(
        f"tasks go on after the server answers, s: {spread(every)}; stood still for good {stuck} times; still held {held}; drained in {drained:.0f} s"
    )


if __name__ == "__main__":
    sys.exit(main())
