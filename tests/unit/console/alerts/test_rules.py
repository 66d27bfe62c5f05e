"""What counts as wrong, and that every rule has its place in the guide."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from console.alerts.facts import Facts
from console.alerts.rules import judge
from console.health import Health
from console.webhook_rows import WebhookRow
from shared.stores.webhooks import Standing

ROOT = Path(__file__).resolve().parents[4]
NOW = 1_000_000.0
QUIET = {"due": 0, "waiting": 0, "leased": 0, "oldest": 0.0}
STAGES = ("poll", "fetch", "extract", "classify")


def health(**sick: bool) -> dict[str, Health]:
    roles = ("beat", "scheduler", "console", "web", "text")
    return {role: Health(role=role, ok=role not in sick, why="no sign of life for 99 s", seen=99.0) for role in roles}


WELL = Facts(
    now=NOW, health=health(), processes={"box": {}}, backlog=dict.fromkeys(STAGES, QUIET), last_published=NOW - 60
)


def webhook(state: str, oldest: float | None) -> WebhookRow:
    return WebhookRow(
        name="hook", state=state, stream="s", group="webhook-hook", undelivered=3, oldest=oldest, standing=Standing()
    )


def rules(facts: Facts) -> list[str]:
    return [cause.name for cause in judge(facts)]


def test_a_well_system_has_nothing_wrong():
    assert rules(WELL) == []


def test_an_empty_system_that_was_never_started_is_not_called_ill():
    assert rules(Facts(now=NOW, health=health(web=True, beat=True), backlog=dict.fromkeys(STAGES, QUIET))) == []


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"health": health(web=True)}, "ProcessStalled/web"),
        ({"backlog": {**WELL.backlog, "fetch": {**QUIET, "due": 5, "oldest": 61.0}}}, "StageBehind/fetch"),
        ({"died": {"fetch": 12}, "ended": {"fetch": 40}}, "DeadLettersRising/fetch"),
        ({"lost": {"extract": 3}}, "WorkersLost/extract"),
        ({"server": {"used_memory": 90, "maxmemory": 100}}, "ServerMemory"),
        ({"server": {"used_memory": 90, "maxmemory": 0, "total_system_memory": 100}}, "ServerMemory"),
        ({"server": {"aof_enabled": 1, "aof_last_write_status": "err"}}, "ServerNotWriting"),
        ({"disk_free": 0.02}, "DiskNearlyFull"),
        ({"own_outage": True}, "OwnOutage"),
        ({"feeds": {"silent": [{"id": "f1", "name": "N", "why": "w"}]}}, "FeedSilent/f1"),
        ({"feeds": {"failing": [{"id": "f1", "name": "N", "why": "w"}]}}, "FeedFailing/f1"),
        ({"last_published": NOW - 3 * 86_400}, "NothingPublished"),
        ({"lag": {"g on s": {"lag": 20_000, "age": 5.0}}}, "ConsumerBehind/g on s"),
        ({"lag": {"g on s": {"lag": 1, "age": 4_000.0}}}, "ConsumerBehind/g on s"),
        ({"webhooks": (webhook("disabled", None),)}, "WebhookFailing/hook"),
        ({"webhooks": (webhook("paused", 601.0),)}, "WebhookFailing/hook"),
        ({"sites": {"a.example": "half as long"}}, "SiteDrift/a.example"),
    ],
)
def test_each_trouble_is_one_cause(change, name):
    assert rules(replace(WELL, **change)) == [name]


def test_a_few_dead_letters_among_much_that_went_well_are_no_alarm():
    assert rules(replace(WELL, died={"fetch": 12}, ended={"fetch": 5_000})) == []


def test_a_webhook_that_fails_for_a_moment_is_no_alarm():
    assert rules(replace(WELL, webhooks=(webhook("paused", 30.0), webhook("sends", 9_000.0)))) == []


def test_many_silent_feeds_are_one_cause_and_an_outage_of_our_own_blames_none():
    feeds = {"silent": [{"id": f"f{n}", "name": "N", "why": "w"} for n in range(20)], "counts": {"silent": 20}}
    assert rules(replace(WELL, feeds=feeds)) == ["FeedSilent/many"]
    assert rules(replace(WELL, feeds=feeds, own_outage=True)) == ["OwnOutage"]


def test_the_worst_comes_first():
    found = judge(replace(WELL, lost={"fetch": 9}, own_outage=True))
    assert [cause.severity for cause in found] == ["critical", "warning"]


def test_every_rule_has_a_section_in_the_operations_guide():
    source = (ROOT / "console/alerts/rules.py").read_text()
    named = set(re.findall(r'rule="(\w+)"', source)) | {"FeedSilent", "FeedFailing", "ServerSilent"}
    sections = set(re.findall(r"^### (\w+)$", (ROOT / "docs/operations.md").read_text(), re.MULTILINE))
    assert named <= sections
