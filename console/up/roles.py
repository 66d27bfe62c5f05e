"""The processes of a system, as data: what `rarewire up` runs all of, and `rarewire run ROLE` one of.

So a supervisor, a container and a systemd unit run the same commands. `web` and `text` do two stages each, which suits
one machine; a cluster may run each stage by itself instead, under the stage's name.
"""

from __future__ import annotations

import signal
import sys
from typing import TYPE_CHECKING

from console.up.supervisor import Role
from shared.topology import TICK_QUEUE, TICK_TASK, TOPOLOGY, Stage
from workers.deliver.catalogue import endpoints

if TYPE_CHECKING:
    from shared.settings import Settings

# Gossip, mingle and heartbeats between workers cost messages and tell nothing that the state in Redis does not.
QUIET = ("--without-gossip", "--without-mingle", "--without-heartbeat")
POOLS = {"web": "threads", "text": "prefork"}
ON_ONE_MACHINE = ("scheduler", "beat", "web", "text", "console")
WEBHOOKS = "webhooks"  # runs only where endpoints are configured
NAMES = (*ON_ONE_MACHINE, WEBHOOKS, *(stage.value for stage in Stage))


def celery(app: str, *arguments: str) -> tuple[str, ...]:
    """Return a Celery command line for one of our apps."""
    return (sys.executable, "-m", "celery", "-A", app, *arguments)


def stages(name: str) -> tuple[Stage, ...]:
    """Return the stages that a role works at, in flow order; none for the others."""
    return tuple(row.stage for row in TOPOLOGY.values() if name == row.stage or POOLS.get(name) == row.pool)


def marks(name: str) -> tuple[str, ...]:
    """Return the marks of life that a role's process leaves (`shared.life`): by the tasks it hears, else its own."""
    heard = tuple(TOPOLOGY[stage].task for stage in stages(name))
    return heard or (TICK_TASK if name == "scheduler" else name,)


def role(name: str, settings: Settings) -> Role:
    """Return one of `NAMES`. Raises KeyError, and EndpointError for webhooks that cannot be used."""
    if stages(name):
        return _worker(name, settings)
    if name == "scheduler":
        return _celery_worker(name, "schedulers.app", queues=(TICK_QUEUE,), pool="solo", concurrency=1)
    if name == "beat":
        return Role(name=name, command=celery("schedulers.app", "beat", "-l", "WARNING", "--pidfile="))
    if name == "console":
        return Role(name=name, command=(sys.executable, "-m", "console.web"), stop_signal=signal.SIGINT)
    if name == WEBHOOKS:
        endpoints(settings)  # a fault in their file is told before anything is waited for
        return Role(name=name, command=(sys.executable, "-m", "workers.deliver"))
    raise KeyError(name)


def roles(settings: Settings) -> tuple[Role, ...]:
    """Return all processes of one machine but the server. Raises EndpointError for webhooks that cannot be used."""
    names = (*ON_ONE_MACHINE, WEBHOOKS) if endpoints(settings) else ON_ONE_MACHINE
    return tuple(role(name, settings) for name in names)


def _worker(name: str, settings: Settings) -> Role:
    pool = TOPOLOGY[stages(name)[0]].pool
    concurrency = settings.fetch_threads if pool == "threads" else settings.text_processes
    queues = tuple(TOPOLOGY[stage].queue for stage in stages(name))
    return _celery_worker(name, "workers.app", queues=queues, pool=pool, concurrency=concurrency)


def _celery_worker(name: str, app: str, *, queues: tuple[str, ...], pool: str, concurrency: int) -> Role:
    given = ("-Q", ",".join(queues), "-P", pool, "-c", str(concurrency), "-n", f"{name}@%h", "-l", "WARNING")
    return Role(name=name, command=celery(app, "worker", *given, *QUIET))
