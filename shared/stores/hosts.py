"""Pacing per host, shared by all workers: who may connect now, and when the others' turns come."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from shared.stores import keys

if TYPE_CHECKING:
    from shared.stores.connection import Database


@dataclass(frozen=True, kw_only=True)
class Lane:
    """How many requests of a kind a host may have to answer at once; a place is free again after `hold` seconds."""

    name: str
    most: int
    hold: float = 30.0  # longer than any request takes


ROBOTS_MEMO = 60.0  # seconds that a process goes by what it has read of a robots.txt; it lives for a day
MOST_ROBOTS = 2_000  # origins in that memo
ARTICLES = Lane(name="article", most=1)
FEEDS = Lane(name="feed", most=2)


class HostStore:
    """One record a host: its next free slot and until when it wants to be left alone."""

    def __init__(self, database: Database) -> None:
        self._db = database
        self._left = threading.local()  # the places that this thread gives back with its next turn
        self._robots: dict[str, tuple[float, str]] = {}

    def turn(self, host: str, *, gap: float, slot: float | None = None, lane: Lane | None = None) -> float | None:
        """Return None when a request may go out now, else the time (epoch seconds) of the turn reserved for it.

        `gap` is the least number of seconds between requests to the host; `slot` the turn a former call gave. Who goes
        in a `lane` takes one of its places, and must `leave` it.
        """
        taken = (lane.name, lane.most, lane.hold) if lane else ("", 0, 0)
        at = self._db.script("turn", host, gap, "" if slot is None else slot, *taken, *self._places())
        return float(at) if at else None

    def leave(self, host: str, lane: Lane) -> None:
        """Give a place back: the request that took it is over. Told with this thread's next `turn`, or by `settle`."""
        self._left.places = (*getattr(self._left, "places", ()), host, lane.name, lane.most)

    def settle(self) -> None:
        """Tell what this thread has left: no further turn of its follows at once."""
        if places := self._places():
            self._db.script("leave", *places)

    def _places(self) -> tuple[str | int, ...]:
        places: tuple[str | int, ...] = getattr(self._left, "places", ())
        self._left.places = ()
        return places

    def robots(self, origin: str) -> str | None:
        """Return what is kept of an origin's robots.txt, or None if it must be asked for."""
        until, known = self._robots.get(origin, (0.0, ""))
        if time.monotonic() < until:
            return known
        kept: str | None = self._db.redis.get(keys.ROBOTS(origin))
        if kept is not None:
            self._remember(origin, kept, ROBOTS_MEMO)
        return kept

    def keep_robots(self, origin: str, kept: str, *, seconds: float) -> None:
        """Keep what an origin's robots.txt means to us for its lifetime."""
        self._db.redis.set(keys.ROBOTS(origin), kept, ex=int(seconds))
        self._remember(origin, kept, min(seconds, ROBOTS_MEMO))

    def _remember(self, origin: str, kept: str, seconds: float) -> None:
        if len(self._robots) >= MOST_ROBOTS:
            self._robots.clear()
        self._robots[origin] = (time.monotonic() + seconds, kept)

    def answered(self, host: str, *, at: float, reached: bool, keep: int) -> None:
        """Remember whether a host answered at all; the newest `keep` answers of all workers are kept together."""
        pipe = self._db.redis.pipeline(transaction=False)
        pipe.lpush(keys.ANSWERS(), f"{at:.3f} {int(reached)} {host}")
        pipe.ltrim(keys.ANSWERS(), 0, keep - 1)
        pipe.expire(keys.ANSWERS(), keys.ANSWERS.lifetime)
        pipe.execute()

    def answers(self) -> list[tuple[str, float, bool]]:
        """Return (host, at, reached) of the newest answers, newest first."""
        lines = (line.split(" ", 2) for line in self._db.redis.lrange(keys.ANSWERS(), 0, -1))
        return [(host, float(at), reached == "1") for at, reached, host in lines]

    def block(self, host: str, until: float) -> None:
        """Leave a host alone until a time (epoch seconds): its Retry-After."""
        self._db.redis.hset(keys.HOST(host), "blocked", f"{until:.3f}")
        self._db.redis.expire(keys.HOST(host), keys.HOST.lifetime)

    def blocked_until(self, host: str) -> float | None:
        """Return until when the host is left alone, or None."""
        until = float(self._db.redis.hget(keys.HOST(host), "blocked") or 0)
        return until if until > self._db.time() else None

    def unblock(self, host: str) -> bool:
        """Ask again before the host's wish is over: the operator's decision. True if it was blocked."""
        return bool(self._db.redis.hdel(keys.HOST(host), "blocked"))
