"""Logins to the console, by the hash of their cookie, and the failed attempts held against an address or a name."""

from __future__ import annotations

import hashlib
import secrets
from typing import TYPE_CHECKING

from shared.stores import keys

if TYPE_CHECKING:
    from shared.stores.connection import Database


class SessionStore:
    """Sessions end by themselves: after `most` seconds, or `idle` seconds without use."""

    def __init__(self, database: Database, *, most: float, idle: float) -> None:
        self._db = database
        self._most = most
        self._idle = idle

    def start(self, *, user: str, role: str) -> str:
        """Begin a session; returns the secret for the cookie, which is kept nowhere else."""
        secret, now = secrets.token_urlsafe(32), self._db.time()
        key = keys.SESSION(_digest(secret))
        pipe = self._db.redis.pipeline()
        pipe.hset(key, mapping={"user": user, "role": role, "at": f"{now:.0f}"})
        pipe.expire(key, int(min(self._idle, self._most)))
        pipe.execute()
        return secret

    def find(self, secret: str) -> tuple[str, str] | None:
        """Return user and role of a live session and keep it alive; None if there is none."""
        key = keys.SESSION(_digest(secret))
        found = self._db.redis.hgetall(key)
        if not found:
            return None
        left = self._most - (self._db.time() - float(found["at"]))
        if left <= 0:
            self._db.redis.delete(key)
            return None
        self._db.redis.expire(key, max(int(min(self._idle, left)), 1))
        return found["user"], found["role"]

    def end(self, secret: str) -> None:
        """End a session now."""
        self._db.redis.delete(keys.SESSION(_digest(secret)))

    def failed(self, name: str) -> int:
        """Count a failed login against an address or a name; returns how many there were lately."""
        key = keys.ATTEMPTS(_digest(name))
        pipe = self._db.redis.pipeline()
        pipe.incr(key)
        pipe.expire(key, keys.ATTEMPTS.lifetime)
        return int(pipe.execute()[0])

    def failures(self, name: str) -> int:
        """Return how many logins of an address or a name failed lately."""
        return int(self._db.redis.get(keys.ATTEMPTS(_digest(name))) or 0)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
