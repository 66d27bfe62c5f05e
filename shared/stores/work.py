"""What is to be done at each stage: claimed with a lease, completed in one atomic script.

The state here is the truth; a Celery message is only a doorbell that makes a worker look. A lost doorbell costs
a second, a doubled one nothing. Work whose lease runs out (its worker died) goes back with `deaths` + 1; the runner
buries what keeps killing its workers.
"""

from __future__ import annotations

import json
import time
import uuid
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal

from shared.messages import ArticleTagged, FeedDue, PageFound
from shared.outcomes import Disposition, Keep, Later, Notice, Save
from shared.stores import keys
from shared.stores.blobs import packed
from shared.topology import TOPOLOGY, Stage

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from shared.messages import Message
    from shared.stores.connection import Database

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
class DeadLetter:
    """What is kept of work that will not be tried again, until an operator decides."""

    fingerprint: str
    body: str  # JSON, see `shared.stores.dead_letters`


@dataclass(frozen=True, kw_only=True)
class Completion:
    """How a claimed piece of work ends; written whole or not at all."""

    disposition: Disposition
    reason: str = ""
    messages: tuple[Message, ...] = ()
    saves: tuple[Save, ...] = ()
    retry_at: float | None = None
    again_at: float | None = None
    attempts: tuple[dict[str, Any], ...] = ()
    dead: DeadLetter | None = None
    notices: tuple[Notice, ...] = ()
    later: tuple[Later, ...] = ()
    keeps: tuple[Keep, ...] = ()


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
        rows = [_next(message, at) for message in messages]
        return sum(
            int(self._db.script("add", json.dumps(rows[start : start + CHUNK]))) for start in range(0, len(rows), CHUNK)
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
        blobs: list[bytes] = []
        payload = [self._payload(work, completion, blobs) for work, completion in endings]
        return [bool(done) for done in self._db.script("complete", json.dumps(payload), *blobs)]

    def _payload(self, work: Claimed, completion: Completion, blobs: list[bytes]) -> dict[str, Any]:
        """Return what the script reads of one completion; the blobs it keeps are appended to `blobs`."""
        queued = [message for message in completion.messages if not isinstance(message, ArticleTagged)]
        # Only a poll forwards more than a chunk. Its first chunks are queued ahead; queueing is idempotent.
        while len(queued) > CHUNK:
            self.add(queued[:CHUNK])
            queued = queued[CHUNK:]
        payload = {
            "stage": work.stage,
            "id": work.id,
            "token": work.token,
            "disposition": completion.disposition,
            "reason": completion.reason,
            "next": [
                *(_next(message, None) for message in queued),
                *(_next(later.message, later.at) for later in completion.later),
            ],
            "publish": [_event(message) for message in completion.messages if isinstance(message, ArticleTagged)],
            "saves": [_save(save) for save in completion.saves],
            "keeps": [_keep(keep, blobs) for keep in completion.keeps],
            "at": _text(completion.retry_at),
            "again_at": _text(completion.again_at),
            "notices": [json.dumps({"at": round(time.time(), 3), **asdict(notice)}) for notice in completion.notices],
            "attempts": json.dumps(completion.attempts[-20:]),
        }
        if completion.dead:
            payload |= {"dead": completion.dead.body, "fingerprint": completion.dead.fingerprint}
        return payload

    def defer(self, work: Claimed, until: float) -> bool:
        """Put work back untouched until its turn; costs no try and is no outcome."""
        payload = {
            "stage": work.stage, "id": work.id, "token": work.token, "disposition": "deferred", "at": _text(until),
        }  # fmt: skip
        return bool(self._db.script("complete", json.dumps([payload]))[0])

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


def _next(message: Message, at: float | None) -> list[Any]:
    stage = _TAKERS[type(message)]
    record, lifetime, fields = "", 0, []
    if isinstance(message, PageFound) and message.why == "new":
        record, lifetime = keys.ARTICLE(message.article_id), keys.ARTICLE.lifetime or 0
        fields = ["url", message.url, "feed", message.feed_id, "found_at", _text(message.found_at)]
    return [stage, message.id, message.model_dump_json(exclude_defaults=True), _text(at), record, lifetime, fields]


def _event(message: ArticleTagged) -> dict[str, Any]:
    return {
        "record": keys.ARTICLE(message.article_id),
        "topic": message.topic,
        "streams": [message.stream, *message.also],
        "event_id": message.event_id,
        "version": str(message.version),
        "fields": [text for pair in message.fields().items() for text in pair],
        "list_most": message.list_most,
        "announce": message.announce,
    }


def _save(save: Save) -> dict[str, Any]:
    key = RECORDS[save.record]
    given = [text for name, value in save.fields.items() if value is not None for text in (name, value)]
    gone = [name for name, value in save.fields.items() if value is None]
    return {"key": key(save.id), "set": given, "unset": gone, "lifetime": key.lifetime or 0}


FIRST_BLOB = 3  # the place in ARGV of the first blob


def _keep(keep: Keep, blobs: list[bytes]) -> list[Any]:
    family = FAMILIES[keep.family]
    blobs.append(packed(keep.data))
    return [family(keep.id), family.lifetime, FIRST_BLOB + len(blobs) - 1]


def _text(number: float | None) -> str:
    return "" if number is None else f"{number:.3f}"


FAMILIES = {"page": keys.PAGE, "text": keys.TEXT}
RECORDS = {"feed": keys.FEED, "seen": keys.SEEN, "article": keys.ARTICLE}
_TAKERS = {row.takes: row.stage for row in TOPOLOGY.values()}
