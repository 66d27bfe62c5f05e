"""The compose file: its schema, and what this project asks beyond it."""

from __future__ import annotations

import json
import re

import pytest

from console.up.roles import ON_ONE_MACHINE, WEBHOOKS
from shared.settings import Settings
from tests.deploy.documents import DEPLOY, VARIABLE, compose, interpolated

VALUES = {match["name"]: "x" for match in VARIABLE.finditer(json.dumps(compose())) if match["how"] == ":?"}
OURS = {name: service for name, service in compose()["services"].items() if name in {*ON_ONE_MACHINE, WEBHOOKS}}


def test_the_schema_is_kept():
    spec = pytest.importorskip("compose_spec", reason="no wheel of compose-spec for this machine")
    parsed = spec.PyCompose.from_json(json.dumps(interpolated(VALUES))).to_spec()
    assert set(parsed.services) == {*OURS, "valkey", "prometheus", "grafana"}


def test_the_schema_would_see_a_mistake():
    spec = pytest.importorskip("compose_spec", reason="no wheel of compose-spec for this machine")
    with pytest.raises(ValueError, match="intervall"):
        spec.PyCompose.from_json(json.dumps({"services": {"a": {"image": "b", "healthcheck": {"intervall": "3s"}}}}))


def test_every_role_of_one_machine_has_a_container():
    assert set(OURS) == {*ON_ONE_MACHINE, WEBHOOKS}
    assert OURS[WEBHOOKS]["profiles"] == ["webhooks"], "it ends at once where there are no endpoints"


@pytest.mark.parametrize("name", OURS)
def test_a_container_runs_its_role_and_is_asked_for_its_health(name):
    service = OURS[name]
    assert service["command"] == ["run", name]
    kind, probe = service["healthcheck"]["test"]
    assert kind == "CMD-SHELL"
    assert probe.startswith("python -m console.alive here;")


@pytest.mark.parametrize("name", OURS)
def test_a_container_may_do_nothing_it_need_not(name):
    service = OURS[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert not service["user"].startswith("0")
    assert "mem_limit" in service


def test_what_parses_hostile_bytes_reaches_the_state_and_nothing_else():
    assert OURS["text"]["networks"] == ["inside"]
    assert compose()["networks"]["inside"]["internal"] is True


def test_every_setting_that_is_given_exists():
    given = {name for service in OURS.values() for name in service["environment"] if name.startswith("RAREWIRE_")}
    assert given <= {f"RAREWIRE_{name.upper()}" for name in Settings.model_fields}


def test_ports_are_published_on_this_machine_only():
    ports = [port for service in compose()["services"].values() for port in service.get("ports", ())]
    assert ports
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_no_password_has_a_default():
    text = (DEPLOY / "compose.yaml").read_text(encoding="utf-8")
    secret = re.findall(r"\$\{(RAREWIRE_\w+)([^}]*)\}", text)
    assert secret
    assert [name for name, rest in secret if not rest.startswith(":?")] == ["RAREWIRE_WEBHOOKS"], "a file's name"


def test_what_is_mounted_exists():
    sources = [
        volume.split(":")[0]
        for service in compose()["services"].values()
        for volume in service.get("volumes", ())
        if volume.startswith("./")  # what operators bring is named by a variable
    ]
    assert sources
    assert all((DEPLOY / source).exists() for source in sources)


def test_the_server_keeps_a_file_and_evicts_nothing():
    command = " ".join(compose()["services"]["valkey"]["command"])
    assert "--appendonly yes" in command
    assert "--maxmemory-policy noeviction" in command
