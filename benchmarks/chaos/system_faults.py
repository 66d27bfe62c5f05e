"""Faults of more than one process: the power, the supervisor, the ticks, the network, a file, an orderly stop."""

from __future__ import annotations

import signal
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from benchmarks.chaos.target import Hit, stopped, tell
from shared.broker import make_app, ring
from shared.stores.connection import RedisError
from shared.topology import TICK_QUEUE, TOPOLOGY, Stage

if TYPE_CHECKING:
    import random

    from benchmarks.chaos.target import Target

TORN = 2_000  # bytes at most that the power takes from the end of the server's log
TICKS_GONE = (15.0, 60.0)  # seconds
NETWORK_GONE = (3.0, 20.0)
BELLS = 1_000
FOREIGN = ("no JSON", "null", "[1]", '{"body": "!", "headers": {}, "properties": {}}', "x" * 5_000_000)
BROKEN = '[[feed]\nname = "a line that was not written to its e'


def power_cut(target: Target, rng: random.Random) -> Hit:
    """Everything is killed -9 at once, the server's log loses its last bytes, and the system is started again."""
    target.cut_power()
    torn = rng.randrange(TORN)
    logs = sorted((target.state / "server" / "appendonlydir").glob("*.incr.aof"), key=lambda path: path.stat().st_mtime)
    if logs:
        with logs[-1].open("r+b") as file:
            file.truncate(max(logs[-1].stat().st_size - torn, 0))
    target.start()
    return Hit(what="kill -9 everything, log torn, started again", detail=f"{torn} bytes")


def supervisor_killed(target: Target, _rng: random.Random) -> Hit:
    """The supervisor is killed -9 and started again at once, as a service manager does."""
    tell(target.supervisor, signal.SIGKILL)
    target.start()
    return Hit(what="kill -9 supervisor, started again")


def orderly_stop(target: Target, _rng: random.Random) -> Hit:
    """SIGTERM under load, and started again."""
    took = target.terminate()
    target.start()
    return Hit(what="SIGTERM to all, started again", detail=f"stopped in {took:.1f} s", took=took)


def ticks_gone(target: Target, rng: random.Random) -> Hit:
    """Beat and scheduler are killed and for a while nobody starts them again."""
    seconds = rng.uniform(*TICKS_GONE)
    # Whom an earlier fault has just killed, a stopped supervisor does not bring back.
    target.wait(lambda: all(target.pids(role) for role in ("beat", "scheduler")), "beat and scheduler")
    with stopped(target.supervisor):
        target.kill("beat")
        target.kill("scheduler")
        time.sleep(seconds)
    return Hit(what="kill -9 beat and scheduler, gone for a while", detail=f"{seconds:.0f} s")


def network_silent(target: Target, rng: random.Random) -> Hit:
    """No site answers: connections are taken and nothing comes."""
    seconds = rng.uniform(*NETWORK_GONE)
    with stopped(target.press_process):
        time.sleep(seconds)
    return Hit(what="network silent", detail=f"for {seconds:.1f} s")


def feeds_file_broken(target: Target, _rng: random.Random) -> Hit:
    """The list of feeds is cut short by an editor, and the scheduler is started in that moment."""
    whole = target.feeds_file.read_text(encoding="utf-8")
    try:
        target.feeds_file.write_text(BROKEN, encoding="utf-8")
        old = target.kill("scheduler")
        target.wait(lambda: target.pids("scheduler")[:1] not in ([], [old]), "a new scheduler")
        time.sleep(3.0)
    finally:
        target.feeds_file.write_text(whole, encoding="utf-8")
    return Hit(what="kill -9 scheduler, feeds file broken")


def doorbells(target: Target, rng: random.Random) -> Hit:
    """A stage's doorbell rings a thousand times."""
    stage, app = rng.choice(list(Stage)), make_app("chaos", target.url)
    for _ in range(BELLS):
        ring(app, stage)
    return Hit(what="a thousand doorbells")


def foreign_messages(target: Target, _rng: random.Random) -> Hit:
    """Somebody writes into every queue what is no message, and a task that nobody knows."""
    app, queues = make_app("chaos", target.url), (TICK_QUEUE, *(row.queue for row in TOPOLOGY.values()))
    with suppress(RedisError, OSError):
        for queue in queues:
            target.database.redis.lpush(f"rarewire:broker:{queue}", *FOREIGN)
            app.send_task("another.version", args=("x",), queue=queue, retry=False)
    return Hit(what="foreign messages in all queues")
