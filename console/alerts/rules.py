"""What is wrong, judged from the facts. Pure: facts in, causes out, each once and with the place where one acts.

Every rule has a section of the same name in docs/operations.md and, where Prometheus can see it, a twin in
deploy/prometheus/alerts.yaml.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from console.health import to_restart
from console.webhook_rows import DISABLED
from console.words import DAY, duration, plural, size

if TYPE_CHECKING:
    from collections.abc import Iterator

    from console.alerts.facts import Facts

Severity = Literal["critical", "warning"]

STUCK = 60.0  # seconds that due work may wait
DYING_LEAST, DYING_SHARE = 10, 0.2  # dead letters in 15 minutes, and their share of what was ended
LOST_LEAST = 3  # leases taken back from lost workers in 15 minutes
MANY_FEEDS = 10  # silent or failing feeds of which one alert is made instead of one each
MEMORY_SHARE, DISK_SHARE = 0.8, 0.05
SILENCE = 2.0 * DAY  # without any publication
LAG_AGE, LAG_COUNT = 3_600.0, 10_000
UNDELIVERED = 600.0  # seconds that an endpoint's oldest event may wait while posts fail


@dataclass(frozen=True, kw_only=True)
class Cause:
    """Something that is wrong. `name` is the same as long as it is the same cause; `href` is where to look."""

    rule: str
    about: str
    severity: Severity
    title: str
    detail: str
    href: str

    @property
    def name(self) -> str:
        """The cause's name: rule and what it is about."""
        return f"{self.rule}/{self.about}" if self.about else self.rule


def judge(facts: Facts) -> list[Cause]:
    """Return what is wrong now, the worst first."""
    found = [
        cause
        for rule in (_processes, _stages, _dying, _lost, _server, _feeds, _silence, _consumers, _webhooks, _sites)
        for cause in rule(facts)
    ]
    return sorted(found, key=lambda cause: (cause.severity != "critical", cause.name))


def _processes(facts: Facts) -> Iterator[Cause]:
    known = facts.backlog and any(stage["due"] or stage["waiting"] for stage in facts.backlog.values())
    for health in to_restart(facts.health) if known or facts.processes else ():
        yield Cause(
            rule="ProcessStalled", about=health.role, severity="critical", title=f"{health.role} does nothing",
            detail=f"The process “{health.role}” shows {health.why}. Under “rarewire up” it is restarted by itself.",
            href="/workers",
        )  # fmt: skip


def _stages(facts: Facts) -> Iterator[Cause]:
    for stage, found in facts.backlog.items():
        if found["oldest"] > STUCK:
            yield Cause(
                rule="StageBehind", about=stage, severity="warning", title=f"{stage} is behind",
                detail=f"{plural(int(found['due']), 'piece')} of work due at “{stage}”; "
                f"the oldest has waited {duration(found['oldest'])}.",
                href="/#pipeline",
            )  # fmt: skip


def _dying(facts: Facts) -> Iterator[Cause]:
    for stage, died in facts.died.items():
        if died >= DYING_LEAST and died >= DYING_SHARE * facts.ended.get(stage, 0):
            yield Cause(
                rule="DeadLettersRising", about=stage, severity="critical", title=f"much of {stage} fails",
                detail=f"{plural(died, 'dead letter')} at “{stage}” in the last 15 minutes, "
                f"of {facts.ended.get(stage, 0)} that ended there.",
                href=f"/failures?q=stage:{stage}",
            )  # fmt: skip


def _lost(facts: Facts) -> Iterator[Cause]:
    for stage, lost in facts.lost.items():
        if lost >= LOST_LEAST:
            yield Cause(
                rule="WorkersLost", about=stage, severity="warning", title=f"{stage} loses workers",
                detail=f"{plural(lost, 'lease')} at “{stage}” ran out in the last 15 minutes: "
                "their workers died or were too slow.",
                href="/workers",
            )  # fmt: skip


def _server(facts: Facts) -> Iterator[Cause]:
    used, most = float(facts.server.get("used_memory", 0)), float(facts.server.get("maxmemory", 0))
    whole = most or float(facts.server.get("total_system_memory", 0))
    if whole and used / whole > MEMORY_SHARE:
        yield Cause(
            rule="ServerMemory", about="", severity="critical", title="the server's memory is nearly full",
            detail=f"{size(used)} of {size(whole)} are used. A full server refuses writes, and work stands still.",
            href="/workers",
        )  # fmt: skip
    if facts.server.get("aof_enabled") and facts.server.get("aof_last_write_status", "ok") != "ok":
        yield Cause(
            rule="ServerNotWriting", about="", severity="critical", title="the server cannot write its file",
            detail="The last write of the append-only file failed: what happens now would be lost with a restart.",
            href="/workers",
        )  # fmt: skip
    if facts.disk_free < DISK_SHARE:
        yield Cause(
            rule="DiskNearlyFull", about="", severity="critical", title="the disk is nearly full",
            detail=f"{facts.disk_free:.0%} of the state folder's disk is free.", href="/workers",
        )  # fmt: skip


def _feeds(facts: Facts) -> Iterator[Cause]:
    if facts.own_outage:
        yield Cause(
            rule="OwnOutage", about="", severity="critical", title="our own connection is down",
            detail="Nearly all hosts that were asked last gave no answer at all. No feed is blamed for it.",
            href="/feeds?q=state:failing",
        )  # fmt: skip
        return
    for state, rule, words in (("silent", "FeedSilent", "brings no news"), ("failing", "FeedFailing", "fails")):
        listed = facts.feeds.get(state, [])
        count = int(facts.feeds.get("counts", {}).get(state, len(listed)))
        if count > MANY_FEEDS:
            yield Cause(
                rule=rule, about="many", severity="warning", title=f"{count} feeds: each {words}",
                detail=f"{count} feeds are {state}; such a number often has one cause on our side.",
                href=f"/feeds?q=state:{state}",
            )  # fmt: skip
            continue
        for feed in listed:
            yield Cause(
                rule=rule, about=feed["id"], severity="warning", title=f"{feed['name']} {words}",
                detail=feed["why"], href=f"/feeds/{feed['id']}",
            )  # fmt: skip


def _silence(facts: Facts) -> Iterator[Cause]:
    if facts.last_published and facts.now - facts.last_published > SILENCE:
        yield Cause(
            rule="NothingPublished", about="", severity="warning", title="nothing is published",
            detail=f"The last article was published {duration(facts.now - facts.last_published)} ago.",
            href="/articles",
        )  # fmt: skip


def _consumers(facts: Facts) -> Iterator[Cause]:
    for group, found in facts.lag.items():
        if found["age"] > LAG_AGE or found["lag"] > LAG_COUNT:
            yield Cause(
                rule="ConsumerBehind", about=group, severity="warning", title=f"{group} does not keep up",
                detail=f"{plural(int(found['lag']), 'article')} behind; the oldest unacknowledged one has waited "
                f"{duration(found['age'])}.",
                href="/consumers",
            )  # fmt: skip


def _webhooks(facts: Facts) -> Iterator[Cause]:
    for row in facts.webhooks:
        if row.state == DISABLED or (not row.ok and (row.oldest or 0.0) > UNDELIVERED):
            waits = f" {plural(row.undelivered, 'event')} wait for it." if row.undelivered else ""
            yield Cause(
                rule="WebhookFailing", about=row.name, severity="warning", title=f"webhook {row.name} is {row.state}",
                detail=f"{row.why}.{waits}", href="/consumers",
            )  # fmt: skip


def _sites(facts: Facts) -> Iterator[Cause]:
    for site, why in facts.sites.items():
        yield Cause(
            rule="SiteDrift", about=site, severity="warning", title=f"{site} reads differently than before",
            detail=why, href="/sites",
        )  # fmt: skip
