"""What operators should know: the notices, newest first, and the causes that are watched or alerted."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from shared.stores import keys

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shared.stores.connection import Database

MOST = 1_000


class NoticeStore:
    """Notices and alert causes."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def add(self, *, kind: str, about: str, detail: str = "") -> None:
        """Tell one."""
        notice = {"at": round(self._db.time(), 3), "kind": kind, "about": about, "detail": detail}
        pipe = self._db.redis.pipeline()
        pipe.lpush(keys.NOTICES(), json.dumps(notice, ensure_ascii=False))
        pipe.ltrim(keys.NOTICES(), 0, MOST - 1)
        pipe.execute()

    def newest(self, most: int = 50) -> list[dict[str, Any]]:
        """Return `at`, `kind`, `about` and `detail` of the newest notices."""
        return [json.loads(text) for text in self._db.redis.lrange(keys.NOTICES(), 0, most - 1)]

    def causes(self) -> dict[str, dict[str, Any]]:
        """Return the causes that are watched or alerted, by name."""
        return {name: json.loads(text) for name, text in self._db.redis.hgetall(keys.ALERTS()).items()}

    def put_causes(self, causes: Mapping[str, Mapping[str, Any]]) -> None:
        """Replace the causes."""
        pipe = self._db.redis.pipeline()
        pipe.delete(keys.ALERTS())
        if causes:
            pipe.hset(keys.ALERTS(), mapping={name: json.dumps(cause) for name, cause in causes.items()})
        pipe.execute()

    def lead(self, who: str, *, seconds: int) -> bool:
        """Whether this process is the one that watches; a lease that must be renewed within `seconds`."""
        redis = self._db.redis
        if redis.set(keys.WATCH(), who, nx=True, ex=seconds):
            return True
        if redis.get(keys.WATCH()) != who:
            return False
        redis.expire(keys.WATCH(), seconds)
        return True
