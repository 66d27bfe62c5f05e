"""The test bench: a server, a proxy, a group, the consumer under test, and what was given to it."""

from __future__ import annotations

import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

from console.conformance.proxy import Proxy
from console.conformance.server import ThrowAwayServer
from console.conformance.subject import Subject
from shared.stores.groups import GroupStore, dead_stream

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path
    from types import TracebackType

STREAM, GROUP = "rarewire:conformance:v1", "conformance"
CLAIM_AFTER_MS, MAX_DELIVERIES = 400, 3
HOLD = 0.5  # seconds that an acknowledgement is held back while its effect is not to be seen
EARLY = "acknowledges an event before its work is done: what it dies on is lost"
CERTAIN = 3  # of them are no accident, and no more are waited for
BROAD = frozenset({b"FLUSHALL", b"FLUSHDB", b"KEYS", b"SHUTDOWN", b"CONFIG"})
ON_THE_STREAM = frozenset({b"XTRIM", b"XDEL", b"DEL", b"UNLINK", b"XADD", b"XSETID", b"EXPIRE", b"RENAME"})


@dataclass(frozen=True, kw_only=True)
class Given:
    """An entry that was given: its event's id, and whether working on it must have an effect."""

    entry: str
    event: str
    effect: bool


@dataclass(kw_only=True)
class Bench:
    """Everything around one consumer; a context manager. `patience`: seconds to wait for what must come."""

    folder: Path
    command: Sequence[str]
    patience: float
    binary: str = ""
    given: dict[str, Given] = field(default_factory=dict)
    wrongs: Counter[str] = field(default_factory=Counter)

    def __enter__(self) -> Self:
        self.server = ThrowAwayServer(self.folder, binary=self.binary)
        self.server.start()
        self.database = self.server.database()
        self.groups = GroupStore(self.database)
        self.groups.add(STREAM, GROUP, owner="the conformance kit")
        self._lock = threading.Lock()
        self.proxy = Proxy(self.server.port, self._watch)
        url = self.server.url.replace(f":{self.server.port}/", f":{self.proxy.port}/")
        self.subject = Subject(
            self.command,
            {
                "RAREWIRE_REDIS_URL": url,
                "RAREWIRE_STREAM": STREAM,
                "RAREWIRE_GROUP": GROUP,
                "RAREWIRE_CLAIM_AFTER_MS": str(CLAIM_AFTER_MS),
                "RAREWIRE_MAX_DELIVERIES": str(MAX_DELIVERIES),
            },
        )
        try:
            self.subject.start()
        except OSError:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.subject.kill()
        self.proxy.close()
        self.server.kill()

    def give(self, fields: Mapping[str, str], *, effect: bool = True) -> Given:
        """Append an entry; `effect`: whether the consumer must print the event's id."""
        with self._lock:  # no acknowledgement is judged before its entry is known
            entry = str(self.database.redis.xadd(STREAM, dict(fields)))
            given = self.given[entry] = Given(entry=entry, event=fields.get("id", ""), effect=effect)
        return given

    def take_as_another(self, given: Sequence[Given], *, deliveries: int = 1) -> None:
        """Have a consumer hold entries that died long ago, and was given them so often."""
        self.database.redis.xreadgroup(GROUP, "dead-consumer", {STREAM: ">"}, count=len(given))
        # A killed subject's last request may still stand at the server, which then gave the entries to it.
        self.database.redis.xclaim(
            STREAM,
            GROUP,
            "dead-consumer",
            0,
            [one.entry for one in given],
            idle=CLAIM_AFTER_MS * 100,
            retrycount=deliveries,
            force=True,
            justid=True,
        )

    def until(self, met: Callable[[], bool]) -> bool:
        """Wait for a condition, up to the patience; False if it is not met, or the consumer ended meanwhile."""
        end = time.monotonic() + self.patience
        while not met():
            if time.monotonic() > end or not self.subject.alive:
                return met()
            time.sleep(0.02)
        return True

    def settled(self) -> bool:
        """Whether everything was delivered and nothing is pending."""
        state = self.groups.state(STREAM, GROUP)
        return state.pending == 0 and not self.database.redis.xrange(STREAM, f"({state.position}", count=1)

    def dead(self) -> list[dict[str, str]]:
        """Return what is on the group's dead stream."""
        rows: list[tuple[str, dict[str, str]]] = self.database.redis.xrange(dead_stream(STREAM, GROUP))
        return [fields for _, fields in rows]

    def effects_of(self, event: str) -> int:
        """Return how often an event's id was printed."""
        return self.subject.effects.count(event)

    def _watch(self, command: list[bytes]) -> None:
        verb, words = command[0].upper(), command[1:]
        if verb == b"XACK" and len(words) > 2 and words[0] == STREAM.encode():  # noqa: PLR2004 - key, group, entries
            for entry in words[2:]:
                self._judge_ack(entry.decode(errors="replace"))
        elif verb == b"XREADGROUP" and b"NOACK" in [word.upper() for word in words]:
            self.wrongs["reads with NOACK: what it is given while it dies is lost"] += 1
        elif verb in BROAD:
            self.wrongs[f"sends {verb.decode()}, which is not a consumer's to send"] += 1
        elif verb in ON_THE_STREAM and words and words[0] == STREAM.encode():
            self.wrongs[f"sends {verb.decode()} on the stream, which other teams read"] += 1

    def _judge_ack(self, entry: str) -> None:
        with self._lock:
            given = self.given.get(entry)
        if given is None or not given.effect:
            return
        # The acknowledgement is held here, so a consumer that waits for its answer cannot have the effect meanwhile.
        hold = HOLD if self.wrongs[EARLY] < CERTAIN else 0.0
        if not self.subject.wait_for_effect(given.event, hold):
            self.wrongs[EARLY] += 1
