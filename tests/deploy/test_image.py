"""The image: what a linter says, and what this project asks beyond it."""

from __future__ import annotations

import fnmatch
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.deploy.documents import DEPLOY, ROOT

TEXT = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
FINAL = TEXT[TEXT.rindex("\nFROM ") :]


def test_the_linter_has_nothing_to_say():
    beside = Path(sys.executable).with_name("hadolint")
    hadolint = str(beside) if beside.exists() else shutil.which("hadolint")
    if hadolint is None:
        pytest.skip("no hadolint: it has no wheel for this machine")
    done = subprocess.run([hadolint, str(DEPLOY / "Dockerfile")], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


def test_it_runs_as_nobody_in_particular_and_says_what_it_is():
    assert re.search(r"^USER [1-9]\d*:[1-9]\d*$", FINAL, re.MULTILINE), "a number: Kubernetes cannot check a name"
    assert 'ENTRYPOINT ["rarewire"]' in FINAL
    assert "HEALTHCHECK" in FINAL


def test_what_it_builds_with_does_not_come_along():
    assert "pip install" not in FINAL
    assert "--constraint constraints.txt" in TEXT


def test_its_python_is_one_that_the_project_supports():
    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["requires-python"]
    number = tuple(map(int, re.findall(r"^FROM python:(\d+)\.(\d+)", TEXT, re.MULTILINE)[0]))
    assert number >= tuple(map(int, wanted.removeprefix(">=").split(".")))


def test_all_that_it_copies_is_let_through_and_all_packages_are_copied():
    allowed = {
        line[1:] for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines() if line.startswith("!")
    }
    copied = {word for line in re.findall(r"^COPY (?!--from)(.+) \S+$", TEXT, re.MULTILINE) for word in line.split()}
    assert copied == allowed
    wheel = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["hatch"]["build"]["targets"]
    assert set(wheel["wheel"]["packages"]) <= copied
    assert not any(fnmatch.fnmatch(name, "*env*") for name in copied)
