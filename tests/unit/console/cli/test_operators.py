"""The operators' commands, on a real server: data on standard output, talk on standard error, exit codes that mean something."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from console.cli.main import app
from shared.settings import settings
from shared.stores.audit import AuditStore
from shared.stores.dead_letters import DeadLetterStore, Scope
from shared.stores.work import WorkStore
from tests.world import populate

DONE, FAILED, USAGE, NOTHING, NO_SERVER = 0, 1, 2, 3, 4


@pytest.fixture
def world(database, server_url, monkeypatch, tmp_path):
    monkeypatch.setenv("RAREWIRE_REDIS_URL", server_url)
    monkeypatch.setenv("RAREWIRE_STATE_DIR", str(tmp_path))
    settings.cache_clear()
    populate(database, dead=14, published=2, dropped=2, retries=2)
    yield database
    settings.cache_clear()


def run(*arguments: str, code: int = DONE, typed: str | None = None):
    result = CliRunner().invoke(app, list(arguments), input=typed)
    assert result.exit_code == code, result.output
    return result


def data(*arguments: str, code: int = DONE):
    return json.loads(run(*arguments, "--json", code=code).stdout)


def test_seven_causes_are_seven_groups(world):
    found = data("failures", "groups")
    assert [group["count"] for group in found] == [2] * 7
    assert {"group", "stage", "reason", "sample", "key", "oldest", "newest"} <= set(found[0])


def test_a_letter_is_shown_whole(world):
    key = data("failures", "list", "--most", "1")[0]["key"]
    found = data("failures", "show", key)
    assert (found["key"], len(found["attempts"]), found["operators"]) == (key, 3, [])
    run("failures", "show", "fetch/none", code=NOTHING)


def test_a_dry_run_says_how_many_and_changes_nothing(world):
    found = data("failures", "retry", "--reason", "timeout", "--dry-run")
    assert found == {"verb": "retry", "matched": 2, "moved": 0, "dry_run": True}
    assert DeadLetterStore(world).count() == 14


def test_without_a_terminal_nothing_is_changed_unless_told_to(world):
    run("failures", "retry", "--all", "--json", code=USAGE)
    run("failures", "retry", code=USAGE)
    assert DeadLetterStore(world).count() == 14


def test_a_retry_moves_once_and_is_on_record(world):
    assert data("failures", "retry", "--stage", "fetch", "--rate", "5", "--why", "fixed", "--yes")["moved"] == 8
    run("failures", "retry", "--stage", "fetch", "--yes", code=NOTHING)
    (act,) = AuditStore(world).acts()
    assert (act.what, act.scope, act.count, act.why, act.via) == (
        "failures retried",
        "stage:fetch",
        8,
        "fixed",
        "command",
    )
    assert data("audit")[0]["what"] == "failures retried"


def test_named_letters_are_discarded_and_no_others(world):
    names = DeadLetterStore(world).names(most=2)
    assert data("failures", "discard", *names, "--yes")["moved"] == 2
    assert DeadLetterStore(world).count() == 12


def test_a_letter_is_edited_from_a_file(world, tmp_path):
    store = DeadLetterStore(world)
    (name,) = store.names(scope=Scope(reason="timeout"), most=1)
    file = tmp_path / "message.json"
    file.write_text("{}", encoding="utf-8")
    run("failures", "edit", name, str(file), "--yes", code=USAGE)
    file.write_text(store.get(name).message, encoding="utf-8")
    run("failures", "edit", name, str(file), "--yes", "--why", "moved")
    assert store.get(name) is None
    assert store.lineage(name)[0]["verb"] == "edit"


def test_waiting_retries_are_listed_hurried_and_given_up(world):
    first, second = (row["key"] for row in data("retries", "list"))
    assert data("retries", "now", first, "--yes") == {"matched": 1, "moved": 1}
    assert data("retries", "give-up", second, "--yes") == {"matched": 1, "moved": 1}
    assert data("retries", "give-up", second, "--yes")["moved"] == 0
    assert WorkStore(world).count_retries() == 1


def test_an_articles_trace_comes_with_the_reason_in_words(world):
    letter = next(iter(DeadLetterStore(world).letters(DeadLetterStore(world).names(most=1))))
    found = data("articles", "show", letter.url)
    assert found["why"]["state"] == "bad"
    assert "failed for good" in run("articles", "show", letter.url).stderr


def test_health_is_judged_and_told_by_the_exit_code(world):
    assert all(row["ok"] for row in data("health"))
    world.redis.delete("rarewire:1:pulse")
    run("health", "web", code=FAILED)
    run("health", "nobody", code=USAGE)


def test_a_password_becomes_a_line_for_the_settings():
    result = run("console-password", "anna", "--role", "viewer", typed="correct horse battery\n")
    assert result.stdout.startswith("anna:viewer:$argon2id$")
    run("console-password", "anna", typed="short\n", code=USAGE)


def test_status_says_what_is_wrong(world):
    found = data("status")
    assert found["dead_letters"] == 14
    assert {cause["name"] for cause in found["causes"]} <= {"DeadLettersRising/fetch", "StageBehind/fetch"}


def test_without_a_server_the_code_says_so(monkeypatch, tmp_path):
    monkeypatch.delenv("RAREWIRE_REDIS_URL", raising=False)
    monkeypatch.setenv("RAREWIRE_STATE_DIR", str(tmp_path))
    settings.cache_clear()
    run("failures", "groups", code=NO_SERVER)
    settings.cache_clear()


@pytest.mark.parametrize("noun", ["failures", "retries", "audit", "health", "console-password"])
def test_help_needs_no_server(noun):
    assert "Usage" in run(noun, "--help").output
