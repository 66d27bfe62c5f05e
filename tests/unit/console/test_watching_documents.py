"""Metrics, alert rules, dashboard and guide agree with each other."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from shared.metrics import expose
from shared.stores.vitals import VitalStore
from shared.stores.webhooks import WebhookStore
from tests.events import STREAM
from tests.world import populate

ROOT = Path(__file__).resolve().parents[3]
RULES = (ROOT / "deploy/prometheus/alerts.yaml").read_text(encoding="utf-8")
BOARD = json.loads((ROOT / "deploy/grafana/rarewire.json").read_text(encoding="utf-8"))
NAME = re.compile(r"\brarewire_\w+")


@pytest.fixture
def text(database) -> str:
    populate(database, dead=21, published=3, dropped=4, retries=2)
    feeds = {"counts": {"ok": 3, "silent": 2}, "quiet": [["f1", 1.0]]}
    VitalStore(database).put_feed_health(feeds)
    from shared.stores.groups import GroupStore

    GroupStore(database).add(STREAM, "readers", owner="o")
    WebhookStore(database).tell({"hook": {"stream": STREAM, "group": "webhook-hook", "url": "", "owner": ""}})
    WebhookStore(database).delivered("hook", seconds=0.1)
    return expose(database, ("rare_earth",), {})


def samples(text: str) -> dict[tuple[str, ...], float]:
    return {
        (sample.name, *(f"{name}={value}" for name, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_every_metric_of_a_rule_or_panel_exists(text):
    known = {name for name, *_ in samples(text)}
    exprs = " ".join(target["expr"] for panel in BOARD["panels"] for target in panel["targets"])
    assert set(NAME.findall(RULES)) | set(NAME.findall(exprs)) <= known


def test_every_rule_names_its_section_and_the_section_exists():
    sections = re.findall(r"^### (\w+)$", (ROOT / "docs/operations.md").read_text(encoding="utf-8"), re.MULTILINE)
    rules = re.findall(r"- alert: (\w+)", RULES)
    assert set(rules) <= set(sections)
    assert re.findall(r"operations\.md#(\w+)", RULES) == [rule.lower() for rule in rules]


def test_labels_that_rules_ask_for_are_there(text):
    labels = set(re.findall(r'sign="(\w+)"', RULES)) | set(re.findall(r'sign=~"([\w|]+)"', RULES)[0].split("|"))
    signs = {
        label.removeprefix("sign=") for name, *rest in samples(text) for label in rest if label.startswith("sign=")
    }
    assert labels <= signs


def test_the_numbers_are_those_of_the_books(text):
    found = samples(text)
    assert found["rarewire_published_total",] == 3
    assert found["rarewire_work_total", "outcome=dead", "stage=fetch"] == 12
    assert found["rarewire_endings_total", "outcome=dropped", "reason=too_short", "stage=extract"] == 2
    assert found["rarewire_dead_letters", "stage=classify"] == 3
    assert found["rarewire_error_groups",] == 7
    assert found["rarewire_waiting_retries",] == 2
    assert found["rarewire_end_to_end_seconds_bucket", "le=60.0"] == 3
    assert found["rarewire_end_to_end_seconds_count",] == 3
    assert found["rarewire_end_to_end_seconds_sum",] == pytest.approx(126, abs=3)
    assert found["rarewire_process_restarts_total", "process=text"] == 1
    assert found["rarewire_feeds", "state=silent"] == 2
    assert found["rarewire_webhook_attempts_total", "endpoint=hook", "outcome=delivered"] == 1
    assert found["rarewire_webhook_ok", "endpoint=hook"] == 1


def test_no_text_from_outside_is_a_label(text):
    assert "example" not in text.replace("rarewire.example", "")


def test_an_empty_server_is_no_error(database):
    assert samples(expose(database, ("rare_earth",), {}))["rarewire_published_total",] == 0
