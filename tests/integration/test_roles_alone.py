"""`rarewire run ROLE` before it becomes the role: it waits for the server, refuses what cannot hold the state, and says why."""

from __future__ import annotations

import os

import pytest
from typer.testing import CliRunner

from console.cli.main import app
from console.conformance.server import ThrowAwayServer
from console.up import alone
from console.up.roles import NAMES, marks, role
from schedulers.catalogue import DEFAULT, CatalogueError, load
from shared import settings as settings_module
from shared.life import last_mark, role_here
from shared.settings import Settings
from shared.stores import keys
from shared.stores.admission import UnusableServerError, layout
from shared.stores.feeds import FeedStore

pytestmark = pytest.mark.integration


def test_a_server_that_comes_late_is_waited_for(tmp_path):
    with ThrowAwayServer(tmp_path / "server") as server:
        server.kill()
        slept = []

        def sleep(seconds):
            slept.append(seconds)
            if len(slept) == 2:
                server.start()

        alone.prepare("web", Settings(redis_url=server.url), sleep=sleep)
        assert len(slept) >= 2
        assert layout(server.database()) == keys.LAYOUT


def test_a_server_that_never_comes_is_told_with_what_to_do():
    nowhere = Settings(redis_url="redis://:secret@127.0.0.1:1/0")
    with pytest.raises(TimeoutError, match="see that it runs") as caught:
        alone.prepare("web", nowhere, patience=0.0, sleep=lambda _: None)
    assert "secret" not in str(caught.value)


def test_a_newer_layout_is_refused_and_left_as_it_is(server_url, database):
    database.redis.set(keys.LAYOUT_KEY, keys.LAYOUT + 1)
    with pytest.raises(UnusableServerError, match="newer release"):
        alone.prepare("scheduler", Settings(redis_url=server_url))
    assert database.redis.dbsize() == 1


def test_the_scheduler_watches_the_feeds_file_and_the_others_leave_it(server_url, database):
    alone.prepare("web", Settings(redis_url=server_url))
    assert FeedStore(database).count() == 0
    alone.prepare("scheduler", Settings(redis_url=server_url))
    assert FeedStore(database).count() == len(load(DEFAULT))


def test_a_feeds_file_that_cannot_be_used_stops_the_scheduler(server_url, database, tmp_path):
    with pytest.raises(CatalogueError):
        alone.prepare("scheduler", Settings(redis_url=server_url, feeds_file=tmp_path / "none.toml"))


@pytest.mark.parametrize("name", NAMES)
def test_a_role_is_noted_and_marked_before_it_is_run_in_our_place(name, server_url, database, tmp_path, monkeypatch):
    ran = []
    monkeypatch.setattr(os, "execv", lambda program, command: ran.append((program, command)))
    chosen = Settings(redis_url=server_url, state_dir=tmp_path / "state")
    alone.become(name, chosen)
    command = role(name, chosen).command
    assert ran == [(command[0], command)]
    assert role_here(tmp_path / "state") == name
    assert last_mark(tmp_path / "state", marks(name)) is not None


def test_an_unknown_role_is_wrong_usage_that_names_the_known_ones(monkeypatch, tmp_path):
    monkeypatch.setenv("RAREWIRE_STATE_DIR", str(tmp_path))
    settings_module.settings.cache_clear()
    answer = CliRunner().invoke(app, ["run", "cook"])
    settings_module.settings.cache_clear()
    assert answer.exit_code == 2
    assert "scheduler" in answer.output
