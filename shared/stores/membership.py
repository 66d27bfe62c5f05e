"""What one member of a consumer group asks of the server: new entries, stale ones, acknowledgement, burial, hand-back.

The commands of a consumer, without its loop and its patience (`shared.consumer`). Redis 7.0 commands only.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from redis.exceptions import ResponseError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from redis import Redis

PAGE = 100  # pending entries looked at in one command


class GroupMissingError(LookupError):
    """The group is not registered on the stream."""


@dataclass(frozen=True, kw_only=True)
class Held:
    """An entry in a member's hands; `number` counts its deliveries, from 1."""

    entry: str
    fields: dict[str, str]
    number: int


@dataclass(frozen=True, kw_only=True)
class Stale:
    """What a look for stale entries found: taken over, delivered too often, and trimmed while they were pending."""

    taken: tuple[Held, ...] = ()
    spent: tuple[Held, ...] = ()
    trimmed: tuple[str, ...] = ()


class Membership:
    """One consumer's name in one group. `waits`: seconds before an entry is stale, by its number of deliveries."""

    def __init__(self, redis: Redis, *, stream: str, group: str, name: str, waits: Sequence[float]) -> None:
        self._redis: Any = redis
        self.stream, self.group, self.name = stream, group, name
        self._waits = tuple(waits)

    def fresh(self, most: int, block: float) -> list[Held]:
        """Take new entries, waiting up to `block` seconds. Raises GroupMissingError."""
        with self._registered():
            answer = self._redis.xreadgroup(
                self.group, self.name, {self.stream: ">"}, count=most, block=int(block * 1000)
            )
        # Older protocol versions answer a list of pairs, newer ones a mapping.
        pairs = answer.items() if isinstance(answer, dict) else answer or ()
        return [Held(entry=entry, fields=fields, number=1) for _, rows in pairs for entry, fields in rows]

    def stale(self, most: int) -> Stale:
        """Take over up to `most` entries held for longer than their wait. Raises GroupMissingError."""
        found: list[dict[str, Any]] = []
        start, idle = "-", int(min(self._waits) * 1000)
        while len(found) < most:
            with self._registered():
                rows = self._redis.xpending_range(self.stream, self.group, min=start, max="+", count=PAGE, idle=idle)
            found += [row for row in rows if self._is_stale(row)]
            if len(rows) < PAGE:
                break
            start = f"({rows[-1]['message_id']}"
        return self._take_over(found[:most])

    @contextmanager
    def _registered(self) -> Iterator[None]:
        try:
            yield
        except ResponseError as error:
            if "NOGROUP" not in str(error):
                raise
            raise GroupMissingError(
                f"{self.group!r} is not registered on {self.stream}; `rarewire consumers add {self.group}` does it"
            ) from error

    def _is_stale(self, row: dict[str, Any]) -> bool:
        wait = self._waits[min(max(int(row["times_delivered"]), 1), len(self._waits)) - 1]
        return int(row["time_since_delivered"]) >= wait * 1000

    def _take_over(self, rows: Sequence[dict[str, Any]]) -> Stale:
        if not rows:
            return Stale()
        numbers = {row["message_id"]: int(row["times_delivered"]) + 1 for row in rows}
        # Of several members that see the same stale entry one gets it: the claim starts its idle time anew.
        claimed = self._redis.xclaim(self.stream, self.group, self.name, int(min(self._waits) * 1000), list(numbers))
        held = [
            Held(entry=entry, fields=fields, number=numbers[entry]) for entry, fields in claimed if fields is not None
        ]
        missing = numbers.keys() - {one.entry for one in held}
        return Stale(
            taken=tuple(one for one in held if one.number <= len(self._waits)),
            spent=tuple(one for one in held if one.number > len(self._waits)),
            trimmed=tuple(entry for entry in sorted(missing) if self._drop_trimmed(entry)),
        )

    def _drop_trimmed(self, entry: str) -> bool:
        """Drop an entry that is pending and no longer there; one that is there was claimed by a quicker member."""
        if self._redis.xrange(self.stream, entry, entry):
            return False
        self._redis.xack(self.stream, self.group, entry)
        return True

    def acknowledge(self, entry: str, *, event: str = "", remember: float = 0.0) -> None:
        """Acknowledge an entry and, in one transaction, remember its event's id for so many seconds."""
        pipe = self._redis.pipeline()
        if remember and event:
            pipe.set(self._memory(event), "1", ex=int(remember))
        pipe.xack(self.stream, self.group, entry)
        pipe.execute()

    def remembers(self, event: str) -> bool:
        """Return whether the group has done an event with this id before."""
        return bool(self._redis.exists(self._memory(event)))

    def bury(self, held: Held, *, reason: str, why: str) -> None:
        """Move an entry to the group's dead stream, whole, with what became of it, in one transaction."""
        about = {
            "deadreason": reason,
            "deaderror": why[:1_000],
            "deadentry": held.entry,
            "deaddeliveries": str(min(held.number, len(self._waits))),
            "deadconsumer": self.name,
            "deadgroup": self.group,
            "deadat": datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        }
        pipe = self._redis.pipeline()
        pipe.xadd(f"{self.stream}:dead:{self.group}", {**held.fields, **about})
        pipe.xack(self.stream, self.group, held.entry)
        pipe.execute()

    def still_held(self, entries: Sequence[str]) -> set[str]:
        """Start the waits of entries that are still ours anew; returns which those are. `entries` in stream order."""
        rows = self._redis.xpending_range(
            self.stream, self.group, min=entries[0], max=entries[-1], count=PAGE * 10, consumername=self.name
        )
        ours = {row["message_id"] for row in rows}.intersection(entries)
        if ours:
            self._redis.xclaim(self.stream, self.group, self.name, 0, sorted(ours), justid=True)
        return ours

    def postpone(self, held: Held, seconds: float) -> None:
        """Let an entry that is still ours be stale in so many seconds, instead of after the wait of its delivery.

        Never later than that wait: longer than it nothing is held by anyone.
        """
        wait = self._waits[min(max(held.number, 1), len(self._waits)) - 1]
        if self.still_held([held.entry]):
            idle = int(max(wait - seconds, 0.0) * 1000)
            self._redis.xclaim(self.stream, self.group, self.name, 0, [held.entry], idle=idle, justid=True)

    def hand_back(self, held: Sequence[Held]) -> None:
        """Let others have at once what was taken and not begun, without counting it as a delivery."""
        idle = int(max(self._waits) * 1000) + 1
        ours = self.still_held([one.entry for one in held]) if held else set()
        for one in held:
            if one.entry in ours:
                self._redis.xclaim(
                    self.stream,
                    self.group,
                    self.name,
                    0,
                    [one.entry],
                    idle=idle,
                    retrycount=one.number - 1,
                    justid=True,
                )

    def _memory(self, event: str) -> str:
        return f"{self.stream}:seen:{self.group}:{event}"
