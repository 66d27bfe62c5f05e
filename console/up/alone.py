"""One role by itself: waits for the server, makes sure that it can hold the state, and becomes the role's process.

For containers and service managers, which restart what ends; on one machine `rarewire up` supervises all roles.
"""

from __future__ import annotations

import os
import sys
import time
from typing import TYPE_CHECKING, NoReturn

from console.up.roles import marks, role
from console.up.topics import NEED_RULES, check_topics
from shared.life import mark, note_role
from shared.stores.admission import UnusableServerError, admit, silence
from shared.stores.connection import RedisError, connect

if TYPE_CHECKING:
    from collections.abc import Callable

    from shared.settings import Settings

PATIENCE = 60.0  # seconds that a server is given to come up
PAUSE = 0.5


def become(name: str, settings: Settings) -> NoReturn:
    """Turn this process into a role.

    Raises LookupError, TimeoutError, UnusableServerError, CatalogueError, RuleError.
    """
    chosen = role(name, settings)
    if name in NEED_RULES:
        check_topics(settings)
    settings.state_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    note_role(settings.state_dir, name)
    # A probe must not blame a fresh process for what waited before it came.
    mark(settings.state_dir, marks(name)[0])
    prepare(name, settings)
    sys.stdout.flush()
    os.execv(chosen.command[0], chosen.command)  # noqa: S606 - our own command line


def prepare(
    name: str, settings: Settings, *, patience: float = PATIENCE, sleep: Callable[[float], None] = time.sleep
) -> None:
    """Wait until the server answers and admits us; the scheduler also sees to it that the feeds file is watched."""
    database, end = connect(settings.redis(), timeout=2.0, connections=2), time.monotonic() + patience
    while True:
        try:
            admit(database)
        except RedisError as error:
            if time.monotonic() > end:
                found, do = silence(error)
                raise TimeoutError(f"the server, within {patience:.0f} s: {found}; {do}") from error
            sleep(PAUSE)
        else:
            break
    if name == "scheduler":
        from schedulers.registry import sync_catalogue  # noqa: PLC0415 - the others need none of it

        sync_catalogue(settings.feeds_file, database)
    database.redis.close()


__all__ = ["UnusableServerError", "become", "prepare"]
