"""The composition root of the beat and of the worker that runs its ticks; reads the settings at import."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from celery.signals import after_task_publish, task_prerun

from schedulers.ticking import Pace
from schedulers.unheard import LOOK_EVERY, unheard
from shared.broker import empty, make_app
from shared.life import mark
from shared.logs import configure
from shared.settings import settings
from shared.stores.connection import Database, connect
from shared.stores.vitals import VitalStore
from shared.topology import KEEP_HOUSE_TASK, TICK_QUEUE, TICK_TASK

if TYPE_CHECKING:
    from celery import Task

_settings = settings()
configure(level=_settings.log_level, as_json=_settings.log_json)

app = make_app("rarewire-scheduler", _settings.broker())
app.conf.beat_schedule = {
    # Two beats double it, which changes nothing.
    "tick": {"task": TICK_TASK, "schedule": 1.0, "options": {"queue": TICK_QUEUE}},
    # Often enough that no minute goes without its canary; all of it is idempotent.
    "keep-house": {"task": KEEP_HOUSE_TASK, "schedule": 20.0, "options": {"queue": TICK_QUEUE}},
}
app.conf.include = ["schedulers.tasks"]


looks = Pace(LOOK_EVERY)


@cache
def database() -> Database:
    """Connect on first use."""
    return connect(_settings.redis())


@after_task_publish.connect
def _beats(sender: str | None = None, **_kwargs: object) -> None:
    """Show that the beat lives: it has just sent a tick. What the scheduler sends has other names."""
    if sender != TICK_TASK:
        return
    mark(_settings.state_dir, "beat")
    vitals = VitalStore(database())
    vitals.beat("beat")
    if looks.allows():
        for queue in unheard(vitals.pulses(), now=vitals.now()):
            empty(app, queue)


@task_prerun.connect
def _ticks(task: Task[..., object], **_kwargs: object) -> None:
    """Leave a mark for a probe beside this process: it hears the beat."""
    mark(_settings.state_dir, task.name)
