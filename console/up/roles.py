"""The processes of one machine, as data: what `rarewire up` runs, and what a deployment runs one container each of."""

from __future__ import annotations

import signal
import sys
from typing import TYPE_CHECKING

from console.up.supervisor import Role
from shared.topology import TICK_QUEUE, TOPOLOGY

if TYPE_CHECKING:
    from shared.settings import Settings

# Gossip, mingle and heartbeats between workers cost messages and tell nothing that the state in Redis does not.
QUIET = ("--without-gossip", "--without-mingle", "--without-heartbeat")


def celery(app: str, *arguments: str) -> tuple[str, ...]:
    """Return a Celery command line for one of our apps."""
    return (sys.executable, "-m", "celery", "-A", app, *arguments)


def worker(name: str, pool: str, concurrency: int) -> Role:
    """Return a worker for the stages of one pool kind."""
    queues = ",".join(row.queue for row in TOPOLOGY.values() if row.pool == pool)
    return Role(
        name=name,
        command=celery(
            "workers.app",
            "worker",
            "-Q",
            queues,
            "-P",
            pool,
            "-c",
            str(concurrency),
            "-n",
            f"{name}@%h",
            "-l",
            "WARNING",
            *QUIET,
        ),
    )


def roles(settings: Settings) -> tuple[Role, ...]:
    """Return all processes but the server."""
    return (
        Role(
            name="scheduler",
            command=celery(
                "schedulers.app",
                "worker",
                "-Q",
                TICK_QUEUE,
                "-P",
                "solo",
                "-n",
                "scheduler@%h",
                "-l",
                "WARNING",
                *QUIET,
            ),
        ),
        Role(name="beat", command=celery("schedulers.app", "beat", "-l", "WARNING", "--pidfile=")),
        worker("web", "threads", settings.fetch_threads),
        worker("text", "prefork", settings.text_processes),
        Role(name="console", command=(sys.executable, "-m", "console.web"), stop_signal=signal.SIGINT),
    )
