"""The units: what systemd itself says of them, and what this project asks beyond it."""

from __future__ import annotations

import ipaddress
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from console.up.roles import ON_ONE_MACHINE, WEBHOOKS
from shared.http.addresses import GLOBAL_UNICAST, SPECIAL_V4, SPECIAL_V6
from tests.deploy.documents import DEPLOY

UNITS = DEPLOY / "systemd"
ROLES = (*ON_ONE_MACHINE, WEBHOOKS)
THRESHOLD = 20  # tenths; systemd calls 2.0 and less OK, an unhardened service has 9.6
PROGRAM = "/opt/rarewire/bin/rarewire"


@pytest.fixture
def analyze(tmp_path: Path):
    """Run systemd-analyze on copies of the units whose program exists."""
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip("no systemd-analyze on PATH")
    for unit in UNITS.glob("rarewire*"):
        if unit.is_dir():
            shutil.copytree(unit, tmp_path / unit.name)
        else:
            text = re.sub(r"/opt/rarewire/bin/\w+", "/bin/true", unit.read_text(encoding="utf-8"))
            (tmp_path / unit.name).write_text(text, encoding="utf-8")

    def run(*arguments: str) -> str:
        done = subprocess.run(
            [program, *arguments], cwd=tmp_path, capture_output=True, text=True, check=False,
            env={"PATH": "/usr/bin:/bin", "SYSTEMD_UNIT_PATH": f"{tmp_path}:", "SYSTEMD_COLORS": "0"},
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr

    return run


def test_systemd_finds_no_mistake(analyze):
    kinds = (
        "rarewire@{}.service",
        "rarewire-probe@{}.service",
        "rarewire-probe@{}.timer",
        "rarewire-restart@{}.service",
    )
    units = [kind.format(role) for kind in kinds for role in ROLES]
    said = analyze(
        "verify", "--recursive-errors=no", *(f"./{unit}" for unit in ("rarewire.service", "rarewire.target", *units))
    )
    assert "rarewire" not in said


def test_systemd_would_find_a_mistake(analyze, tmp_path):
    unit = tmp_path / "rarewire.service"
    unit.write_text(unit.read_text(encoding="utf-8").replace("ProtectHome=yes", "ProtectHomes=yes"), encoding="utf-8")
    with pytest.raises(AssertionError, match="ProtectHomes"):
        analyze("verify", "--recursive-errors=no", "./rarewire.service")


@pytest.mark.parametrize("unit", ["rarewire.service", "rarewire@.service", "rarewire-probe@.service"])
def test_an_intruder_finds_little_to_do(analyze, unit):
    analyze("security", "--offline=true", f"--threshold={THRESHOLD}", f"./{unit}")


@pytest.mark.parametrize(("unit", "command"), [("rarewire.service", "up --no-tail"), ("rarewire@.service", "run %i")])
def test_a_unit_runs_the_command_that_the_tests_run(unit, command):
    text = (UNITS / unit).read_text(encoding="utf-8")
    assert re.findall(r"^ExecStart=(.+)$", text, re.MULTILINE) == [f"{PROGRAM} {command}"]
    assert "Restart=always" in text


@pytest.mark.parametrize("unit", ["rarewire.service", "rarewire@.service"])
def test_what_our_own_client_refuses_systemd_refuses_too(unit):
    text = (UNITS / unit).read_text(encoding="utf-8")
    denied = [
        ipaddress.ip_network(one)
        for line in re.findall(r"^IPAddressDeny=(.+)$", text, re.MULTILINE)
        for one in line.split()
    ]
    four = {one for one in denied if one.version == 4}
    assert four == {block for block, _ in SPECIAL_V4 if not block.is_loopback}
    left = set(denied) - four - {block for block, _ in SPECIAL_V6}
    assert set(ipaddress.ip_network("::/0").address_exclude(GLOBAL_UNICAST)) == left
    assert "IPAddressAllow=localhost\n" in text


def test_a_probe_asks_about_the_role_and_its_failure_restarts_it():
    probe = (UNITS / "rarewire-probe@.service").read_text(encoding="utf-8")
    assert "ExecStart=/opt/rarewire/bin/python -m console.alive %i\n" in probe
    assert "OnFailure=rarewire-restart@%i.service\n" in probe
    assert "try-restart rarewire@%i.service" in (UNITS / "rarewire-restart@.service").read_text(encoding="utf-8")
    assert "rarewire-probe@%i.timer" in (UNITS / "rarewire@.service").read_text(encoding="utf-8")


def test_two_roles_do_not_share_a_state_folder():
    text = (UNITS / "rarewire@.service").read_text(encoding="utf-8")
    assert "StateDirectory=rarewire/%i" in text
    assert "RAREWIRE_STATE_DIR=/var/lib/rarewire/%i" in text


def test_limits_that_children_set_themselves_are_not_forbidden():
    for unit in ("rarewire.service", "rarewire@.service"):
        filters = re.findall(r"^SystemCallFilter=(.+)$", (UNITS / unit).read_text(encoding="utf-8"), re.MULTILINE)
        assert not any(line.startswith("~") and "@resources" in line for line in filters)
