"""The audit log: every act that changed something, with who, when, what, why and how many.

An act is opened before it is done, and scripts count what they move onto it: an act cut short still tells the truth.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from shared.stores import keys

if TYPE_CHECKING:
    from shared.stores.connection import Database

OPEN = -1  # the number of an act whose end was not seen: its process was lost on the way


@dataclass(frozen=True, kw_only=True)
class Act:
    """One entry. `count` is how many things were changed; `via` is `console`, `command` or `rarewire` itself."""

    who: str
    what: str
    scope: str = ""
    why: str = ""
    via: str = "console"
    id: str = ""
    at: float = 0.0
    count: int = 0
    ended: bool = True


class AuditStore:
    """Acts by time, kept 400 days."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def open(self, act: Act) -> str:
        """Write an act that is about to be done; returns its id, for the scripts that count and for `close`."""
        now, act_id = self._db.time(), secrets.token_hex(8)
        fields = {"who": act.who, "what": act.what, "scope": act.scope[:500], "why": act.why[:500], "via": act.via}
        pipe = self._db.redis.pipeline()
        pipe.hset(keys.AUDIT(act_id), mapping={**fields, "at": f"{now:.3f}", "count": 0})
        pipe.expire(keys.AUDIT(act_id), keys.AUDIT.lifetime)
        pipe.zadd(keys.AUDIT_INDEX(), {act_id: now})
        pipe.zremrangebyscore(keys.AUDIT_INDEX(), "-inf", now - (keys.AUDIT.lifetime or 0))
        pipe.execute()
        return act_id

    def close(self, act_id: str, *, count: int | None = None) -> None:
        """Say that an act is over; `count` where no script counted along."""
        fields: dict[str, str | int] = {"ended": 1}
        self._db.redis.hset(keys.AUDIT(act_id), mapping=fields if count is None else {**fields, "count": count})

    def write(self, act: Act) -> str:
        """Write an act that is done, with its count; returns its id."""
        act_id = self.open(act)
        self.close(act_id, count=act.count)
        return act_id

    def count(self) -> int:
        """Return how many acts are kept."""
        return int(self._db.redis.zcard(keys.AUDIT_INDEX()))

    def acts(self, *, start: int = 0, most: int = 100) -> list[Act]:
        """Return acts, newest first."""
        ids = self._db.redis.zrange(keys.AUDIT_INDEX(), start, start + most - 1, desc=True)
        pipe = self._db.redis.pipeline(transaction=False)
        for act_id in ids:
            pipe.hgetall(keys.AUDIT(act_id))
        return [_act(act_id, found) for act_id, found in zip(ids, pipe.execute(), strict=True) if found]


def _act(act_id: str, found: dict[str, str]) -> Act:
    return Act(
        id=act_id, at=float(found["at"]), who=found["who"], what=found["what"], scope=found["scope"], why=found["why"],
        via=found["via"], count=int(found["count"]), ended="ended" in found,
    )  # fmt: skip
