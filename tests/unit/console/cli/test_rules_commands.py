"""`rarewire rules` without a server: what it prints, where, and how it ends."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from console.cli.output import FAILED, USAGE
from console.cli.rules import app
from workers.classify.rulesets import DATA

LABELLED = [
    {"id": "a", "label": "rare_earth", "title": "Sorrel Ridge drilling hits 4 % oxides", "text": "Drilling at Sorrel Ridge cut ore."},
    {"id": "b", "label": "not", "title": "Sorrel Ridge opens its slopes", "text": "The first lifts run on Saturday."},
]  # fmt: skip
TERM = '\n[[term]]\nid = "sorrel_ridge"\nlabel = "Sorrel Ridge"\ncountry = "CA"\nneeds = "commodity"\nany = "Sorrel Ridge"\n'


@pytest.fixture
def labelled(tmp_path: Path) -> Path:
    file = tmp_path / "labelled.jsonl"
    file.write_text("\n".join(map(json.dumps, LABELLED)), encoding="utf-8")
    return file


@pytest.fixture
def own_rules(tmp_path: Path) -> Path:
    shutil.copytree(DATA, tmp_path / "rules")
    projects = tmp_path / "rules" / "rare_earth" / "projects.toml"
    projects.write_text(projects.read_text(encoding="utf-8") + TERM, encoding="utf-8")
    return tmp_path / "rules" / "rare_earth"


def run(*arguments: object) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, [str(each) for each in arguments])
    return result.exit_code, result.stdout, result.stderr


def test_an_added_term_is_proved_by_its_two_texts(labelled: Path, own_rules: Path) -> None:
    _, before, _ = run("test", labelled, "--json")
    _, after, _ = run("test", labelled, "--rules", own_rules, "--json")
    assert (json.loads(before)["recall"], json.loads(after)["recall"]) == (0.0, 1.0)
    assert json.loads(after)["wrong_ids"] == []


def test_a_difference_names_what_is_gained(labelled: Path, own_rules: Path) -> None:
    code, out, _ = run("diff", "rare_earth", own_rules, "--articles", labelled, "--json")
    found = json.loads(out)
    assert (code, found["gained"], found["lost"], found["changed"]) == (0, 1, 0, 0)
    assert "project:sorrel_ridge" in found["changes"][0]["added"]


def test_an_explanation_names_terms_places_and_shares(tmp_path: Path) -> None:
    text = tmp_path / "article.txt"
    text.write_text("Dysprosium price doubles\nDysprosium oxide rose to 900 dollars.\n", encoding="utf-8")
    _, out, _ = run("explain", text, "--json")
    told = json.loads(out)
    assert told["decision"] == "rare_earth"
    assert {"Dysprosium"} == {place["text"] for place in told["counted"]}
    assert told["counted"][0]["rule"].startswith("elements.toml:")
    code, out, _ = run("explain", text)
    assert code == 0
    assert "Dysprosium" in out


def test_shipped_rules_are_valid() -> None:
    code, out, _ = run("validate", "--json")
    assert code == 0
    assert {"rare_earth", "lithium"} <= {each["topic"] for each in json.loads(out)}


def test_a_bad_rule_is_told_with_file_and_line(own_rules: Path) -> None:
    (own_rules / "zz.toml").write_text('[[term]]\nid = "x"\nfacet = "topic"\nen = "*"\n', encoding="utf-8")
    code, _, err = run("validate", own_rules)
    assert code == FAILED
    assert "zz.toml:4" in err


@pytest.mark.parametrize("text", ["{", "[1]"])
def test_a_file_that_is_no_jsonl_is_a_usage_error_with_its_line(text: str, tmp_path: Path) -> None:
    file = tmp_path / "bad.jsonl"
    file.write_text(text, encoding="utf-8")
    code, _, err = run("test", file)
    assert code == USAGE
    assert "bad.jsonl:1" in err


def test_a_missing_file_is_a_usage_error() -> None:
    assert run("test", "nowhere.jsonl")[0] == USAGE
