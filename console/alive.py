"""Whether a role's process on this machine is alive, for the probes of containers and units: judged by what it did.

A process leaves a mark in its state folder whenever it did something. The pulses in Redis would not do: they speak for
all processes of a role together, and of three one may be stuck while two work. With nothing due, silence is rest; and
while the server or the broker is away a restart would not help. Not the health of the system (`console.health`).

    python -m console.alive ROLE     exit code 0: alive, 1: not; `here` is the role that `rarewire run` was given last
"""

from __future__ import annotations

import socket
import sys
import time
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from console.up.roles import NAMES, marks, stages
from shared.life import last_mark, role_here
from shared.settings import settings
from shared.stores.connection import RedisError, connect
from shared.stores.vitals import VitalStore
from shared.stores.work import WorkStore

if TYPE_CHECKING:
    from pathlib import Path

    from shared.settings import Settings
    from shared.stores.connection import Database

PATIENCE = 60.0  # seconds that due work may wait while this process does not look at it
BEAT_STILL = 15.0  # seconds without a beat after which nobody can expect ticks
PORTS = {"amqp": 5672, "amqps": 5671, "pyamqp": 5672, "redis": 6379, "rediss": 6379}


def alive(
    role: str, *, state: Path, database: Database, broker: str = "", now: float | None = None
) -> tuple[bool, str]:
    """Return whether it is alive, and why. One process of a role a state folder.

    `broker`: its URL where it is not the server itself; `now`: epoch seconds by this machine.
    """
    seen = last_mark(state, marks(role))
    ago = None if seen is None else max((time.time() if now is None else now) - seen, 0.0)
    if ago is not None and ago <= PATIENCE:
        return True, f"it showed life {ago:.0f} s ago"
    try:
        fault = _blame(role, database)
    except RedisError as error:
        return True, f"the server does not answer ({error}); a restart of this process would not help"
    if fault and not _reachable(broker):
        return True, "the broker does not answer; a restart of this process would not help"
    if not fault:
        return True, "nothing waits for it"
    return False, f"{fault}, and this process " + (
        "has never shown life" if ago is None else f"has not shown life for {ago:.0f} s"
    )


def _blame(role: str, database: Database) -> str:
    """Return what a process of this role should have done by now, or '' if nothing. Raises RedisError."""
    if stages(role):
        backlog = WorkStore(database).backlog()
        waits = max(backlog[stage]["oldest"] for stage in stages(role))
        return f"work has waited for {waits:.0f} s" if waits > PATIENCE else ""
    vitals = VitalStore(database)
    vitals.answers()
    if role == "scheduler":
        ticks = vitals.now() - vitals.pulses().get("beat", 0.0) <= BEAT_STILL
        return "ticks come" if ticks else ""
    return "it should show life every few seconds"


def _reachable(broker: str) -> bool:
    """Whether a broker takes connections; True where its URL names no host and port that could be asked."""
    parts = urlsplit(broker.partition(";")[0])
    port = parts.port or PORTS.get(parts.scheme)
    if not parts.hostname or not port:
        return True
    try:
        with socket.create_connection((parts.hostname, port), timeout=3):
            return True
    except OSError:
        return False


def probe(role: str, chosen: Settings) -> tuple[bool, str]:
    """Ask about a role by the settings. Raises LookupError where no server is known, ValueError for an unknown role."""
    name = role_here(chosen.state_dir) if role == "here" else role
    if name not in NAMES:
        raise ValueError(f"there is no role {name!r}; there are {', '.join(NAMES)}")
    database = connect(chosen.redis(), timeout=3.0, connections=2)
    broker = chosen.broker_url.get_secret_value() if chosen.broker_url else ""
    try:
        return alive(name, state=chosen.state_dir, database=database, broker=broker)
    finally:
        database.redis.close()


def main() -> int:
    """Probe the role that the command line names; says why on standard error."""
    role = sys.argv[1] if len(sys.argv) > 1 else "here"
    try:
        well, why = probe(role, settings())
    except (LookupError, ValueError) as error:
        sys.stderr.write(f"rarewire: {error}\n")
        return 2
    sys.stderr.write(f"{role}: {why}\n")
    return 0 if well else 1


if __name__ == "__main__":
    sys.exit(main())
