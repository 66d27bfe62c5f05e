"""Finds processes that live and do nothing, has the supervisor restart them, and publishes what it sees.

Runs in a thread of `rarewire up`. It judges by the pulses in the state's server (`console.health`) and by whether that
server answers at all; it never asks the processes themselves, because a stuck worker answers pings.
"""

from __future__ import annotations

import logging
import os
import platform
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from console.health import judge, to_restart
from shared.stores.connection import RedisError
from shared.stores.notices import NoticeStore
from shared.stores.trouble import is_loading
from shared.stores.vitals import VitalStore

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable

    from console.health import Health
    from console.up.supervisor import Supervisor
    from shared.stores.connection import Database

EVERY = 1.5
SERVER_STILL = 12.0  # seconds without an answer after which our own server is restarted
BREATH = 15.0  # seconds after the server was silent or took no writes, in which the living show life again

log = logging.getLogger(__name__)


@dataclass(kw_only=True)
class Watchdog:
    """One look is `look`; `run` looks until it is told to stop."""

    supervisor: Supervisor
    database: Database
    clock: Callable[[], float] = time.monotonic
    name: str = field(default_factory=lambda: f"{platform.node()}:{os.getpid()}")
    _silent_since: float | None = field(default=None, init=False)
    _mute: float = field(default=float("-inf"), init=False)  # when nobody could leave a sign of life
    _untold: str = field(default="", init=False)
    _restarts: dict[str, int] = field(default_factory=dict, init=False)

    def run(self, stop: threading.Event) -> None:
        """Look every few seconds. What goes wrong in a look is logged, and the next one is made all the same."""
        while not stop.wait(EVERY):
            try:
                self.look()
            except Exception:  # a watchdog that dies of what it sees guards nothing
                log.exception("the watchdog could not look")

    def look(self) -> list[Health]:
        """Judge all processes once; returns those that were restarted."""
        vitals = VitalStore(self.database)
        states = self.supervisor.states()
        try:
            vitals.answers()
            pulses, now = vitals.pulses(), vitals.now()
        except RedisError as error:
            if is_loading(error):
                self._silent_since, self._mute = None, self.clock()
            else:
                self._server_silent()
            return []
        self._silent_since = None
        if not self._takes_writes(vitals):
            return []
        self._tell_of_server()
        up = {state["name"]: state["up"] if state["pid"] else None for state in states}
        found = judge(pulses, now=now, up=up)
        self._tell_of_exits(states)
        sick = [health for health in to_restart(found) if up[health.role] is not None and self._can_tell()]
        for health in sick:
            self.supervisor.restart(health.role, health.why)
            NoticeStore(self.database).add(kind="restarted", about=health.role, detail=health.why)
            self._restarts[health.role] = self._restarts.get(health.role, 0) + 1  # told already
        vitals.publish_processes(self.name, [_row(state, found) for state in states])
        return sick

    def _takes_writes(self, vitals: VitalStore) -> bool:
        """Whether the server can be written to: one whose disk or memory is full answers, and nobody leaves a pulse."""
        try:
            vitals.beat("watchdog")
        except RedisError:
            self._mute = self.clock()
            return False
        return True

    def _can_tell(self) -> bool:
        """Whether silence means anything: after trouble with the server all are silent for a moment."""
        return self.clock() - self._mute > BREATH

    def _tell_of_exits(self, states: list[dict[str, Any]]) -> None:
        """Tell of processes that ended by themselves and were started again since the last look."""
        for state in states:
            known = self._restarts.setdefault(state["name"], state["restarts"])
            if state["restarts"] > known:
                NoticeStore(self.database).add(kind="restarted", about=state["name"], detail="it had ended by itself")
                self._restarts[state["name"]] = state["restarts"]

    def _server_silent(self) -> None:
        now = self._mute = self.clock()
        if self._silent_since is None:
            self._silent_since = now
        silent = now - self._silent_since
        if silent >= SERVER_STILL:
            why = f"no answer for {silent:.0f} s"
            self.supervisor.restart("server", why)
            self._silent_since, self._untold = None, why
            self._restarts["server"] = self._restarts.get("server", 0) + 1

    def _tell_of_server(self) -> None:
        """Tell of the server's restart now that there is a server again to keep the notice."""
        if self._untold:
            NoticeStore(self.database).add(kind="restarted", about="server", detail=self._untold)
            self._untold = ""


def _row(state: dict[str, Any], found: dict[str, Health]) -> dict[str, Any]:
    health = found.get(state["name"])
    running = state["pid"] is not None
    if health is None or not running:
        return {**state, "ok": running, "why": "runs" if running else "is being restarted", "seen": None}
    return {**state, "ok": health.ok, "why": health.why, "seen": health.seen and round(health.seen, 1)}
