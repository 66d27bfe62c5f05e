"""The conformance kit: samples whose toolchain is here pass it, and a consumer that does one thing wrong is told which."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from console.cli.main import app
from console.conformance.checks import CHECKS
from console.conformance.kit import examine
from console.conformance.proxy import CommandReader
from tests.servers import KINDS, Kind, binary

pytestmark = [pytest.mark.integration, pytest.mark.timeout(300)]

SAMPLES = Path(__file__).parents[2] / "docs/samples"
BAD = Path(__file__).with_name("bad_consumer.py")

Build = Callable[[Path], list[str]]


def needs(tool: str) -> str:
    found = shutil.which(tool)
    if not found:
        pytest.skip(f"no {tool} on PATH")
    return found


def python(name: str) -> Build:
    return lambda _folder: [sys.executable, str(SAMPLES / name)]


def node(_folder: Path) -> list[str]:
    return [needs("node"), str(SAMPLES / "consumer.mjs")]


def go(folder: Path) -> list[str]:
    built = folder / "consumer"
    environment = {**os.environ, "GOCACHE": str(folder / "cache"), "GOFLAGS": "-mod=mod", "GO111MODULE": "off"}
    subprocess.run([needs("go"), "build", "-o", built, SAMPLES / "consumer.go"], check=True, env=environment)
    return [str(built)]


def java(folder: Path) -> list[str]:
    subprocess.run([needs("javac"), "-d", folder, SAMPLES / "Consumer.java"], check=True)
    return [needs("java"), "-cp", str(folder), "Consumer"]


def shell(_folder: Path) -> list[str]:
    needs("redis-cli")
    return [needs("bash"), str(SAMPLES / "consumer.sh")]


SAMPLES_BUILT: dict[str, Build] = {
    "python with the helper": python("helper_consumer.py"),
    "python with redis-py alone": python("plain_consumer.py"),
    "node": node,
    "go": go,
    "java": java,
    "shell": shell,
}


@pytest.mark.parametrize("build", SAMPLES_BUILT.values(), ids=SAMPLES_BUILT)
def test_every_sample_keeps_the_contract(build: Build, tmp_path: Path) -> None:
    wrong = [finding for finding in examine(build(tmp_path), patience=60) if finding.wrongs]
    assert wrong == []


@pytest.mark.parametrize("build", [python("helper_consumer.py"), python("plain_consumer.py")], ids=["helper", "plain"])
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_the_contract_holds_on_every_server(kind: Kind, build: Build, tmp_path: Path) -> None:
    program = binary(kind)
    if program is None:
        pytest.skip(f"no {kind.name} on this machine: {kind.how}")
    assert [finding for finding in examine(build(tmp_path), patience=60, binary=program) if finding.wrongs] == []


FAULTS = {
    "acknowledges first": ("acknowledges_after_the_work", "before its work is done"),
    "never acknowledges": ("reads_and_acknowledges", "still not acknowledged"),
    "does duplicates": ("drops_duplicates", "twice"),
    "refuses unknown fields": ("ignores_unknown_fields", "what is a traceparent?"),
    "wants text": ("takes_updates_and_retractions", "no text"),
    "works on canaries": ("skips_canaries", "canary as if it were an article"),
    "works on everything": ("skips_unknown_types", "unknown type as if it were an article"),
    "dies of poison": ("buries_poison", "ended by itself"),
    "forgets poison": ("buries_poison", "are not on"),
    "buries without a name": ("buries_poison", "cannot be given back"),
    "never gives up": ("gives_up_after_its_deliveries", "kills its consumers"),
    "forgets what it gave up": ("gives_up_after_its_deliveries", "is not on"),
    "never takes over": ("takes_over_from_the_dead", "XAUTOCLAIM"),
    "dies of trimmed entries": ("survives_trimmed_entries", "trimmed"),
    "acknowledges its batch first": ("loses_nothing_when_killed", "were not done"),
    "wants news only": ("takes_updates_and_retractions", "were not done"),
    "lists all keys": ("acknowledges_after_the_work", "KEYS"),
    "dies with the server": ("survives_a_restart_of_the_server", "ended by itself"),
    "reads without acknowledging": ("acknowledges_after_the_work", "NOACK"),
    "deletes what it has read": ("acknowledges_after_the_work", "XDEL"),
    "ignores SIGTERM": ("stops_when_asked", "does not end"),
}


def test_there_is_a_bad_consumer_for_every_rule() -> None:
    assert {check for check, _ in FAULTS.values()} == {
        *(check.__name__ for check in CHECKS),
        "acknowledges_after_the_work",
    }


@pytest.mark.parametrize("fault", FAULTS)
def test_a_bad_consumer_is_told_what_it_does_wrong(fault: str) -> None:
    check, says = FAULTS[fault]
    findings = examine([sys.executable, str(BAD), fault], patience=2)
    finding = next(one for one in findings if one.check == check)
    findings.close()
    assert says in " ".join(finding.wrongs)


def test_the_command_ends_with_1_for_a_bad_consumer_and_names_the_wrong() -> None:
    command = ["conformance", "--patience", "3", "--json", "--", sys.executable, str(BAD), "does duplicates"]
    result = CliRunner().invoke(app, command)
    assert result.exit_code == 1
    wrong = {row["check"] for row in json.loads(result.stdout) if row["wrongs"]}
    assert "drops_duplicates" in wrong


def test_a_command_that_cannot_be_run_is_an_error() -> None:
    assert "no-such-program" in CliRunner().invoke(app, ["conformance", "--", "no-such-program"]).stderr


def test_the_proxy_reads_commands_however_they_are_cut() -> None:
    wire = b"*2\r\n$4\r\nPING\r\n$3\r\na\r\n\r\n*1\r\n$4\r\nPING\r\nQUIT now\r\n"
    for size in (1, 2, 5, len(wire)):
        reader = CommandReader()
        commands = [one for start in range(0, len(wire), size) for one in reader.feed(wire[start : start + size])]
        assert commands == [[b"PING", b"a\r\n"], [b"PING"], [b"QUIT", b"now"]]
