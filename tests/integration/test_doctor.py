"""`rarewire doctor` in the states that operators get into: what it finds, how bad it says it is, and what to do."""

from __future__ import annotations

import json
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest
from typer.testing import CliRunner

from console.cli.main import app
from console.doctor import Finding, Level, examine
from console.doctor.here import feeds_file, rules, state_folder
from console.doctor.outside import THREADS, Answer, chosen, reached
from console.doctor.server import CLOCK_FAILS, CLOCK_WARNS, broker, clock, memory, persistence
from demo.press import Press
from schedulers.catalogue import DEFAULT, load
from shared import settings as settings_module
from shared.settings import Settings
from shared.stores import keys
from tests.deploy import external
from tests.deploy.running import feeds_file as write_feeds

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.integration


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as made:
        yield made


def settings(tmp_path: Path, **given: Any) -> Settings:
    return Settings(**{"state_dir": tmp_path / "state", "contact": "mail@example.net", **given})


def not_well(found: Any) -> dict[str, Finding]:
    return {one.check: one for one in found if one.level is not Level.OK}


def test_a_fit_machine_has_nothing_to_do(tmp_path, server_url, database):
    found = list(examine(settings(tmp_path, redis_url=server_url)))
    assert not_well(found) == {}
    assert all(not one.do for one in found)
    assert {"settings", "contact", "state folder", "feeds file", "egress", "server", "layout", "clock"} <= {
        one.check for one in found
    }


def test_every_finding_that_is_not_well_says_what_to_do(tmp_path, server_url, database):
    wrong = settings(
        tmp_path, redis_url=server_url, contact=Settings.model_fields["contact"].default, allow_loopback=True,
        console_host="0.0.0.0", topics=("no_such_topic",), feeds_file=tmp_path / "none.toml", broker_url="amqp://127.0.0.1:1//",
    )  # fmt: skip
    found = not_well(examine(wrong))
    assert set(found) == {"contact", "loopback", "console", "rules: no_such_topic", "feeds file", "broker"}
    assert all(one.do for one in found.values())


def test_no_server_yet_is_a_warning_that_names_the_ways_to_one(tmp_path):
    found = not_well(examine(settings(tmp_path)))
    assert found["server"].level is Level.WARNING
    assert "rarewire up" in found["server"].do
    assert "RAREWIRE_REDIS_URL" in found["server"].do


def test_a_server_that_does_not_answer_is_bad(tmp_path):
    found = not_well(examine(settings(tmp_path, redis_url="redis://:secret@127.0.0.1:1/0")))
    assert found["server"].level is Level.BAD
    assert "secret" not in found["server"].found + found["server"].do


@pytest.mark.parametrize("password", ["", ":wrong@"], ids=["none", "wrong"])
def test_a_password_that_the_server_does_not_take_is_named(tmp_path, server_url, password):
    address = server_url.rpartition("@")[2]
    found = not_well(examine(settings(tmp_path, redis_url=f"redis://{password}{address}")))
    assert found["server"].level is Level.BAD
    assert "password" in found["server"].do
    assert found["server"].found == "it wants another password or user"


def test_a_user_without_rights_and_sentinels_that_are_away_are_told_apart(tmp_path, server_url, database):
    database.redis.execute_command("ACL SETUSER poor on >word +@connection")
    address = server_url.rpartition("@")[2]
    found = not_well(examine(settings(tmp_path, redis_url=f"redis://poor:word@{address}")))
    database.redis.execute_command("ACL DELUSER poor")
    assert "our user lacks rights" in found["server"].found
    found = not_well(examine(settings(tmp_path, redis_url="redis+sentinel://127.0.0.1:1,127.0.0.1:2/main")))
    assert found["server"].found == "no sentinel answers with a primary of that name"


@pytest.mark.parametrize(
    ("option", "check", "level", "told"),
    [
        ("appendonly no", "persistence", Level.WARNING, "appendonly yes"),
        ("maxmemory-policy allkeys-lru", "eviction", Level.BAD, "noeviction"),
        ("maxmemory-policy volatile-ttl", "eviction", Level.BAD, "noeviction"),
        ("maxmemory 1mb", "memory", Level.WARNING, "RAREWIRE_RETENTION_DAYS"),
    ],
)
def test_what_a_server_is_set_to_is_judged(tmp_path, stack, option, check, level, told):  # noqa: PLR0917
    port, _ = external.redis(stack, tmp_path / "server", *f"--{option}".split())
    url = f"redis://:{external.QUOTED}@127.0.0.1:{port}/0"
    found = not_well(examine(settings(tmp_path, redis_url=url)))
    assert {check: found[check].level} == {one: finding.level for one, finding in found.items()} == {check: level}
    assert told in found[check].do


def test_a_replica_and_an_old_server_are_refused_with_what_to_use(tmp_path, stack, server_url):
    port = server_url.rpartition(":")[2].partition("/")[0]
    replica, _ = external.redis(stack, tmp_path / "replica", "--replicaof", f"127.0.0.1 {port}")
    old, _ = external.redis(stack, tmp_path / "old", "--rename-command", "ZINTERCARD", "gone")
    for one, told in ((replica, "to the primary"), (old, "Redis 7.0 or newer")):
        url = f"redis://:{external.QUOTED}@127.0.0.1:{one}/0"
        found = not_well(examine(settings(tmp_path, redis_url=url)))
        assert found["server"].level is Level.BAD
        assert told in found["server"].do


def test_a_disk_that_the_server_cannot_write_is_bad():
    (failed,) = not_well(persistence({"aof_enabled": 1, "aof_last_write_status": "err"})).values()
    assert (failed.check, failed.level) == ("writing", Level.BAD)


@pytest.mark.parametrize(
    ("ahead", "managed", "level"),
    [
        (0.0, False, Level.OK), (-CLOCK_WARNS - 0.1, False, Level.WARNING), (CLOCK_WARNS + 0.1, False, Level.WARNING),
        (CLOCK_FAILS + 1, False, Level.BAD), (-3600.0, False, Level.BAD), (CLOCK_WARNS + 1, True, Level.OK),
    ],
)  # fmt: skip
def test_clocks_that_differ_are_judged_by_how_much(ahead, managed, level):
    assert clock(ahead, managed=managed).level is level


def test_memory_is_judged_by_the_servers_limit_or_else_the_machines():
    assert "memory" in not_well(memory({"maxmemory": 100, "used_memory": 81}))
    assert not_well(memory({"maxmemory": 0, "total_system_memory": 1000, "used_memory": 81})) == {}


def test_a_folder_that_cannot_be_written_and_a_broken_feeds_file_are_bad(tmp_path):
    (tmp_path / "file").write_text("not a folder", encoding="utf-8")
    assert state_folder(tmp_path / "file" / "state").level is Level.BAD
    (tmp_path / "feeds.toml").write_text("[[feed]]\nname = 1\n", encoding="utf-8")
    assert "feed 1" in feeds_file(tmp_path / "feeds.toml").found
    assert rules("no_such_topic").level is Level.BAD


def test_a_broker_is_judged_without_its_password(tmp_path):
    found = broker("amqp://anna:secret@127.0.0.1:1//")
    assert found.level is Level.BAD
    assert "secret" not in found.found + found.do
    assert "no broker's address" in broker("nonsense://x").found


def test_hosts_that_answer_are_the_proof_of_egress(tmp_path, server_url, database):
    with Press(seed=1, stock=4, faults=False) as press:
        feeds = write_feeds(press, tmp_path / "feeds.toml")
        here = settings(tmp_path, redis_url=server_url, feeds_file=feeds, allow_loopback=True, ports=())
        found = {one.check: one for one in examine(here, ask_outside=True)}
    assert found["outside"].level is Level.OK
    assert found["outside"].found == f"{THREADS} of {THREADS} hosts of the feeds answered"
    assert found["robots"].level is Level.OK


def test_no_answer_from_anywhere_is_no_egress(tmp_path):
    lines = "".join(f'[[feed]]\nname = "n{n}"\nurl = "http://127.0.0.{n}:9/feed"\n' for n in range(1, 4))
    (tmp_path / "feeds.toml").write_text(lines, encoding="utf-8")
    here = settings(tmp_path, feeds_file=tmp_path / "feeds.toml", allow_loopback=True, ports=())
    found = {one.check: one for one in examine(here, ask_outside=True)}
    assert found["outside"].level is Level.BAD
    assert "0 of 3" in found["outside"].found
    assert "robots" not in found


def test_a_closed_robots_txt_and_one_silent_host_are_told():
    answers = [Answer(host="a"), Answer(host="b", closed=True), Answer(host="c", failed="timeout: 8 s")]
    found = {one.check: one for one in reached(answers)}
    assert (found["outside"].level, found["robots"].level) == (Level.OK, Level.WARNING)
    assert "c: timeout" in found["outside"].found
    assert "b" in found["robots"].found


def test_few_hosts_are_asked_each_once_and_spread_over_the_list():
    sources = load(DEFAULT)
    asked = chosen(sources)
    assert len(asked) == len(set(asked)) == THREADS
    assert sources[0].homepage in asked or sources[0].url.startswith(asked[0])


@pytest.fixture
def run(monkeypatch, tmp_path) -> Iterator[Any]:
    monkeypatch.setenv("RAREWIRE_STATE_DIR", str(tmp_path / "state"))

    def invoke(*arguments: str, **environment: str) -> Any:
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        settings_module.settings.cache_clear()
        return CliRunner().invoke(app, ["doctor", *arguments])

    yield invoke
    settings_module.settings.cache_clear()


def test_the_command_fails_for_what_is_bad_and_with_strict_for_warnings(run, server_url, database):
    assert run("--offline", RAREWIRE_REDIS_URL=server_url).exit_code == 0
    strict = run("--offline", "--strict")
    assert strict.exit_code == 1
    assert "RAREWIRE_CONTACT" in strict.output
    assert run("--offline", RAREWIRE_REDIS_URL="redis://127.0.0.1:1/0").exit_code == 1


def test_wrong_settings_are_findings_by_name_without_their_values(run):
    answer = run("--offline", "--json", RAREWIRE_FETCH_THREADS="many", RAREWIRE_REDIS_URL="http://anna:secret@x/")
    assert answer.exit_code == 1
    found = json.loads(answer.stdout)
    assert sorted(one["check"].partition(" (")[0] for one in found) == ["setting fetch_threads", "setting redis_url"]
    assert "secret" not in answer.output


def test_a_probe_by_the_command_says_the_same_as_the_cheap_one(run, server_url, database, tmp_path):
    answer = run("--live", "web", RAREWIRE_REDIS_URL=server_url)
    assert (answer.exit_code, "nothing waits for it" in answer.output) == (0, True)
    assert run("--live", "cook").exit_code == 2


def test_a_state_in_a_newer_layout_names_both_ways_back(tmp_path, server_url, database):
    database.redis.set(keys.LAYOUT_KEY, keys.LAYOUT + 1)
    found = not_well(examine(settings(tmp_path, redis_url=server_url)))
    assert "run that one again, or restore a backup" in found["server"].do
