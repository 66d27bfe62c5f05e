"""The units: what systemd itself says of them, and what this project asks beyond it."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from console.up.roles import ON_ONE_MACHINE
from tests.deploy.documents import DEPLOY

UNITS = DEPLOY / "systemd"
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
            text = unit.read_text(encoding="utf-8").replace(PROGRAM, "/bin/true")
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
    roles = [f"rarewire@{role}.service" for role in ON_ONE_MACHINE]
    said = analyze(
        "verify", "--recursive-errors=no", "./rarewire.service", "./rarewire.target", *(f"./{r}" for r in roles)
    )
    assert "rarewire" not in said


@pytest.mark.parametrize("unit", ["rarewire.service", "rarewire@.service"])
def test_an_intruder_finds_little_to_do(analyze, unit):
    analyze("security", "--offline=true", f"--threshold={THRESHOLD}", f"./{unit}")


@pytest.mark.parametrize(("unit", "command"), [("rarewire.service", "up --no-tail"), ("rarewire@.service", "run %i")])
def test_a_unit_runs_the_command_that_the_tests_run(unit, command):
    text = (UNITS / unit).read_text(encoding="utf-8")
    assert re.findall(r"^ExecStart=(.+)$", text, re.MULTILINE) == [f"{PROGRAM} {command}"]
    assert "Restart=always" in text


def test_two_roles_do_not_share_a_state_folder():
    text = (UNITS / "rarewire@.service").read_text(encoding="utf-8")
    assert "StateDirectory=rarewire/%i" in text
    assert "RAREWIRE_STATE_DIR=/var/lib/rarewire/%i" in text


def test_limits_that_children_set_themselves_are_not_forbidden():
    for unit in ("rarewire.service", "rarewire@.service"):
        filters = re.findall(r"^SystemCallFilter=(.+)$", (UNITS / unit).read_text(encoding="utf-8"), re.MULTILINE)
        assert not any(line.startswith("~") and "@resources" in line for line in filters)
