"""The contract's documents: generated ones are current, golden messages fit, and what was released still holds."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from typer.testing import CliRunner

from console.cli.main import app
from console.contract.compatibility import breaks
from console.contract.documents import ENTRY, MESSAGES, SCHEMAS, documents
from shared.events import parse

EVENTS = Path(__file__).parents[4] / "docs/events"
RELEASED = sorted((EVENTS / "released").glob("*.json"))
GOLDEN = sorted((EVENTS / "golden").glob("*.json"))

Schema = dict[str, Any]


@pytest.mark.parametrize("name", documents())
def test_the_committed_documents_are_what_the_code_says(name: str) -> None:
    committed = (EVENTS / name).read_text(encoding="utf-8")
    assert committed == documents()[name], "run `rarewire schema --write docs/events`"


@pytest.mark.parametrize("name", [*SCHEMAS, ENTRY])
def test_schemas_are_schemas(name: str) -> None:
    Draft202012Validator.check_schema(json.loads(documents()[name]))


@pytest.mark.parametrize("released", RELEASED, ids=lambda path: path.name)
def test_nothing_breaks_the_consumers_of_a_released_schema(released: Path) -> None:
    assert breaks(json.loads(released.read_text(encoding="utf-8")), json.loads(documents()[released.name])) == []


def test_every_schema_was_released() -> None:
    assert {path.name for path in RELEASED} == {*SCHEMAS, ENTRY}


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_golden_messages_fit_their_schemas_and_are_read(path: Path) -> None:
    fields = json.loads(path.read_text(encoding="utf-8"))
    kind, schema, _ = MESSAGES[path.stem]
    assert fields["type"] == kind
    Draft202012Validator(json.loads(documents()[ENTRY])).validate(fields)
    Draft202012Validator(json.loads(documents()[schema])).validate(json.loads(fields["data"]))
    assert parse(fields).data is not None


def test_there_is_a_golden_message_of_every_type() -> None:
    assert {path.stem for path in GOLDEN} == set(MESSAGES)


def test_every_reference_in_the_asyncapi_document_leads_somewhere() -> None:
    document = json.loads(documents()["asyncapi.json"])

    def walk(value: Any) -> None:
        if isinstance(value, dict):
            if "$ref" in value:
                follow(value["$ref"])
            for inner in value.values():
                walk(inner)
        elif isinstance(value, list):
            for inner in value:
                walk(inner)

    def follow(reference: str) -> None:
        if reference.startswith("./"):
            assert reference[2:] in documents()
            return
        found = document
        for part in reference.removeprefix("#/").split("/"):
            found = found[part]

    walk(document)
    assert document["asyncapi"] == "3.0.0"


BASE: Schema = {
    "type": "object",
    "$defs": {
        "Tag": {"type": "object", "properties": {"id": {"type": "string"}}, "required": ["id"]},
    },
    "properties": {
        "title": {"type": "string"},
        "kind": {"enum": ["a", "b"]},
        "number": {"type": "integer", "minimum": 1},
        "date": {"anyOf": [{"type": "string"}, {"type": "null"}]},
        "tags": {"type": "array", "items": {"$ref": "#/$defs/Tag"}},
    },
    "required": ["title"],
}


def test_a_schema_is_compatible_with_itself() -> None:
    assert breaks(BASE, copy.deepcopy(BASE)) == []


def test_a_new_optional_field_and_other_words_break_nothing() -> None:
    new = copy.deepcopy(BASE)
    new["properties"]["more"] = {"type": "string"}
    new["$defs"]["Tag"]["properties"]["score"] = {"type": "number"}
    new["properties"]["title"]["description"] = "Of the article."
    assert breaks(BASE, new) == []


def renamed(new: Schema) -> None:
    new["properties"]["headline"] = new["properties"].pop("title")


BREAKS: dict[str, Callable[[Schema], object]] = {
    "title: the field was removed": lambda new: new["properties"].pop("title"),
    "title: the field was removed or renamed": renamed,
    "title: type was": lambda new: new["properties"]["title"].update(type="integer"),
    "title: maxLength was": lambda new: new["properties"]["title"].update(maxLength=10),
    "kind: enum was": lambda new: new["properties"]["kind"]["enum"].pop(),
    "number: minimum was": lambda new: new["properties"]["number"].update(minimum=2),
    "date: it was one of 2 forms": lambda new: new["properties"]["date"]["anyOf"].pop(),
    "tags[].id: the field was removed": lambda new: new["$defs"]["Tag"]["properties"].pop("id"),
    "kind: the field was optional": lambda new: new["required"].append("kind"),
    "title: the field was always there": lambda new: new["required"].clear(),
    "the event: additionalProperties was None": lambda new: new.update(additionalProperties=False),
}


@pytest.mark.parametrize(("says", "change"), BREAKS.items(), ids=BREAKS)
def test_what_breaks_consumers_is_said(says: str, change: Callable[[Schema], object]) -> None:
    new = copy.deepcopy(BASE)
    change(new)
    assert any(text.startswith(says) for text in breaks(BASE, new)), breaks(BASE, new)


def test_the_command_prints_and_writes_the_documents(tmp_path: Path) -> None:
    runner = CliRunner()
    assert "asyncapi.json" in runner.invoke(app, ["schema"]).stdout
    assert json.loads(runner.invoke(app, ["schema", ENTRY]).stdout)["title"] == "Entry"
    assert runner.invoke(app, ["schema", "none.json"]).exit_code == 2
    assert runner.invoke(app, ["schema", "--write", str(tmp_path)]).exit_code == 0
    assert {path.name for path in tmp_path.iterdir()} == set(documents())
