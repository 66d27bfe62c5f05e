"""The facts that alerts are judged by, read from the stores in a few round trips."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from console.health import judge_pulses
from console.webhook_rows import WebhookRow, rows
from schedulers.core import HostAnswer, own_outage
from shared.stores.dead_letters import DeadLetterStore
from shared.stores.groups import GroupStore
from shared.stores.hosts import HostStore
from shared.stores.sites import SiteStore
from shared.stores.streams import public_streams
from shared.stores.vitals import VitalStore
from shared.stores.work import WorkStore
from shared.topology import Stage

if TYPE_CHECKING:
    from collections.abc import Mapping

    from console.health import Health
    from shared.settings import Settings
    from shared.stores.connection import Database

LATELY = 15  # minutes
SITES_LOOKED_AT = 200


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What is so now. `died`, `ended`, `lost`: the dead, all endings and taken-back leases of 15 minutes, by stage."""

    now: float
    health: Mapping[str, Health]
    processes: Mapping[str, Any] = field(default_factory=dict)
    backlog: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    died: Mapping[str, int] = field(default_factory=dict)
    ended: Mapping[str, int] = field(default_factory=dict)
    lost: Mapping[str, int] = field(default_factory=dict)
    groups: tuple[tuple[str, int], ...] = ()
    dead: int = 0
    feeds: Mapping[str, Any] = field(default_factory=dict)
    sites: Mapping[str, str] = field(default_factory=dict)
    lag: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    server: Mapping[str, Any] = field(default_factory=dict)
    last_published: float = 0.0
    webhooks: tuple[WebhookRow, ...] = ()
    own_outage: bool = False
    disk_free: float = 1.0


def gather(database: Database, settings: Settings) -> Facts:
    """Read the facts. Raises RedisError."""
    vitals, work, letters = VitalStore(database), WorkStore(database), DeadLetterStore(database)
    now, minutes, pulses = vitals.now(), vitals.minutes(LATELY), vitals.pulses()
    answers = [HostAnswer(host=host, at=at, reached=reached) for host, at, reached in HostStore(database).answers()]
    return Facts(
        now=now,
        health=judge_pulses(pulses, now=now),
        processes=vitals.processes(),
        backlog={stage.value: found for stage, found in work.backlog().items()},
        died={stage.value: _sum(minutes, f"{stage}:dead") for stage in Stage},
        ended={
            stage.value: _sum(minutes, f"{stage}:dead", f"{stage}:dropped", f"{stage}:forwarded") for stage in Stage
        },
        lost={stage.value: _sum(minutes, f"{stage}:taken_back") for stage in Stage},
        groups=tuple(letters.facet("group", most=3)),
        dead=letters.count(),
        feeds=vitals.feed_health(),
        sites=_drifting(database),
        server=vitals.server(),
        last_published=pulses.get("published", 0.0),
        lag=_lag(database, settings),
        webhooks=tuple(rows(database, public_streams(settings.topics, settings.facet_streams))),
        own_outage=own_outage(answers, now=now),
        disk_free=_disk_free(settings),
    )


def _drifting(database: Database) -> dict[str, str]:
    """Sites whose pages are read otherwise than before, and how, among those that were learnt from last."""
    alarms = {
        site["site"]: str(site["drift"].get("alarm", "")) for site in SiteStore(database).list(most=SITES_LOOKED_AT)
    }
    return {name: alarm for name, alarm in alarms.items() if alarm}


def _lag(database: Database, settings: Settings) -> dict[str, dict[str, float]]:
    groups, names = GroupStore(database), public_streams(settings.topics, settings.facet_streams)
    return {
        f"{group.name} on {stream}": {"lag": group.lag, "age": group.oldest_unacked or 0.0}
        for stream in names
        for group in groups.states(stream)
        if group.registered
    }


def _sum(minutes: list[dict[str, int]], *names: str) -> int:
    return sum(minute.get(name, 0) for minute in minutes for name in names)


def _disk_free(settings: Settings) -> float:
    try:
        usage = shutil.disk_usage(settings.state_dir)
    except OSError:
        return 1.0
    return usage.free / usage.total if usage.total else 1.0
