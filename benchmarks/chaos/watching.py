"""What is measured while harm is done: which pools go on, and how long the work of a killed process lies."""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from shared.outcomes import Disposition
from shared.stores import keys
from shared.stores.connection import RedisError
from shared.stores.work import WorkStore
from shared.topology import TOPOLOGY, Stage

if TYPE_CHECKING:
    from collections.abc import Callable

    from shared.stores.connection import Database

LOOK_EVERY = 0.2
POOLS = sorted({row.pool for row in TOPOLOGY.values()})


@dataclass(frozen=True, kw_only=True)
class Progress:
    """By pool of workers: pieces of work that came to an end, and what is due."""

    ended: dict[str, int]
    due: dict[str, float]

    def beyond(self, before: Progress) -> bool:
        """Whether each pool has ended something since; feeds come due all the time, pages to read may be lacking."""
        return all(
            self.ended[pool] > before.ended[pool] or (pool == "prefork" and not self.due[pool]) for pool in POOLS
        )


def progress(database: Database) -> Progress | None:
    """Read it; None while the server is away."""
    with suppress(RedisError):
        work = WorkStore(database)
        books, backlog = work.books(), work.backlog()
        ended = dict.fromkeys(POOLS, 0)
        due = dict.fromkeys(POOLS, 0.0)
        for stage, row in TOPOLOGY.items():
            ended[row.pool] += sum(books.get(f"{stage}:{kind}", 0) for kind in Disposition)
            due[row.pool] += backlog[stage]["due"]
        return Progress(ended=ended, due=due)
    return None


Piece = tuple[Stage, str]


@dataclass(kw_only=True)
class _Held:
    token: str
    deaths: int
    since: float


class Orphans:
    """Finds how long work that a killed process held lies until somebody takes it up again.

    All leases are noted when a process is killed; those whose count of lost workers rises were its own, and their time
    ends when another worker's lease is seen; while the server is away nobody's time runs. A sample: what is taken up and
    ended between two looks is missed.
    """

    def __init__(self, database: Callable[[], Database]) -> None:
        self._database = database
        self._held: dict[Piece, _Held] = {}
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.seconds: list[float] = []

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def mark(self) -> None:
        """Note all leases: a process is killed now."""
        with suppress(RedisError), self._lock:
            now, db = time.monotonic(), self._database().redis
            held = [(stage, one) for stage in Stage for one in db.zrange(keys.LEASES(stage), 0, -1)]
            for piece, (token, deaths) in zip(held, self._read(held), strict=True):
                if token and piece not in self._held:
                    self._held[piece] = _Held(token=token, deaths=int(deaths or 0), since=now)

    def _read(self, pieces: list[Piece]) -> list[Any]:
        pipe = self._database().redis.pipeline(transaction=False)
        for stage, one in pieces:
            pipe.hmget(keys.WORK(stage, one), "t", "d")
        return list(pipe.execute()) if pieces else []

    def _run(self) -> None:
        looked = time.monotonic()
        while not self._stop.wait(LOOK_EVERY):
            with suppress(RedisError), self._lock:
                self._forgive(time.monotonic() - looked)
                self._look()
                looked = time.monotonic()

    def _forgive(self, seconds: float) -> None:
        """Take what the server was away from everybody's time."""
        if seconds > 5 * LOOK_EVERY and self._database().redis.ping():
            for held in self._held.values():
                held.since += seconds

    def _look(self) -> None:
        pieces = list(self._held)
        for piece, (token, deaths) in zip(pieces, self._read(pieces), strict=True):
            held = self._held[piece]
            lost = int(deaths or 0) > held.deaths
            if token == held.token or (lost and not token):
                continue  # still held, or taken back and not yet in other hands
            if lost:
                self.seconds.append(time.monotonic() - held.since)
            del self._held[piece]
