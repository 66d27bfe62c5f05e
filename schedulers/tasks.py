"""The tick: look at every stage, take back what dead workers held, ring where something is due. Two beats may tick."""

from __future__ import annotations

from functools import cache

from schedulers.app import app
from shared.broker import ring
from shared.settings import settings
from shared.stores.connection import connect
from shared.stores.work import WorkStore
from shared.topology import TICK_TASK, Stage


@cache
def work() -> WorkStore:
    """Connect on first use."""
    return WorkStore(connect(settings().redis()))


@app.task(name=TICK_TASK)
def tick() -> None:
    """Sweep every stage; what is due there gets a doorbell unless one is on its way."""
    for stage in Stage:
        if work().sweep(stage).due and work().want_bell(stage):
            ring(app, stage)
