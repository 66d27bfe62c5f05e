"""`python -m benchmarks.chaos.plain`: plain Celery with acks_late under the same kills, so that the difference is a figure.

The articles of a faultless press are sent as tasks at a steady rate while pool children, the worker and the server are
killed at random; afterwards everything that Celery still holds is given time to come back. A supervisor restarts what
exits, as it does for rarewire.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import sys
import tempfile
import threading
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path

import psutil

from console.up import server
from console.up.roles import celery
from console.up.supervisor import Role, Supervisor
from demo.press import Press
from shared.stores.connection import RedisError, connect

KILLS = (("child", 22), ("worker", 24), ("server", 12))  # in the proportions of rarewire's own run
PATIENCE = 60.0  # three visibility timeouts without a new result: nothing more will come


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--articles", type=int, default=2_000)
    parser.add_argument("--kills", type=int, default=40)
    parser.add_argument("--every", type=float, default=2.5)
    options = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        Press(faults=False, stock=options.articles, addresses="paths") as press,
    ):
        run(Path(folder), [one.url for one in press.truth()], options)
    return 0


def run(folder: Path, urls: list[str], options: argparse.Namespace) -> None:
    plan = server.plan(folder, 0)
    os.environ["PLAIN_REDIS_URL"] = plan.url
    roles = (
        Role(name="server", command=plan.command, last=True),
        Role(
            name="worker",
            command=celery("benchmarks.chaos.plain_app", "worker", "-P", "prefork", "-c", "4", "-l", "ERROR"),
        ),
    )
    supervisor = Supervisor(roles, logs=folder / "logs", environment={}, on_event=lambda *_: None)
    thread = threading.Thread(target=supervisor.run)
    thread.start()
    try:
        server.wait_until_ready(plan.url)
        sender = threading.Thread(target=send, args=(urls, options.kills * options.every * 1.1))
        sender.start()
        kills = torment(supervisor, options)
        sender.join()
        counts = drain(plan.url, len(urls))
    finally:
        supervisor.stop()
        thread.join()
    lost = [url for url in urls if url not in counts]
    doubled = sum(count - 1 for count in counts.values())
    print(
        f"plain Celery, acks_late: seed {options.seed}, {len(urls)} articles, {sum(kills.values())} kills {dict(kills)}"
    )
    print(f"lost {len(lost)}, doubled {doubled}")


def send(urls: list[str], seconds: float) -> None:
    """Send every URL; a send that fails is repeated, so that the producer is not to blame."""
    from benchmarks.chaos.plain_app import fetch

    for url in urls:
        while True:
            try:
                fetch.apply_async((url,), retry=False)
                break
            except Exception:  # noqa: BLE001 - whatever the broker raises, it is sent again
                time.sleep(0.2)
        time.sleep(seconds / len(urls))


def torment(supervisor: Supervisor, options: argparse.Namespace) -> Counter[str]:
    rng, kills = random.Random(options.seed), Counter[str]()
    time.sleep(5)
    while sum(kills.values()) < options.kills:
        time.sleep(rng.expovariate(1 / options.every))
        what = rng.choices([name for name, _ in KILLS], [weight for _, weight in KILLS])[0]
        pid = {state["name"]: state["pid"] for state in supervisor.states()}["server" if what == "server" else "worker"]
        with suppress(psutil.NoSuchProcess, ProcessLookupError, IndexError, TypeError):
            victim = psutil.Process(pid).children()[0].pid if what == "child" else pid
            os.kill(victim, signal.SIGKILL)
            kills[what] += 1
    return kills


def drain(url: str, wanted: int) -> Counter[str]:
    """Wait until all are done, or nothing has come for a while."""
    counts: Counter[str] = Counter()
    last = time.monotonic()
    while time.monotonic() - last < PATIENCE:
        with suppress(RedisError):
            found = Counter(fields["url"] for _, fields in connect(url).redis.xrange("plain:done"))
            if sum(found.values()) != sum(counts.values()):
                counts, last = found, time.monotonic()
        if len(counts) >= wanted and time.monotonic() - last > PATIENCE / 3:
            break
        time.sleep(1)
    return counts


if __name__ == "__main__":
    sys.exit(main())
