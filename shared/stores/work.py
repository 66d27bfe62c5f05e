"""What is to be done at each stage: claimed with a lease, completed in one atomic script.

The state here is the truth; a Celery message is only a doorbell that makes a worker look. A lost doorbell costs
a second, a doubled one nothing. Work whose lease runs out (its worker died) goes back with `deaths` + 1; the runner
buries what keeps killing its workers.
"""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from pydantic_core import to_json

from shared.messages import FeedDue
from shared.stores import keys
from shared.stores.endings import Completion, DeadLetter, Endings, queue_row
from shared.topology import Stage

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from shared.messages import Message
    from shared.stores.connection import Database

__all__ = ["Claimed", "Completion", "DeadLetter", "Sweep", "Turned", "Wanted", "WorkStore"]

CHUNK = 500  # messages in one script call: about 5 ms of the server's time


@dataclass(frozen=True, kw_only=True)
class Claimed:
    """One piece of work under a lease. `attempts` are the failed tries so far; `slot` the turn a host gave it."""

    stage: Stage
    id: str
    message: str  # JSON
    token: str
    tries: int
    deaths: int
    attempts: tuple[dict[str, Any], ...]
    first_at: float
    slot: float | None


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Work to be claimed with the endings of other work: up to `most` pieces, under a lease of `lease` seconds."""

    stage: Stage
    most: int
    lease: float


@dataclass(frozen=True, kw_only=True)
class Turned:
    """What came of endings: which still held their leases, the work claimed with them, whether a bell is to be rung."""

    held: list[bool]
    claimed: list[Claimed]
    bell: bool


@dataclass(frozen=True, kw_only=True)
class Sweep:
    """What a sweep of one stage found: pieces of work that are due now, and leases it took back."""

    due: int
    taken_back: int


class WorkStore:
    """The work of all stages."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def now(self) -> float:
        """Epoch seconds by the clock that leases go by."""
        return self._db.time()

    def add(self, messages: Sequence[Message], *, at: float | None = None) -> int:
        """Queue messages for the stage that takes them; returns how many were new; known articles are not."""
        rows = [queue_row(message, at) for message in messages]
        return sum(
            int(self._db.script("add", to_json(rows[start : start + CHUNK]))) for start in range(0, len(rows), CHUNK)
        )

    def claim(self, stage: Stage, *, most: int, lease: float) -> list[Claimed]:
        """Take up to `most` pieces of due work under a lease of `lease` seconds."""
        token = uuid.uuid4().hex
        return _claimed(stage, token, self._db.script("claim", stage, most, lease, token))

    def complete(self, work: Claimed, completion: Completion) -> bool:
        """End a piece of work. False: the lease was lost to another worker and nothing was written."""
        return self.complete_all([(work, completion)])[0]

    def complete_all(self, endings: Sequence[tuple[Claimed, Completion]]) -> list[bool]:
        """End several pieces of work in one round trip; each of them wholly or, if its lease was lost, not at all."""
        return self.turn_over(endings).held

    def turn_over(
        self, endings: Sequence[tuple[Claimed, Completion]], *, feeds: Stage | None = None, then: Wanted | None = None
    ) -> Turned:
        """End work as `complete_all` does; the same round trip takes what is next and asks whether to ring for `feeds`.

        `bell` is true when none is on its way already: then it must be sent. Where an ending fails nothing is taken.
        """
        given = Endings()
        for work, completion in endings:
            given.add(work, completion, self._queue_ahead(completion.queued))
        return self._complete(given, endings[0][0].stage, feeds, then)

    def _complete(self, given: Endings, stage: Stage, feeds: Stage | None, then: Wanted | None) -> Turned:
        token = uuid.uuid4().hex
        wanted = (then.stage, then.most, then.lease, token) if then else (stage, 0, 0, "")
        held, bell, claimed = self._db.script("complete", given.json(), feeds or "", *wanted, *given.texts)
        taken = _claimed(then.stage, token, claimed) if then else []
        return Turned(held=[bool(one) for one in held], claimed=taken, bell=bool(bell))

    def _queue_ahead(self, queued: list[Message]) -> list[Message]:
        """Queue the first chunks of what only a poll has more of than one; queueing is idempotent. Returns the rest."""
        while len(queued) > CHUNK:
            self.add(queued[:CHUNK])
            queued = queued[CHUNK:]
        return queued

    def defer(self, work: Claimed, until: float) -> bool:
        """Put work back untouched until its turn; costs no try and is no outcome."""
        given = Endings()
        given.put_back(work, until)
        return self._complete(given, work.stage, None, None).held[0]

    def renew(self, work: Sequence[Claimed], lease: float) -> int:
        """Extend the lease of work that still waits in a claimed batch; returns how many are still held."""
        if not work:
            return 0
        ids = [one.id for one in work]
        return int(self._db.script("renew", work[0].stage, lease, work[0].token, *ids))

    def sweep(self, stage: Stage, *, most: int = 500) -> Sweep:
        """Take back expired leases, counting a lost worker against each, and count what is due."""
        due, back = self._db.script("sweep", stage, most)
        return Sweep(due=int(due), taken_back=int(back))

    def want_bell(self, stage: Stage) -> bool:
        """Whether a doorbell should be sent: none is on its way already."""
        return bool(self._db.ask(("SET", keys.BELL(stage), "1", "NX", "EX", keys.BELL.lifetime or 0))[0])

    def bell_heard(self, stage: Stage) -> None:
        """Allow the next doorbell: a worker is looking now."""
        self._db.ask(("DEL", keys.BELL(stage)))

    def schedule(self, feed_id: str, at: float, *, only_if_new: bool = False) -> bool:
        """Set when a feed is polled next; a poll in progress sets its own next time."""
        return bool(self._db.script("schedule", feed_id, repr(at), int(only_if_new)))

    def unschedule(self, feed_id: str) -> None:
        """Stop polling a feed; a poll in progress completes but does not come back once the feed's record is gone."""
        self._db.script("unschedule", feed_id)

    def books(self) -> dict[str, int]:
        """Return all counters since the start: `stage:in`, `stage:forwarded`, `stage:dropped:<reason>`, …."""
        return {name: int(value) for name, value in self._db.redis.hgetall(keys.BOOKS()).items()}

    def backlog(self) -> dict[Stage, dict[str, float]]:
        """Return each stage's `waiting`, `leased`, `due`, and `oldest`: the seconds its oldest due work has waited."""
        now = self.now()
        pipe = self._db.redis.pipeline(transaction=False)
        for stage in Stage:
            pipe.zcard(keys.READY(stage))
            pipe.zcard(keys.LEASES(stage))
            pipe.zcount(keys.READY(stage), "-inf", now)
            pipe.zrange(keys.READY(stage), 0, 0, withscores=True)
        answers = pipe.execute()
        found: dict[Stage, dict[str, float]] = {}
        for index, stage in enumerate(Stage):
            waiting, leased, due, first = answers[4 * index : 4 * index + 4]
            oldest = max(now - first[0][1], 0.0) if first else 0.0
            found[stage] = {"waiting": waiting, "leased": leased, "due": due, "oldest": oldest}
        return found

    def count_retries(self) -> int:
        """Return how much failed work waits for its next try."""
        return int(self._db.redis.zcard(keys.RETRIES()))

    def retries(self, *, start: int = 0, most: int = 100) -> list[dict[str, Any]]:
        """Return failed work that waits for its next try, soonest first."""
        rows = self._db.redis.zrange(keys.RETRIES(), start, start + most - 1, withscores=True)
        pipe = self._db.redis.pipeline(transaction=False)
        for name, _ in rows:
            pipe.hmget(keys.WORK(*name.split("/", 1)), "m", "r", "h")
        return [
            {"stage": name.partition("/")[0], "id": name.partition("/")[2], "at": at, "tries": int(tries or 0),
             "message": json.loads(message or "{}"), "attempts": json.loads(attempts or "[]")}
            for (name, at), (message, tries, attempts) in zip(rows, pipe.execute(), strict=True)
        ]  # fmt: skip

    def hurry(self, names: Sequence[str], verb: Literal["hurry", "give_up"], *, audit: str = "") -> int:
        """Make waiting retries (`stage/id`) due now, or end them. Returns how many still waited and were moved."""
        return sum(
            int(self._db.script("hurry", verb, audit, *names[start : start + CHUNK]))
            for start in range(0, len(names), CHUNK)
        )


def _claimed(stage: Stage, token: str, flat: Sequence[Any]) -> list[Claimed]:
    rows: Iterable[Sequence[Any]] = (flat[start : start + 7] for start in range(0, len(flat), 7))
    return [
        Claimed(
            stage=stage,
            id=work_id,
            message=message or FeedDue(feed_id=work_id).model_dump_json(),
            token=token,
            tries=int(_number(tries)),
            deaths=int(_number(deaths)),
            attempts=_attempts(attempts),
            first_at=_number(first),
            slot=_number(slot) or None,
        )
        for work_id, message, tries, deaths, attempts, first, slot in rows
    ]


def _attempts(text: str) -> tuple[dict[str, Any], ...]:
    """Read what was tried so far; what cannot be read is none: the piece must come out of the queue all the same."""
    try:
        found = json.loads(text)
    except ValueError:
        return ()
    return tuple(one for one in found if isinstance(one, dict)) if isinstance(found, list) else ()


def _number(text: str) -> float:
    try:
        return float(text or 0)
    except ValueError:
        return 0.0
