"""The contract in prose is true: its fields, commands, examples, numbers and code are those of the program."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import typer

from console.cli.main import app
from console.conformance import material
from console.conformance.server import ThrowAwayServer
from console.contract.documents import documents
from shared.settings import Settings
from shared.stores.connection import Database, connect
from shared.stores.groups import OLDEST, GroupStore, dead_stream
from tests.events import STREAM
from tests.servers import KINDS

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.integration

PAGE = Path(__file__).parents[2] / "docs/events/README.md"
TEXT = PAGE.read_text(encoding="utf-8")
BLOCKS = re.findall(r"(?:<!-- golden: (\w+) -->\n)?```(\w+)\n(.*?)```", TEXT, re.DOTALL)
INLINE = re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", TEXT, flags=re.DOTALL).replace("\n", " "))
LINES = [line for _, kind, block in BLOCKS if kind == "sh" for line in block.splitlines()]


def fields(schema: Any) -> Iterator[str]:
    """The names of all properties, at every depth."""
    if isinstance(schema, dict):
        for name, inner in schema.items():
            if name == "properties":
                yield from inner
            yield from fields(inner)
    elif isinstance(schema, list):
        for inner in schema:
            yield from fields(inner)


@pytest.mark.parametrize("name", [name for name in documents() if name.endswith("schema.json")])
def test_every_field_of_a_schema_is_explained(name: str) -> None:
    assert sorted(set(fields(json.loads(documents()[name]))) - set(INLINE)) == []


def test_every_field_of_a_dead_entry_is_explained() -> None:
    root = PAGE.parents[2] / "shared/stores"
    sources = "".join((root / name).read_text(encoding="utf-8") for name in ("membership.py", "lua/trim.lua"))
    written = set(re.findall(r"""["'](dead[a-z]+)["']""", sources))
    assert "deadlast" in written
    assert sorted(written - set(INLINE)) == []


@pytest.mark.parametrize("kind", ["published", "retracted", "canary"])
def test_the_examples_are_the_golden_messages(kind: str) -> None:
    golden = json.loads((PAGE.parent / "golden" / f"{kind}.json").read_text(encoding="utf-8"))
    (shown,) = [json.loads(block) for name, _, block in BLOCKS if name == kind]
    assert shown == {**golden, "data": json.loads(golden["data"])}


def commands() -> list[str]:
    found = {match for text in [*INLINE, *LINES] for match in re.findall(r"\brarewire (?:--demo )?([a-z][^|)]*)", text)}
    return sorted(found)


@pytest.mark.parametrize("line", commands())
def test_every_command_exists_with_its_options(line: str) -> None:
    command: Any = typer.main.get_command(app)
    words = line.split(" -- ", maxsplit=1)[0].split("#", maxsplit=1)[0].split()
    while words and hasattr(command, "commands"):
        assert words[0] in command.commands, line
        command = command.commands[words.pop(0)]
    known = {option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)}
    assert [word for word in words if word.startswith("--") and word not in known] == []


def test_every_redis_command_is_one_of_the_server(each_database: Database) -> None:
    said = " ".join([*INLINE, *LINES])
    named = set(re.findall(r"\b(X[A-Z]{3,}|BRPOP|SUBSCRIBE|ACL SETUSER|ACL SAVE|SET|GET)\b", said))
    newer = {"XACKDEL", "XDELEX"}
    asked = sorted(name.replace(" ", "|") for name in named - newer)
    assert {"XAUTOCLAIM", "XREADGROUP", "ACL|SETUSER"} <= set(asked)
    known = each_database.redis.execute_command("COMMAND INFO", *asked)
    assert len(known) == len(asked)
    assert all(known)


def test_numbers_are_the_defaults() -> None:
    chosen = Settings()
    assert f"`retention_days`, {chosen.retention_days:.0f} by default" in TEXT
    assert f"for each stream, {chosen.stream_memory_mb} by default" in TEXT
    assert f"`inline_text`, {chosen.inline_text:,} characters" in TEXT
    assert f"EX {chosen.retention_days * 86_400:.0f}" in TEXT
    assert chosen.recheck_after == (86_400.0,)


def test_the_servers_that_are_named_are_those_that_are_tested() -> None:
    named = set(re.findall(r"(Valkey|Redis) (\d+)\.\d+", TEXT.split("## Servers")[1].split("normal test run on")[1]))
    assert named == {(kind.product, str(kind.major)) for kind in KINDS}


def test_every_link_leads_somewhere() -> None:
    anchors = {
        re.sub(r"[^a-z0-9 -]", "", title.lower()).replace(" ", "-")
        for title in re.findall(r"^#+ (.+)$", TEXT, re.MULTILINE)
    }
    for target in re.findall(r"\]\(([^)]+)\)", TEXT):
        if target.startswith("#"):
            assert target[1:] in anchors, target
        elif not target.startswith("https://"):
            assert (PAGE.parent / target).exists(), target


@pytest.fixture
def team(each_server: ThrowAwayServer, each_database: Database, tmp_path: Path) -> str:
    """The URL of a team's own user, made by the page's command."""
    if not shutil.which("redis-cli"):
        pytest.skip("no redis-cli on PATH")
    (block,) = [block for _, kind, block in BLOCKS if "ACL SETUSER" in block]
    told = subprocess.run(
        ["bash", "-c", block], env={**os.environ, "URL": each_server.url}, capture_output=True, text=True, check=True
    )
    assert told.stdout.strip() == "OK", told
    GroupStore(each_database).add(STREAM, "desk", owner="tests", start=OLDEST)
    return f"redis://desk:a-long-password@127.0.0.1:{each_server.port}/0"


def run(program: list[str], url: str, events: list[str]) -> list[str]:
    """What a consumer prints until it has said the last of the events; it is killed then."""
    environment = {
        "RAREWIRE_REDIS_URL": url, "RAREWIRE_STREAM": STREAM, "RAREWIRE_GROUP": "desk", "RAREWIRE_CONSUMER": "me",
        "RAREWIRE_CLAIM_AFTER_MS": "100",
    }  # fmt: skip
    said: list[str] = []
    with subprocess.Popen(
        program, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ, **environment}
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        for line in process.stdout:
            said.append(line.split()[0])
            if said[-1] == events[-1]:
                break
        else:
            pytest.fail(process.stderr.read())
        database = connect(url)
        for _ in range(250):
            if not database.redis.xpending(STREAM, "desk")["pending"]:
                break
            time.sleep(0.02)
        assert database.redis.xpending(STREAM, "desk")["pending"] == 0
        database.redis.close()
        process.send_signal(signal.SIGKILL)
    return said


def test_the_twenty_lines_run_as_the_teams_own_user(each_database: Database, team: str) -> None:
    (code,) = [block for _, kind, block in BLOCKS if kind == "python"]
    assert len([line for line in code.splitlines() if line.strip()]) <= 22
    given = [
        material.article("held"), material.article("plain"), material.article("plain"), material.canary(1),
        material.unknown_type("later"), material.with_unknown_fields("more"), material.retraction("plain", version=2),
        material.article("last"),
    ]  # fmt: skip
    for entry in given:
        each_database.redis.xadd(STREAM, entry)
    each_database.redis.xreadgroup("desk", "dead", {STREAM: ">"}, count=1)
    time.sleep(0.11)  # it has been dead for longer than consumers wait
    wanted = [given[index]["id"] for index in (0, 1, 5, 6, 7)]
    assert run([sys.executable, "-c", code], team, wanted) == wanted


def test_the_full_sample_needs_no_more_than_the_teams_own_user(each_database: Database, team: str) -> None:
    given = [material.article("one"), material.poison("bad"), material.article("two")]
    for entry in given:
        each_database.redis.xadd(STREAM, entry)
    sample = PAGE.parents[1] / "samples/plain_consumer.py"
    assert run([sys.executable, str(sample)], team, ["", given[2]["id"]]) == [given[0]["id"], given[2]["id"]]
    assert each_database.redis.xlen(dead_stream(STREAM, "desk")) == 1


def test_the_teams_own_user_can_harm_nobody(each_database: Database, team: str) -> None:
    each_database.redis.xadd(STREAM, material.article("one"))
    mine = connect(team).redis
    for words in (
        ("XADD", STREAM, "*", "a", "b"), ("XDEL", STREAM, "0-1"), ("DEL", STREAM), ("XTRIM", STREAM, "MAXLEN", "0"),
        ("KEYS", "*"), ("FLUSHALL",), ("SET", "rarewire:1:books", "x"), ("GET", "rarewire:1:push-key"), ("CONFIG", "GET", "*"),
        ("XADD", f"{STREAM}:dead:other", "*", "a", "b"),
    ):  # fmt: skip
        with pytest.raises(Exception, match=r"(?i)permission"):
            mine.execute_command(*words)
    mine.close()


def test_the_minute_with_redis_cli_runs(each_server: ThrowAwayServer, each_database: Database) -> None:
    if not shutil.which("redis-cli"):
        pytest.skip("no redis-cli on PATH")
    GroupStore(each_database).add(STREAM, "desk", owner="tests", start=OLDEST)
    entry = each_database.redis.xadd(STREAM, material.article("one"))
    lines = [line for line in LINES if "XREADGROUP" in line or " XACK " in line]
    script = re.sub(r"\d{13}-0", entry, "\n".join(lines))
    told = subprocess.run(
        ["bash", "-ec", script], env={**os.environ, "URL": each_server.url}, capture_output=True, text=True, check=True
    )
    assert entry in told.stdout
    assert told.stdout.strip().endswith("1")
    assert each_database.redis.xpending(STREAM, "desk")["pending"] == 0
