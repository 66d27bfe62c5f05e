"""Who reads the public streams: registered groups, how far each is, what may be trimmed, replay, and dead entries.

A registered group is a Redis consumer group with a name and an owner on record. Nothing it has not acknowledged is
trimmed, short of the memory ceiling. Lag is computed here, because XINFO may say NULL and reads 0 after a trim.
Not the reading itself (`shared.consumer`).
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from shared.entry_ids import before, moment, parts
from shared.events import CANARY_TYPE
from shared.stores import keys

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from shared.stores.connection import Database
    from shared.stores.streams import Entry

NEW, OLDEST = "$", "0-0"
CHUNK = 500
IDLE_CONSUMER = 86_400.0  # seconds after which a consumer's name that holds nothing is forgotten


class UnknownGroupError(LookupError):
    """No such group is registered on the stream."""


class TooOldError(ValueError):
    """What is asked for was trimmed; `oldest` is the id of the oldest entry that is left."""

    def __init__(self, asked: str, oldest: str) -> None:
        self.asked, self.oldest = asked, oldest
        super().__init__(f"too old: entries from {asked} on are no longer all there, the oldest is {oldest}")


class SkipsUnreadError(ValueError):
    """A replay's start lies ahead of the group: what lies between would be skipped."""


@dataclass(frozen=True, kw_only=True)
class Group:
    """A group as it is now.

    `lag` is how many articles were never delivered to it, `pending` how many entries were and are not acknowledged,
    `oldest_unacked` the age in seconds of the oldest of both, `lost` how many articles were trimmed unread.
    """

    stream: str
    name: str
    registered: bool
    exists: bool = True
    owner: str = ""
    since: float | None = None
    position: str = OLDEST
    lag: int = 0
    pending: int = 0
    consumers: int = 0
    oldest_unacked: float | None = None
    lost: int = 0
    dead: int = 0


@dataclass(frozen=True, kw_only=True)
class Trimmed:
    """What a trim did: entries freed by it and cut by the ceiling, what is left, the alarm, and losses by group."""

    trimmed: int = 0
    cut: int = 0
    entries: int = 0
    bytes: int = 0
    alarm: str = ""
    floor: str = ""
    lost: Mapping[str, int] = field(default_factory=dict)


class GroupStore:
    """The groups of all public streams."""

    def __init__(self, database: Database) -> None:
        self._db = database
        self._redis = database.redis

    def add(self, stream: str, group: str, *, owner: str, start: str = NEW) -> bool:
        """Register a group that is given what comes from `start` on: NEW, OLDEST or an entry id. False: it was known.

        Adding it again changes its owner, not its position. Raises TooOldError where `start` was trimmed already.
        """
        if start not in {NEW, OLDEST}:
            self._refuse_trimmed(stream, start)
            start = before(start)
        return bool(self._db.script("register", stream, group, owner, start))

    def remove(self, stream: str, group: str) -> None:
        """Forget a group; what it had not read no longer holds the trim. Raises UnknownGroupError."""
        self._record(stream, group)
        pipe = self._redis.pipeline()
        pipe.hdel(keys.GROUPS(stream), group)
        pipe.exists(stream)
        if self._redis.exists(stream):
            pipe.xgroup_destroy(stream, group)
        pipe.execute()

    def states(self, stream: str) -> list[Group]:
        """Return every group of a stream, registered or not, by name."""
        records = {name: json.loads(text) for name, text in self._redis.hgetall(keys.GROUPS(stream)).items()}
        live = {row["name"]: row for row in self._redis.xinfo_groups(stream)} if self._redis.exists(stream) else {}
        return [self._state(stream, name, records.get(name), live.get(name)) for name in sorted({*records, *live})]

    def state(self, stream: str, group: str) -> Group:
        """Return one group. Raises UnknownGroupError."""
        found = next((one for one in self.states(stream) if one.name == group), None)
        if found is None:
            raise UnknownGroupError(f"no group {group!r} on {stream}; `rarewire consumers list` shows them")
        return found

    def replay(self, stream: str, group: str, start: str, *, skip: bool = False) -> int:
        """Give a group everything from `start` (an entry id, OLDEST or NEW) on again, and touch no other group.

        What it remembers of done events is forgotten from there on, or all of them would be passed over as duplicates.
        Returns how many articles it is given. Raises UnknownGroupError, TooOldError, and SkipsUnreadError where `start`
        lies ahead of the group, unless `skip` says that this is meant.
        """
        now = self.state(stream, group)
        if not now.registered or not now.exists:
            raise UnknownGroupError(f"{group!r} is not registered on {stream}; `rarewire consumers add` does it")
        if start not in {NEW, OLDEST}:
            self._refuse_trimmed(stream, start)
            start = before(start)
        ahead = now.lag > 0 if start == NEW else parts(start) > parts(now.position)
        if ahead and not skip:
            raise SkipsUnreadError(f"{group} has read up to {now.position}; starting there would skip what follows")
        if start != NEW:
            self._forget(stream, group, start)
        self._redis.xgroup_setid(stream, group, start)
        return self.state(stream, group).lag

    def dead(self, stream: str, group: str, *, most: int = 100, start: str = "-") -> list[Entry]:
        """Return what the group gave up, oldest first: the events' fields and `dead…` fields that say why."""
        rows: list[Entry] = self._redis.xrange(dead_stream(stream, group), start, count=most)
        return rows

    def every_dead(self, stream: str, group: str) -> Iterator[Entry]:
        """Yield all that the group gave up, oldest first."""
        start = "-"
        while rows := self.dead(stream, group, most=CHUNK, start=start):
            yield from rows
            start = f"({rows[-1][0]}"

    def redrive(self, stream: str, group: str, entries: Sequence[str]) -> tuple[int, list[str]]:
        """Give dead entries back to this one group. Returns how many, and those whose event was trimmed meanwhile.

        A second press moves 0. Raises UnknownGroupError.
        """
        self._record(stream, group)
        moved, gone = 0, []
        for first in range(0, len(entries), CHUNK):
            number, *left = self._db.script("redeliver", stream, group, *entries[first : first + CHUNK])
            moved += int(number)
            gone += left
        return moved, gone

    def trim(self, stream: str, *, retention: float, ceiling: int) -> Trimmed:
        """Free what is older than `retention` seconds and acknowledged by all; at any price stay below `ceiling`."""
        freed, more = 0, True
        while more:
            done = json.loads(self._db.script("trim", stream, repr(retention), ceiling))
            freed, more = freed + done["trimmed"], done.pop("more", False)
        return Trimmed(**{**done, "trimmed": freed})

    def prune(self, stream: str, *, idle: float = IDLE_CONSUMER) -> int:
        """Forget names of consumers that hold nothing and have not asked for `idle` seconds."""
        return int(self._db.script("prune", stream, idle))

    def alarm(self, stream: str) -> str:
        """Return `near` or `over` while a stream is close to its memory ceiling, else an empty text."""
        return str(self._redis.hget(keys.STREAM(stream), "alarm") or "")

    def trim_dead(self, stream: str, group: str, *, retention: float) -> int:
        """Free dead entries that are older than `retention` seconds."""
        oldest = f"{int((self._db.time() - retention) * 1000)}-0"
        return int(self._redis.xtrim(dead_stream(stream, group), minid=oldest, approximate=False))

    def _forget(self, stream: str, group: str, start: str) -> None:
        while last := self._db.script("forget", stream, group, f"({start}", CHUNK):
            start = str(last)

    def _record(self, stream: str, group: str) -> dict[str, Any]:
        text = self._redis.hget(keys.GROUPS(stream), group)
        if text is None:
            raise UnknownGroupError(
                f"no group {group!r} is registered on {stream}; `rarewire consumers list` shows them"
            )
        record: dict[str, Any] = json.loads(text)
        return record

    def _refuse_trimmed(self, stream: str, start: str) -> None:
        if not self._redis.exists(stream):
            return
        info = self._redis.xinfo_stream(stream)
        if info["entries-added"] == info["length"]:
            return
        oldest = info["first-entry"][0] if info["first-entry"] else info["last-generated-id"]
        if parts(start) < parts(oldest):
            raise TooOldError(start, oldest)

    def _state(self, stream: str, name: str, record: dict[str, Any] | None, live: dict[str, Any] | None) -> Group:
        known = record or {}
        position = live["last-delivered-id"] if live else known["position"]
        unread = self._redis.xrange(stream, f"({position}", count=1)
        pending = int(live["pending"]) if live else 0
        waiting = [row[0] for row in unread]
        # Between the two questions the last pending entry may have been acknowledged: then there is no oldest one.
        if pending and (first := self._redis.xpending(stream, name)["min"]):
            waiting.append(first)
        oldest = min(map(moment, waiting), default=None)
        return Group(
            stream=stream,
            name=name,
            registered=record is not None,
            exists=live is not None,
            owner=known.get("owner", ""),
            since=known.get("since"),
            position=position,
            lag=self._lag(stream, position, unread),
            pending=pending,
            consumers=int(live["consumers"]) if live else 0,
            oldest_unacked=None if oldest is None else max(self._db.time() - oldest, 0.0),
            lost=int(known.get("lost", 0)),
            dead=int(self._redis.xlen(dead_stream(stream, name))),
        )

    def _lag(self, stream: str, position: str, unread: Sequence[Entry]) -> int:
        """Subtract the numbers that articles carry; where entries carry none, count them."""
        if not unread:
            return 0
        fields = unread[0][1]
        if "sequence" not in fields:
            return self._counted(stream, position)
        read = int(fields["sequence"]) - (fields.get("type") != CANARY_TYPE)
        return int(self._redis.hget(keys.SEQUENCES(), stream) or 0) - read

    def _counted(self, stream: str, position: str) -> int:
        number, last = 0, position
        while rows := self._redis.xrange(stream, f"({last}", count=1_000):
            number, last = number + len(rows), rows[-1][0]
        return number


def dead_stream(stream: str, group: str) -> str:
    """Return the name of the stream that holds what a group gave up."""
    return f"{stream}:dead:{group}"
