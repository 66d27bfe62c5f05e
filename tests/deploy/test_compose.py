"""The compose file: its schema, and what this project asks beyond it."""

from __future__ import annotations

import json
import re
import shutil
import signal
import subprocess

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


OWN_PIDS = ("unshare", "--user", "--map-root-user", "--pid", "--fork", "--kill-child", "--mount-proc")


@pytest.mark.parametrize(("code", "lives"), [(0, True), (1, False), (2, True)])
def test_the_probe_ends_what_stands_still_and_nothing_else(tmp_path, code, lives):
    """In process numbers of its own, as in a container: the first one stays, as a container's init does."""
    if (
        shutil.which("unshare") is None
        or subprocess.run((*OWN_PIDS, "true"), capture_output=True, check=False).returncode
    ):
        pytest.skip("no process numbers of one's own here (unshare is missing or forbidden)")
    stub = tmp_path / "python"
    stub.write_text(f"#!/bin/sh\nexit {code}\n", encoding="utf-8")
    stub.chmod(0o755)
    _, probe = interpolated(VALUES)["services"]["web"]["healthcheck"]["test"]
    script = 'sleep 60 & sh -c "$0"; echo "code $?"; kill $! 2>/dev/null; wait $!; echo "end $?"'
    said = subprocess.run(
        (*OWN_PIDS, "sh", "-c", script, probe), capture_output=True, text=True, check=True, timeout=60,
        env={"PATH": f"{tmp_path}:/usr/bin:/bin"},
    ).stdout  # fmt: skip
    assert said.splitlines() == [f"code {code}", f"end {128 + (signal.SIGTERM if lives else signal.SIGKILL)}"]
