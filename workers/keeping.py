"""Leases of work in the hands of threads, kept alive by the process that does it. Not for pool children.

A page may take 25 seconds, but what a killed worker held must not lie that long. So leases are short, and this renews
them every few seconds, for as long as a piece of work may take and no longer: a thread that hangs keeps nothing. A
worker that is to stop claims nothing more, and gives back what its threads could not end.
"""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from contextlib import suppress
from typing import TYPE_CHECKING

from shared.stores.connection import RedisError
from shared.stores.work import Claimed, WorkStore
from shared.topology import TOPOLOGY, Stage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from shared.stores.connection import Database
    from shared.stores.work import Completion, Turned, Wanted

KEEP_EVERY = 4.0  # seconds between two renewals: a lease outlives three that fail
SLACK = 5.0  # seconds beyond its limit that a piece of work is kept: it waits for its neighbours to be written

Piece = tuple[Stage, str]


class KeptWork(WorkStore):
    """A `WorkStore` that renews what it handed out to threads until it is ended."""

    def __init__(
        self,
        database: Database,
        *,
        clock: Callable[[], float] = time.monotonic,
        stopping: Callable[[], bool] = lambda: False,
    ) -> None:
        super().__init__(database)
        self._clock, self._stopping = clock, stopping
        self._held: dict[Piece, tuple[Claimed, float]] = {}  # the work, and until when it is kept
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def claim(self, stage: Stage, *, most: int, lease: float) -> list[Claimed]:
        """Take due work under a lease that is kept; none while the worker stops."""
        if self._stopping():
            return []
        claimed = super().claim(stage, most=most, lease=lease)
        self._keep(claimed)
        return claimed

    def renew(self, work: Sequence[Claimed], lease: float) -> int:
        """Extend leases: a worker comes to the next piece of its batch now."""
        self._keep(work)
        return super().renew(work, lease)

    def turn_over(
        self, endings: Sequence[tuple[Claimed, Completion]], *, feeds: Stage | None = None, then: Wanted | None = None
    ) -> Turned:
        """End work and keep it no longer; keep what is taken with it."""
        turned = super().turn_over(endings, feeds=feeds, then=None if self._stopping() else then)
        self._let_go(work for work, _ in endings)
        self._keep(turned.claimed)
        return turned

    def defer(self, work: Claimed, until: float) -> bool:
        """Put work back and keep it no longer."""
        done = super().defer(work, until)
        self._let_go([work])
        return done

    def keep(self) -> int:
        """Renew what is kept, once; returns how many leases held."""
        now = self._clock()
        with self._lock:
            self._held = {piece: (work, until) for piece, (work, until) in self._held.items() if until > now}
            batches: dict[tuple[Stage, str], list[Claimed]] = defaultdict(list)
            for work, _ in self._held.values():
                batches[work.stage, work.token].append(work)
        return sum(super(KeptWork, self).renew(batch, TOPOLOGY[stage].lease) for (stage, _), batch in batches.items())

    def give_back(self) -> int:
        """Let others have at once what is still in hands, which costs it no try; returns how much that was."""
        with self._lock:
            held = [work for work, _ in self._held.values()]
            self._held.clear()
        given = 0
        for work in held:
            with suppress(RedisError):  # the others are not to wait for its lease
                given += super().defer(work, work.slot or work.first_at)
        return given

    def _keep(self, claimed: Sequence[Claimed]) -> None:
        threaded = [work for work in claimed if TOPOLOGY[work.stage].pool == "threads"]
        if not threaded:
            return
        with self._lock:
            for work in threaded:
                self._held[work.stage, work.id] = work, self._clock() + TOPOLOGY[work.stage].item_limit + SLACK
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="lease-keeper", daemon=True)
                self._thread.start()

    def _let_go(self, ended: Iterable[Claimed]) -> None:
        with self._lock:
            for work in ended:
                self._held.pop((work.stage, work.id), None)

    def _run(self) -> None:
        pause = threading.Event()
        while not pause.wait(KEEP_EVERY):
            with suppress(RedisError):  # the next round comes before the lease is over
                self.keep()
