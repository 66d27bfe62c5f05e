"""A role's process is blamed for what it should have done, and for nothing else."""

from __future__ import annotations

import os
import subprocess
import sys
import time

import pytest

from console.alive import PATIENCE, alive, probe
from console.up.roles import NAMES, marks, stages
from shared.life import mark, note_role, role_here
from shared.messages import PageFound
from shared.settings import Settings
from shared.stores.connection import connect
from shared.stores.vitals import VitalStore
from shared.stores.work import WorkStore

LONG = PATIENCE + 40.0


def leave(state, role, *, ago):
    for name in marks(role):
        mark(state, name)
        at = time.time() - ago
        os.utime(state / f"alive-{name}", (at, at))


def let_work_wait(database, seconds):
    database.now = time.time() - seconds
    WorkStore(database).add([PageFound(article_id="a", url="https://x.example/", feed_id="f", found_at=1.0)])
    database.now = None


@pytest.mark.parametrize("role", NAMES)
def test_a_fresh_mark_is_life_whatever_waits(database, tmp_path, role):
    let_work_wait(database, LONG)
    leave(tmp_path, role, ago=5)
    assert alive(role, state=tmp_path, database=database) == (True, "it showed life 5 s ago")


@pytest.mark.parametrize("role", [name for name in NAMES if stages(name)])
def test_a_worker_may_rest_while_nothing_waits(database, tmp_path, role):
    leave(tmp_path, role, ago=LONG)
    assert alive(role, state=tmp_path, database=database) == (True, "nothing waits for it")


def test_a_worker_that_does_not_look_at_old_work_is_dead(database, tmp_path):
    let_work_wait(database, LONG)
    leave(tmp_path, "web", ago=LONG)
    well, why = alive("web", state=tmp_path, database=database)
    assert not well
    assert why.startswith("work has waited for 1")
    assert "has not shown life for 100 s" in why


def test_a_worker_is_not_blamed_for_another_stages_work(database, tmp_path):
    let_work_wait(database, LONG)  # at fetch
    assert alive("text", state=tmp_path, database=database)[0]
    assert not alive("fetch", state=tmp_path, database=database)[0]


@pytest.mark.parametrize("role", ["beat", "console", "webhooks"])
def test_who_should_show_life_every_few_seconds_and_does_not_is_dead(database, tmp_path, role):
    leave(tmp_path, role, ago=LONG)
    assert not alive(role, state=tmp_path, database=database)[0]


def test_a_scheduler_is_dead_only_while_ticks_come(database, tmp_path):
    leave(tmp_path, "scheduler", ago=LONG)
    assert alive("scheduler", state=tmp_path, database=database)[0], "without a beat there is nothing to hear"
    VitalStore(database).beat("beat")
    assert not alive("scheduler", state=tmp_path, database=database)[0]


@pytest.mark.parametrize("role", ["web", "beat", "console"])
def test_nobody_is_blamed_while_the_server_is_away(tmp_path, role):
    leave(tmp_path, role, ago=LONG)
    away = connect("redis://127.0.0.1:1/0", timeout=0.2)
    well, why = alive(role, state=tmp_path, database=away)
    assert well
    assert "does not answer" in why


@pytest.mark.parametrize("role", ["web", "beat"])
def test_nobody_is_blamed_while_a_broker_of_its_own_is_away(database, tmp_path, role):
    let_work_wait(database, LONG)
    leave(tmp_path, role, ago=LONG)
    well, why = alive(role, state=tmp_path, database=database, broker="amqp://user:word@127.0.0.1:1//")
    assert (well, "broker" in why) == (True, True)


def test_here_is_the_role_that_was_started_last(server_url, database, tmp_path):
    settings = Settings(redis_url=server_url, state_dir=tmp_path)
    assert role_here(tmp_path) == ""
    with pytest.raises(ValueError, match="there is no role ''"):
        probe("here", settings)
    note_role(tmp_path, "beat")
    leave(tmp_path, "beat", ago=LONG)
    assert not probe("here", settings)[0]


@pytest.mark.parametrize(("ago", "code"), [(3, 0), (LONG, 1)])
def test_the_command_says_so_by_its_exit_code(server_url, database, tmp_path, ago, code):
    leave(tmp_path, "beat", ago=ago)
    environment = {**os.environ, "RAREWIRE_REDIS_URL": server_url, "RAREWIRE_STATE_DIR": str(tmp_path)}
    done = subprocess.run([sys.executable, "-m", "console.alive", "beat"], env=environment, check=False)
    assert done.returncode == code


def test_a_role_that_there_is_not_is_wrong_usage_and_no_death(server_url, tmp_path):
    environment = {**os.environ, "RAREWIRE_REDIS_URL": server_url, "RAREWIRE_STATE_DIR": str(tmp_path)}
    done = subprocess.run([sys.executable, "-m", "console.alive", "cook"], env=environment, check=False)
    assert done.returncode == 2
