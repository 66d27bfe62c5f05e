"""Signs of life: when each stage was last looked at, when the last tick came, what supervisors say, counters by minute.

The scripts that move the work write the pulses, so that health is judged by what happens, not by who answers a ping.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from shared.stores import keys
from shared.stores.connection import ResponseError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shared.stores.connection import Database

FORGET = 86_400.0


class VitalStore:
    """Pulses, processes, rates and the server's own state."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def now(self) -> float:
        """Epoch seconds by the server's clock."""
        return self._db.time()

    def answers(self) -> bool:
        """Whether the server answers at all; an error is an answer. Raises RedisError when none comes."""
        try:
            return bool(self._db.redis.ping())
        except ResponseError:
            return True

    def pulses(self) -> dict[str, float]:
        """Return when each stage, the tick and each process last showed life (epoch seconds)."""
        return {name: float(at) for name, at in self._db.redis.hgetall(keys.PULSE()).items()}

    def beat(self, name: str) -> None:
        """Show life."""
        self._db.redis.hset(keys.PULSE(), name, f"{self._db.time():.3f}")

    def publish_processes(self, supervisor: str, processes: list[dict[str, Any]]) -> None:
        """Say what a supervisor knows of its processes."""
        told = {"at": round(self._db.time(), 3), "processes": processes}
        self._db.redis.hset(keys.PROCESSES(), supervisor, json.dumps(told))

    def processes(self) -> dict[str, dict[str, Any]]:
        """Return by supervisor `at` and its `processes`; supervisors unheard of for a day are forgotten."""
        now, found = self._db.time(), {}
        for supervisor, text in self._db.redis.hgetall(keys.PROCESSES()).items():
            told = json.loads(text)
            if now - told["at"] > FORGET:
                self._db.redis.hdel(keys.PROCESSES(), supervisor)
            else:
                found[supervisor] = told
        return found

    def minutes(self, count: int) -> list[dict[str, int]]:
        """Return the counters of the last `count` whole minutes and the one in progress, oldest first."""
        this = int(self._db.time() // 60)
        pipe = self._db.redis.pipeline(transaction=False)
        for minute in range(this - count, this + 1):
            pipe.hgetall(keys.MINUTE(str(minute)))
        return [{name: int(value) for name, value in found.items()} for found in pipe.execute()]

    def recent(self, ending: str) -> list[str]:
        """Return ids of the last work that ended so (`stage:outcome:reason`), newest first, each once."""
        return list(dict.fromkeys(self._db.redis.lrange(keys.RECENT(ending), 0, -1)))

    def server(self) -> Mapping[str, Any]:
        """Return the server's INFO fields on memory, persistence and itself."""
        found: dict[str, Any] = {}
        for section in ("server", "memory", "persistence", "clients"):
            found |= self._db.redis.info(section)
        return found

    def put_feed_health(self, summary: Mapping[str, Any]) -> None:
        """Keep the summary of all feeds."""
        self._db.redis.set(keys.FEED_HEALTH(), json.dumps(summary), ex=keys.FEED_HEALTH.lifetime)

    def feed_health(self) -> dict[str, Any]:
        """Return the summary of all feeds; empty before the first one."""
        text = self._db.redis.get(keys.FEED_HEALTH())
        return dict(json.loads(text)) if text else {}
