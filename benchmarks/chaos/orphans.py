"""How long work that a killed or stopped process held lies until somebody takes it up again, and what it waits for.

All leases are noted when harm is done; those whose count of lost workers rises were the victim's, and their time ends
when another worker's lease is seen. A sample: work that is taken up and ended between two looks is told by its being
gone, tried or put off after it had been taken back. While the server is away nobody's time runs.
"""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from shared.stores import keys
from shared.stores.connection import RedisError
from shared.topology import Stage

if TYPE_CHECKING:
    from collections.abc import Callable

    from shared.stores.connection import Database

    Piece = tuple[Stage, str]

LOOK_EVERY = 0.05
AWAY = 1.0  # seconds between two looks beyond which the server was away


@dataclass(frozen=True, kw_only=True)
class Orphan:
    """One piece of work. `lease`: seconds that its lease still ran; `back`, `up`: when it was taken back, and taken up.

    All in seconds since the harm.
    """

    stage: str
    harm: str
    lease: float
    back: float
    up: float


@dataclass(kw_only=True)
class _Held:
    token: str
    deaths: int
    rest: list[str]  # of the record: tries, and the turn that its host gave it
    since: float
    lease: float
    harm: str
    back: float | None = None

    def waits(self, record: list[str]) -> bool:
        """Whether work that was taken back still waits for somebody to take it up."""
        token, deaths, *rest = record
        return bool(deaths) and not token and rest == self.rest


class Orphans:
    """Looks at the noted pieces beside everything else; what it found is in `found`."""

    def __init__(self, database: Callable[[], Database]) -> None:
        self._database = database
        self._held: dict[Piece, _Held] = {}
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.found: list[Orphan] = []

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def mark(self, harm: str = "", *, since: float | None = None) -> int:
        """Note all leases: harm was done just now, or at `since` (monotonic). Returns how many there are."""
        with suppress(RedisError), self._lock:
            now, db = time.monotonic() if since is None else since, self._database()
            by_server = db.time()
            held = [
                ((stage, one), end - by_server)
                for stage in Stage
                for one, end in db.redis.zrange(keys.LEASES(stage), 0, -1, withscores=True)
            ]
            for (piece, lease), (token, deaths, *rest) in zip(
                held, self._read([piece for piece, _ in held]), strict=True
            ):
                if token and piece not in self._held:
                    self._held[piece] = _Held(
                        token=token, deaths=int(deaths or 0), rest=rest, since=now, lease=lease, harm=harm
                    )
            return len(held)
        return 0

    def waiting(self) -> int:
        """How many noted pieces are neither ended by those who had them nor taken up by others."""
        with self._lock:
            return len(self._held)

    def _read(self, pieces: list[Piece]) -> list[Any]:
        pipe = self._database().redis.pipeline(transaction=False)
        for stage, one in pieces:
            pipe.hmget(keys.WORK(stage, one), "t", "d", "r", "s")
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
        if seconds > AWAY and self._database().redis.ping():
            for held in self._held.values():
                held.since += seconds

    def _look(self) -> None:
        pieces, now = list(self._held), time.monotonic()
        for piece, record in zip(pieces, self._read(pieces), strict=True):
            held = self._held[piece]
            if held.token == record[0]:
                continue
            if held.back is None and int(record[1] or 0) > held.deaths:
                held.back = now - held.since
            if held.back is not None and held.waits(record):
                continue
            if held.back is not None:
                self.found.append(
                    Orphan(stage=piece[0], harm=held.harm, lease=held.lease, back=held.back, up=now - held.since)
                )
            del self._held[piece]
