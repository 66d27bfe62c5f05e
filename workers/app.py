"""The composition root of the workers: reads the settings at import, connects on first use, after the fork."""

from __future__ import annotations

import threading
from contextlib import nullcontext
from functools import cache
from typing import TYPE_CHECKING

from celery.signals import task_prerun, worker_process_init, worker_shutting_down

from shared.broker import make_app, ring
from shared.clock import SharedClock
from shared.life import mark
from shared.logs import configure
from shared.settings import settings
from workers.classify.rulesets import load_ruleset
from workers.containment import contain, deadline
from workers.keeping import KeptWork
from workers.ports import Ports, make_ports
from workers.stopping import GRACE, Stop

if TYPE_CHECKING:
    from celery import Task

    from workers.classify.core import Ruleset

_settings = settings()
configure(level=_settings.log_level, as_json=_settings.log_json)

app = make_app("rarewire", _settings.broker())
app.conf.include = ["workers.tasks"]

_in_child = threading.Event()
stop = Stop()


@worker_process_init.connect
def _start_child(**_kwargs: object) -> None:
    contain(_settings.child_memory_mb)
    _in_child.set()


@task_prerun.connect
def _looks(task: Task[..., object], **_kwargs: object) -> None:
    """Leave a mark for a probe beside this process: it hears its doorbells."""
    mark(_settings.state_dir, task.name)


@worker_shutting_down.connect
def _stops(**_kwargs: object) -> None:
    """Stop within seconds. Pool children are waited for: they end what they have, and nothing of it takes long."""
    stop.tell()
    if ports.cache_info().currsize and isinstance(work := ports().runner.work, KeptWork):
        stop.leave_in(GRACE, work.give_back)


@cache
def ports() -> Ports:
    """Make the ports of this process, on first use. Threads cannot be killed; their work has deadlines of its own."""
    guard = deadline if _in_child.is_set() else lambda _seconds: nullcontext()
    return make_ports(_settings, ring=lambda stage: ring(app, stage), guard=guard, stopping=stop)


@cache
def rulesets() -> tuple[Ruleset, ...]:
    """Load the rules of every topic that is set, once a process."""
    return tuple(load_ruleset(topic) for topic in _settings.topics)


@cache
def clock() -> SharedClock:
    """Make the clock of this process, on first use."""
    return SharedClock(read=ports().runner.work.now)


def now() -> float:
    """Epoch seconds for what is planned, dated and compared with the outside world's dates: the server's clock."""
    return clock()()
