"""The rules of the house that the linters do not know."""

from __future__ import annotations

import ast
import re
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from shared.messages import ALL
from shared.stores import keys
from shared.topology import TOPOLOGY, Stage, next_stage
from workers.keeping import KEEP_EVERY

ROOT = Path(__file__).parents[2]
OURS = ("shared", "schedulers", "workers", "console", "demo")
SOURCES = sorted(path for name in OURS for path in (ROOT / name).rglob("*.py"))


def test_nobody_else_owns_the_names_of_our_packages() -> None:
    owners = packages_distributions()
    assert {name: owners.get(name, ["rarewire"]) for name in OURS} == {name: ["rarewire"] for name in OURS}


def test_the_flow_is_one_line_from_the_feed_to_the_stream() -> None:
    assert [TOPOLOGY[stage].takes for stage in Stage] == list(ALL[:-1])
    assert [TOPOLOGY[stage].gives for stage in Stage] == list(ALL[1:])
    assert [next_stage(stage) for stage in Stage] == [*list(Stage)[1:], None]


def test_a_lease_outlasts_the_longest_work_on_one_item_or_some_failed_renewals_while_it_goes_on() -> None:
    for row in TOPOLOGY.values():
        assert row.lease > (3 * KEEP_EVERY if row.pool == "threads" else row.item_limit + 5)


def test_what_a_killed_worker_held_is_done_again_within_half_a_minute() -> None:
    assert all(row.lease < 20 for row in TOPOLOGY.values())


def test_task_names_are_no_module_paths() -> None:
    assert all(row.task == f"rarewire.{row.stage}" for row in TOPOLOGY.values())


def test_every_key_has_a_lifetime_or_a_bound() -> None:
    assert [key.pattern for key in keys.ALL if key.lifetime is None and not key.bound] == []


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_is_not_longer_than_one_can_read(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 400


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_says_what_it_is(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))


def test_nothing_has_a_name_that_says_nothing() -> None:
    silent = {"utils", "helpers", "common", "misc", "manager"}
    assert [path for path in SOURCES if path.stem in silent or path.parent.name in silent] == []


def test_nothing_unpickles() -> None:
    # Our models are TOML and JSON.
    assert [path for path in SOURCES if "import pickle" in path.read_text(encoding="utf-8")] == []


def test_the_constraints_pin_every_dependency() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wanted = [*project["project"]["dependencies"], *project["dependency-groups"]["dev"]]
    pinned = {
        line.split("==")[0].lower().replace("_", "-")
        for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
        if "==" in line
    }
    names = {_name(text) for text in wanted}
    assert names - pinned == set()


def _name(requirement: str) -> str:
    return re.split(r"[\[<>=;! ]", requirement, maxsplit=1)[0].lower().replace("_", "-")
