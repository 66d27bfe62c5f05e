"""How webhook endpoints stand: attempts by outcome, failures in a row, until when one is left alone, whether disabled.

Kept in the server, so that a restart forgets no pause and several senders share it. What is still to be delivered is
the business of the endpoint's consumer group (`shared.stores.groups`).
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from shared.stores import keys

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shared.stores.connection import Database

COUNTED = "count:"


@dataclass(frozen=True, kw_only=True)
class Standing:
    """An endpoint as it stands; times are epoch seconds, 0 where it never was. `counts`: attempts by outcome."""

    failures: int = 0
    paused_until: float = 0.0
    disabled: str = ""  # why
    disabled_at: float = 0.0
    delivered_at: float = 0.0
    tried_at: float = 0.0
    outcome: str = ""
    detail: str = ""
    seconds: float = 0.0  # that the last attempt took
    counts: Mapping[str, int] = field(default_factory=dict)


class WebhookStore:
    """One hash an endpoint."""

    def __init__(self, database: Database) -> None:
        self._db = database
        self._redis = database.redis

    def standing(self, name: str) -> Standing:
        """Return how an endpoint stands; as new where it was never tried."""
        kept: dict[str, str] = self._redis.hgetall(keys.WEBHOOK(name))
        return Standing(
            failures=int(kept.get("failures", 0)),
            paused_until=float(kept.get("paused_until", 0)),
            disabled=kept.get("disabled", ""),
            disabled_at=float(kept.get("disabled_at", 0)),
            delivered_at=float(kept.get("delivered_at", 0)),
            tried_at=float(kept.get("tried_at", 0)),
            outcome=kept.get("outcome", ""),
            detail=kept.get("detail", ""),
            seconds=float(kept.get("seconds", 0)),
            counts={name.removeprefix(COUNTED): int(value) for name, value in kept.items() if name.startswith(COUNTED)},
        )

    def delivered(self, name: str, *, seconds: float) -> None:
        """Count a delivery; failures in a row are over."""
        at = f"{self._db.time():.3f}"
        said = {"outcome": "delivered", "detail": "", "seconds": f"{seconds:.3f}", "tried_at": at, "delivered_at": at}
        pipe = self._redis.pipeline()
        pipe.hset(keys.WEBHOOK(name), mapping={**said, "failures": 0, "paused_until": 0})
        pipe.hincrby(keys.WEBHOOK(name), f"{COUNTED}delivered", 1)
        pipe.execute()

    def failed(self, name: str, *, outcome: str, detail: str, seconds: float) -> int:
        """Count a failed attempt; returns how many it is in a row."""
        said = {"outcome": outcome, "detail": detail, "seconds": f"{seconds:.3f}", "tried_at": f"{self._db.time():.3f}"}
        pipe = self._redis.pipeline()
        pipe.hset(keys.WEBHOOK(name), mapping=said)
        pipe.hincrby(keys.WEBHOOK(name), f"{COUNTED}{outcome}", 1)
        pipe.hincrby(keys.WEBHOOK(name), "failures", 1)
        return int(pipe.execute()[-1])

    def pause(self, name: str, *, seconds: float) -> None:
        """Leave an endpoint alone for so long."""
        self._redis.hset(keys.WEBHOOK(name), "paused_until", f"{self._db.time() + seconds:.3f}")

    def disable(self, name: str, *, why: str) -> None:
        """Send nothing more until `enable`; what comes meanwhile is kept for it."""
        self._redis.hset(keys.WEBHOOK(name), mapping={"disabled": why, "disabled_at": f"{self._db.time():.3f}"})

    def enable(self, name: str) -> bool:
        """Send again, at once, also what was paused. False where it was neither disabled nor paused."""
        now = self._db.time()
        before = self.standing(name)
        self._redis.hset(keys.WEBHOOK(name), mapping={"failures": 0, "paused_until": 0})
        self._redis.hdel(keys.WEBHOOK(name), "disabled", "disabled_at")
        return bool(before.disabled) or before.paused_until > now

    def rest(self, name: str) -> float | None:
        """Return the seconds for which nothing is to be sent, 0 for none, None as long as it is disabled."""
        disabled, until = self._redis.hmget(keys.WEBHOOK(name), "disabled", "paused_until")
        if disabled:
            return None
        return max(float(until) - self._db.time(), 0.0) if until else 0.0

    def told(self) -> dict[str, dict[str, str]]:
        """Return what the sender was told of its endpoints at its last start: `stream`, `group`, `url`, `owner`."""
        return {name: json.loads(text) for name, text in sorted(self._redis.hgetall(keys.WEBHOOKS()).items())}

    def tell(self, endpoints: Mapping[str, Mapping[str, str]]) -> None:
        """Say which endpoints there are, in the place of all that were."""
        pipe = self._redis.pipeline()
        pipe.delete(keys.WEBHOOKS())
        if endpoints:
            pipe.hset(keys.WEBHOOKS(), mapping={name: json.dumps(one) for name, one in endpoints.items()})
        pipe.execute()

    def forget(self, name: str) -> None:
        """Drop all that is kept of an endpoint."""
        pipe = self._redis.pipeline()
        pipe.hdel(keys.WEBHOOKS(), name)
        pipe.delete(keys.WEBHOOK(name))
        pipe.execute()
