"""Faults of one process: killed -9, or stopped for a while or until the watchdog replaces it."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

from benchmarks.chaos.target import Hit, later, tell

if TYPE_CHECKING:
    import random

    from benchmarks.chaos.target import Fault, Target

STOPPED_FOR = (2.0, 9.0)  # seconds a short SIGSTOP lasts


def killing(role: str, *, child: bool = False) -> Fault:
    """Kill -9 a role, or the first child of its pool."""

    def fault(target: Target, _rng: random.Random) -> Hit:
        target.kill(role, child=child)
        return Hit(what=f"kill -9 {role}{' child' if child else ''}")

    return fault


def stopping(role: str, *, for_good: bool = False) -> Fault:
    """SIGSTOP: continued after a while, or left to the watchdog."""

    def fault(target: Target, rng: random.Random) -> Hit:
        pid = target.kill(role, number=signal.SIGSTOP)
        if for_good:
            return Hit(what=f"SIGSTOP {role}, left to the watchdog", left=role)
        seconds = rng.uniform(*STOPPED_FOR)
        later(seconds, lambda: tell(pid, signal.SIGCONT))
        return Hit(what=f"SIGSTOP {role}", detail=f"for {seconds:.1f} s")

    return fault
