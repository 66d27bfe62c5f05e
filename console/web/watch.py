"""The console's watch: shows its own life, judges the alerts, tells people, sums up the feeds, keeps the retention.

Of several consoles one leads, by a lease. It needs neither beat nor workers, so that it can tell of their death.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

import structlog
from starlette.concurrency import run_in_threadpool

from console.alerts.facts import gather
from console.alerts.hysteresis import advance
from console.alerts.rules import Cause, judge
from console.alerts.telling import send
from console.feed_rows import summary
from console.retention import keep_retention
from shared.life import mark
from shared.stores.connection import RedisError
from shared.stores.feeds import FeedStore
from shared.stores.notices import NoticeStore
from shared.stores.vitals import VitalStore

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from console.alerts.hysteresis import Telling
    from console.web.desk import Desk

EVERY = 5.0
LEASE = 20  # seconds
SUM_UP_EVERY = 60.0
RETENTION_EVERY = 3_600.0
SILENT = "ServerSilent"

log = structlog.get_logger()


@dataclass(kw_only=True)
class Watch:
    """One look after the other; `memory` bridges the time in which the server that keeps it does not answer."""

    desk: Desk
    memory: dict[str, dict[str, Any]] = field(default_factory=dict)
    summed_up: float = float("-inf")
    kept: float = float("-inf")

    def look(self) -> list[Telling]:
        """Look once; returns what was told."""
        db, settings = self.desk.database, self.desk.settings
        mark(settings.state_dir, "console")
        try:
            VitalStore(db).beat("console")
            if not NoticeStore(db).lead(self.desk.boot, seconds=LEASE):
                return []
            facts = gather(db, settings)
            self._sum_up(facts.now)
            self.memory = {**NoticeStore(db).causes(), **self._of_silence()}
            causes = judge(facts)
        except RedisError as error:
            return self._silent(error)
        told = self._tell(causes, now=facts.now, store=NoticeStore(db))
        self._keep(facts.now)
        return told

    def _tell(self, causes: list[Cause], *, now: float, store: NoticeStore | None) -> list[Telling]:
        self.memory, tellings = advance(self.memory, causes, now=now)
        if store:
            store.put_causes(self.memory)
        for telling in tellings:
            log.warning("alert", **asdict(telling))
            if store:
                kind = "recovered" if telling.recovered else "alert"
                store.add(kind=kind, about=telling.title, detail=telling.detail)
        if tellings:
            send(self.desk.settings, tellings)
        return tellings

    def _of_silence(self) -> dict[str, dict[str, Any]]:
        return {name: kept for name, kept in self.memory.items() if kept["rule"] == SILENT}

    def _silent(self, error: RedisError) -> list[Telling]:
        """Tell that the server is gone. Of all other causes nothing is known meanwhile, so that none is over."""
        now = time.time()
        others = {name: {**kept, "seen": now} for name, kept in self.memory.items() if kept["rule"] != SILENT}
        self.memory = self._of_silence()
        told = self._tell([_no_server(error)], now=now, store=None)
        self.memory |= others
        return told

    def _sum_up(self, now: float) -> None:
        if now - self.summed_up >= SUM_UP_EVERY:
            started, feeds = time.monotonic(), FeedStore(self.desk.database)
            found, order = summary(feeds.all(), now=now)
            VitalStore(self.desk.database).put_feed_health(found)
            feeds.put_order(order)
            # A hundred thousand feeds take seconds; they are summed up so rarely that it costs a twentieth of a core.
            self.summed_up = now + max(20 * (time.monotonic() - started) - SUM_UP_EVERY, 0.0)

    def _keep(self, now: float) -> None:
        if now - self.kept >= RETENTION_EVERY:
            self.kept = now
            keep_retention(self.desk.database, self.desk.settings, now=now)


def _no_server(error: RedisError) -> Cause:
    return Cause(
        rule=SILENT, about="", severity="critical", title="the server does not answer",
        detail=f"The server that holds all state cannot be reached: {error}", href="/",
    )  # fmt: skip


@asynccontextmanager
async def watching(desk: Desk, *, everything: bool) -> AsyncIterator[None]:
    """Watch as long as the console serves, if `everything` is wanted."""
    if not everything:
        yield
        return
    task = asyncio.create_task(_watch(Watch(desk=desk)))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _watch(watch: Watch) -> None:
    while True:
        try:
            await run_in_threadpool(watch.look)
        except Exception:  # a watch that dies of what it sees tells nobody
            log.exception("watch_failed")
        await asyncio.sleep(EVERY)
