"""When a cause is told: once it has lasted, and once it has been over for a while. Pure: causes and memory in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from console.alerts.rules import Cause

LASTS = {"critical": 20.0, "warning": 120.0}  # seconds a cause must last before it is told
QUIET = 180.0  # seconds a cause must be over before its recovery is told, so that flapping is one story


@dataclass(frozen=True, kw_only=True)
class Telling:
    """What is to be sent: a cause that began, or one that is over; `lasted` in seconds."""

    recovered: bool
    severity: str
    title: str
    detail: str
    rule: str
    about: str
    href: str
    lasted: float


def advance(
    memory: Mapping[str, Mapping[str, Any]], causes: Iterable[Cause], *, now: float
) -> tuple[dict[str, dict[str, Any]], list[Telling]]:
    """Return the new memory and what to tell. A memory is `since`, `seen`, `told` and the cause's words."""
    after: dict[str, dict[str, Any]] = {}
    tellings: list[Telling] = []
    firing = {cause.name: cause for cause in causes}
    for name, cause in firing.items():
        entry = dict(memory.get(name) or {"since": now, "told": False})
        entry |= {
            "seen": now, "rule": cause.rule, "about": cause.about, "severity": cause.severity, "title": cause.title,
            "detail": cause.detail, "href": cause.href,
        }  # fmt: skip
        if not entry["told"] and now - entry["since"] >= LASTS[cause.severity]:
            entry["told"] = True
            tellings.append(_telling(entry, now=now, recovered=False))
        after[name] = entry
    for name, kept in memory.items():
        if name in firing:
            continue
        if now - kept["seen"] < QUIET:
            after[name] = dict(kept)
        elif kept["told"]:
            tellings.append(_telling(kept, now=now, recovered=True))
    return after, tellings


def _telling(entry: Mapping[str, Any], *, now: float, recovered: bool) -> Telling:
    return Telling(
        recovered=recovered, severity=entry["severity"], title=entry["title"], detail=entry["detail"],
        rule=entry["rule"], about=entry["about"], href=entry["href"],
        lasted=(entry["seen"] if recovered else now) - entry["since"],
    )  # fmt: skip
