"""The tick: look at every stage, take back what dead workers held, ring where something is due. Two beats may tick."""

from __future__ import annotations

import time
from functools import cache
from typing import TYPE_CHECKING

from schedulers.app import app, database
from schedulers.emptied import begin_anew
from schedulers.feeds_file import FeedsFile
from schedulers.housekeeping import keep_house
from schedulers.ticking import Pace
from shared.broker import ring
from shared.settings import settings
from shared.stores.work import WorkStore
from shared.topology import BELL_EVERY, KEEP_HOUSE_TASK, TICK_TASK, Stage

if TYPE_CHECKING:
    from collections.abc import Callable


class Bells:
    """When each stage was rung last, in this process."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._rung: dict[Stage, float] = {}

    def wanted(self, stage: Stage, *, due: int) -> bool:
        """Whether to ring: something is due, or the stage was silent so long that its worker's life is in question."""
        silent = self._clock() - self._rung.get(stage, float("-inf"))
        return due > 0 or silent >= BELL_EVERY

    def rang(self, stage: Stage) -> None:
        """Remember it."""
        self._rung[stage] = self._clock()


@cache
def work() -> WorkStore:
    """Connect on first use."""
    return WorkStore(database())


bells = Bells()
ticks, rounds = Pace(0.3), Pace(5.0)
own_feeds = FeedsFile(path=path) if (path := settings().feeds_file) else None


@app.task(name=TICK_TASK)
def tick() -> None:
    """Sweep every stage; what is due there gets a doorbell unless one is on its way."""
    if not ticks.allows():
        return
    for stage in Stage:
        due = work().sweep(stage).due
        if bells.wanted(stage, due=due) and work().want_bell(stage):
            ring(app, stage)
            bells.rang(stage)


@app.task(name=KEEP_HOUSE_TASK)
def keep_streams() -> None:
    """Look whether the state is there, after the public streams (canary, retention, ceiling), and at the feeds file."""
    if not rounds.allows():
        return
    begin_anew(settings().feeds_file, database())
    keep_house(database(), settings())
    if own_feeds:
        own_feeds.look(database())
