"""Which processes do their work, judged by the pulses that work leaves behind. Pure: pulses and `now` in, verdicts out.

A worker that holds its connection and takes nothing looks alive to a ping. Here it is unhealthy as soon as nobody has
looked at its stages for a while: doorbells come at least every `BELL_EVERY` seconds, so a living worker looks.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from shared.topology import BELL_EVERY, TOPOLOGY

if TYPE_CHECKING:
    from collections.abc import Mapping

# Seconds without a sign of life. A worker shows it when it looks, ends work, or renews the leases of what takes long.
STILL = {
    "beat": 8.0, "scheduler": 10.0, "console": 25.0, "web": BELL_EVERY + 10.0, "text": BELL_EVERY + 10.0,
    "webhooks": 25.0,
}  # fmt: skip
# Not every system has these: without a supervisor's word they are judged for a day after they last showed life.
OPTIONAL = frozenset({"webhooks"})
DAY = 86_400.0
GRACE = 25.0  # seconds that a fresh process is given to show life


@dataclass(frozen=True, kw_only=True)
class Health:
    """A role's health. `seen`: seconds since its last sign of life, None if there never was one."""

    role: str
    ok: bool
    why: str
    seen: float | None


def signs(role: str) -> tuple[str, ...]:
    """Return the pulses that speak for a role."""
    pools = {"web": "threads", "text": "prefork"}
    if role in pools:
        return tuple(row.stage.value for row in TOPOLOGY.values() if row.pool == pools[role])
    single = {"scheduler": ("tick",), "beat": ("beat",), "console": ("console",), "webhooks": ("webhooks",)}
    return single.get(role, ())


def judge(pulses: Mapping[str, float], *, now: float, up: Mapping[str, float | None]) -> dict[str, Health]:
    """Judge each role in `up` (seconds since its process started; None: it is not running or not known)."""
    return {role: _judge(role, pulses, now=now, up=seconds) for role, seconds in up.items() if role in STILL}


def judge_pulses(pulses: Mapping[str, float], *, now: float) -> dict[str, Health]:
    """Judge every role by its pulses alone, for deployments without our supervisor."""
    lately = {role for role in OPTIONAL if now - (_last(role, pulses) or 0.0) < DAY}
    known = [role for role in STILL if role not in OPTIONAL or role in lately]
    return {role: _by_pulse(role, _last(role, pulses), now=now) for role in known}


def to_restart(found: Mapping[str, Health]) -> list[Health]:
    """Return what is to be restarted. Without a beat there are no ticks and no bells: then it alone is at fault."""
    sick = [health for health in found.values() if not health.ok]
    for cause in ("beat", "scheduler"):
        if any(health.role == cause for health in sick):
            return [health for health in sick if health.role in {cause, "console", "webhooks"}]
    return sick


def _judge(role: str, pulses: Mapping[str, float], *, now: float, up: float | None) -> Health:
    last = _last(role, pulses)
    if up is not None and (last is None or now - last > up):
        fresh = up < max(GRACE, STILL[role])
        why = "starting" if fresh else f"no sign of life since its start {up:.0f} s ago"
        return Health(role=role, ok=fresh, why=why, seen=None)
    return _by_pulse(role, last, now=now)


def _by_pulse(role: str, last: float | None, *, now: float) -> Health:
    if last is None:
        return Health(role=role, ok=False, why="no sign of life yet", seen=None)
    seen = max(now - last, 0.0)
    if seen <= STILL[role]:
        return Health(role=role, ok=True, why="works", seen=seen)
    return Health(role=role, ok=False, why=f"no sign of life for {seen:.0f} s", seen=seen)


def _last(role: str, pulses: Mapping[str, float]) -> float | None:
    return max((pulses[name] for name in signs(role) if name in pulses), default=None)
