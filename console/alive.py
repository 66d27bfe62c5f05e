"""Whether the process of a role on this machine is alive, for the probes of containers: judged by what it did.

A worker leaves a mark whenever it looks at its stages. The pulses in Redis would not do: they speak for all workers of
a stage, and of three pods one may be stuck while two work. With nothing due, silence is rest; and while the server is
away a restart of the workers would not help. Not the health of the system (`console.health`).
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from console.health import judge_pulses, to_restart
from console.up.roles import stages
from shared.life import last_mark
from shared.stores.connection import RedisError
from shared.stores.vitals import VitalStore
from shared.stores.work import WorkStore
from shared.topology import TOPOLOGY

if TYPE_CHECKING:
    from pathlib import Path

    from shared.stores.connection import Database

PATIENCE = 60.0  # seconds that due work may wait while this process does not look at it


def alive(role: str, *, state: Path, database: Database, now: float | None = None) -> tuple[bool, str]:
    """Return whether it is alive, and why. One process of a role a state folder; `now`: epoch seconds, here."""
    try:
        if stages(role):
            return _worker(role, state, database, time.time() if now is None else now)
        return _by_pulse(role, database)
    except RedisError as error:
        return True, f"the server does not answer ({error}); a restart of this process would not help"


def _worker(role: str, state: Path, database: Database, now: float) -> tuple[bool, str]:
    seen = last_mark(state, [TOPOLOGY[stage].task for stage in stages(role)])
    if seen is not None and now - seen <= PATIENCE:
        return True, f"it looked at its stages {max(now - seen, 0.0):.0f} s ago"
    backlog = WorkStore(database).backlog()
    waits = max(backlog[stage]["oldest"] for stage in stages(role))
    if waits <= PATIENCE:
        return True, "nothing waits for it"
    looked = "has never looked" if seen is None else f"has not looked for {now - seen:.0f} s"
    return False, f"work has waited for {waits:.0f} s, and this process {looked}"


def _by_pulse(role: str, database: Database) -> tuple[bool, str]:
    """Judge beat, scheduler or console. None of them is blamed for what another one's silence explains."""
    vitals = VitalStore(database)
    found = judge_pulses(vitals.pulses(), now=vitals.now())
    if role not in found:
        return True, "it has not shown life yet"
    blamed = {health.role for health in to_restart(found)}
    return role not in blamed or found[role].seen is None, found[role].why
