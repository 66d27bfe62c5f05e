"""`rarewire consumers` and `rarewire consume`, on a real server."""

from __future__ import annotations

import json
import os
import sys

import pytest
from typer.testing import CliRunner

from console.cli.main import app
from shared.settings import settings
from shared.stores.audit import AuditStore
from shared.stores.groups import GroupStore
from tests.events import STREAM, fill, publish, tagged

DONE, FAILED, USAGE, NOTHING = 0, 1, 2, 3


@pytest.fixture
def world(database, server_url, monkeypatch, tmp_path):
    monkeypatch.setenv("RAREWIRE_REDIS_URL", server_url)
    monkeypatch.setenv("RAREWIRE_STATE_DIR", str(tmp_path))
    settings.cache_clear()
    yield database
    settings.cache_clear()


def run(*arguments: str, code: int = DONE):
    result = CliRunner().invoke(app, list(arguments))
    assert result.exit_code == code, result.output
    return result


def data(*arguments: str, code: int = DONE):
    return json.loads(run(*arguments, "--json", code=code).stdout)


def consume(script: str, *more: str):
    return run("consume", "--group", "desk", "--once", *more, "--exec", f"{sys.executable} -c '{script}'")


def test_a_group_is_added_listed_and_removed(world):
    assert data("consumers", "add", "desk", "--owner", "News desk") == {
        "stream": STREAM, "group": "desk", "owner": "News desk", "added": True,
    }  # fmt: skip
    assert not data("consumers", "add", "desk", "--owner", "News desk")["added"]
    (row,) = data("consumers", "list")
    assert (row["name"], row["state"], row["lag"]) == ("desk", "ok", 0)
    run("consumers", "remove", "desk", code=USAGE)
    run("consumers", "remove", "desk", "--yes")
    assert data("consumers", "list") == []
    assert next(act.what for act in AuditStore(world).acts()) == "consumer removed"


def test_a_bad_name_and_a_bad_start_are_refused(world):
    run("consumers", "add", "News Desk", "--owner", "x", code=USAGE)
    assert "nor a time" in run("consumers", "add", "desk", "--owner", "x", "--from", "yesterday", code=USAGE).stderr


def test_a_stream_that_is_not_there_is_refused_with_those_that_are(world):
    told = run("consumers", "add", "desk", "--owner", "x", "--stream", "rarewire:rare-eath:v1", code=NOTHING).stderr
    assert f"known are {STREAM}" in " ".join(told.split())
    assert data("consumers", "list") == []


def test_groups_of_a_stream_that_the_settings_no_longer_name_are_listed(world):
    fill(world, 1, stream=f"{STREAM}:only:old")
    run("consumers", "add", "desk", "--owner", "x", "--stream", f"{STREAM}:only:old")
    (row,) = data("consumers", "lag", "desk")
    assert row["stream"] == f"{STREAM}:only:old"


def test_lag_can_fail_a_check(world):
    run("consumers", "add", "desk", "--owner", "x")
    fill(world, 3)
    (row,) = data("consumers", "lag", "desk", "--fail-above", "3")
    assert row["lag"] == 3
    run("consumers", "lag", "desk", "--fail-above", "2", code=FAILED)
    run("consumers", "lag", "nobody", code=NOTHING)


def test_a_replay_says_what_is_too_old_and_what_would_be_skipped(world):
    ids = fill(world, 10)
    run("consumers", "add", "desk", "--owner", "x", "--from", "oldest")
    assert "--skip" in run("consumers", "replay", "desk", "--from", ids[4], "--yes", code=USAGE).stderr
    assert data("consumers", "replay", "desk", "--from", ids[4], "--yes", "--skip")["articles"] == 6
    world.redis.xtrim(STREAM, minid=ids[2], approximate=False)
    told = run("consumers", "replay", "desk", "--from", "2020-01-01T00:00Z", "--yes", code=FAILED).stderr
    assert f"the oldest is {ids[2]}" in " ".join(told.split())
    assert data("consumers", "replay", "desk", "--from", "oldest", "--dry-run")["articles"] == 0
    assert data("consumers", "replay", "desk", "--from", "oldest", "--yes")["articles"] == 8


def test_a_program_is_given_each_event_as_json_and_its_exit_code_acknowledges(world, capfd):
    run("consumers", "add", "desk", "--owner", "x")
    publish(world, tagged())
    consume('import json,sys; e = json.load(sys.stdin); print(e["type"], e["data"]["title"])')
    assert capfd.readouterr().out.startswith("rarewire.article.published.v1 Separation plant")
    assert GroupStore(world).state(STREAM, "desk").pending == 0


def test_a_program_that_fails_its_last_try_makes_a_dead_event_that_can_be_redriven(world):
    run("consumers", "add", "desk", "--owner", "x")
    assert data("consumers", "dead", "desk") == []
    assert "nosuch" in run("consumers", "dead", "nosuch", code=NOTHING).stderr
    fill(world, 2)
    consume('import sys; sys.exit("no room")', "--tries", "1")
    rows = data("consumers", "dead", "desk")
    assert [row["subject"] for row in rows] == ["x1", "x2"]
    assert rows[0]["deaderror"] == "ProgramFailedError: ended with exit code 1: no room"
    run("consumers", "redrive", "desk", code=USAGE)
    assert data("consumers", "redrive", "desk", "--all", "--dry-run") == {
        "group": "desk", "matched": 2, "moved": 0, "trimmed": [], "dry_run": True,
    }  # fmt: skip
    assert data("consumers", "redrive", "desk", "--all", "--yes")["moved"] == 2
    run("consumers", "redrive", "desk", "--all", "--yes", code=NOTHING)
    consume("pass", "--tries", "1")
    state = GroupStore(world).state(STREAM, "desk")
    assert (state.pending, state.dead) == (0, 0)


def test_a_replay_is_given_to_the_program_again(world):
    run("consumers", "add", "desk", "--owner", "x")
    fill(world, 3)
    assert consume("pass").stderr.startswith("3 events done")
    run("consumers", "replay", "desk", "--from", "oldest", "--yes")
    assert consume("pass").stderr.startswith("3 events done")


def test_a_failed_try_is_one_line_and_no_traceback(world):
    run("consumers", "add", "desk", "--owner", "x")
    fill(world, 1)
    told = consume('import sys; sys.exit("no room")').stderr
    assert "delivery 1: the program ended with exit code 1: no room" in told
    assert "Traceback" not in told


def test_a_program_is_not_ended_by_the_signals_that_end_us(world, tmp_path):
    run("consumers", "add", "desk", "--owner", "x")
    fill(world, 1)
    consume(f'import os; open("{tmp_path}/session", "w").write(str(os.getsid(0)))')
    assert (tmp_path / "session").read_text() != str(os.getsid(0))


def test_a_program_that_takes_too_long_has_failed(world):
    run("consumers", "add", "desk", "--owner", "x")
    fill(world, 1)
    consume("import time; time.sleep(60)", "--tries", "1", "--limit", "0.2", "--wait", "1")
    assert "did not end" in data("consumers", "dead", "desk")[0]["deaderror"]


def test_an_unregistered_group_is_told_what_to_do(world):
    assert "consumers add desk" in run("consume", "--group", "desk", "--exec", "true", code=NOTHING).stderr
    run("consume", "--group", "desk", "--exec", "true", "--wait", "5", "--limit", "30", code=USAGE)
