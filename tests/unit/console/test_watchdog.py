"""The watchdog, with a supervisor that only remembers."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from console.up.watchdog import BREATH, SERVER_STILL, Watchdog
from shared.stores.connection import connect
from shared.stores.notices import NoticeStore
from shared.stores.vitals import VitalStore
from shared.topology import Stage

ROLES = ("server", "scheduler", "beat", "web", "text", "console")


class RecordingSupervisor:
    """What the watchdog uses of a supervisor."""

    def __init__(self) -> None:
        self.restarted: list[tuple[str, str]] = []
        self.up = dict.fromkeys(ROLES, 500.0)

    def states(self) -> list[dict[str, Any]]:
        return [{"name": name, "pid": 7, "up": up, "restarts": 0} for name, up in self.up.items()]

    def restart(self, name: str, why: str) -> None:
        self.restarted.append((name, why))
        self.up[name] = 0.0


@pytest.fixture
def supervisor() -> RecordingSupervisor:
    return RecordingSupervisor()


@pytest.fixture
def watchdog(database, supervisor) -> Watchdog:
    database.now = 1_000_000.0
    return Watchdog(supervisor=supervisor, database=database, name="box:1")


def everything_lives(database) -> None:
    for name in ("tick", "beat", "console", *Stage):
        VitalStore(database).beat(name)


def test_what_works_is_left_alone_and_published(database, supervisor, watchdog):
    everything_lives(database)
    assert watchdog.look() == []
    assert supervisor.restarted == []
    told = VitalStore(database).processes()["box:1"]["processes"]
    assert [(one["name"], one["ok"]) for one in told] == [(name, True) for name in ROLES]


def test_a_worker_that_stands_still_is_restarted_once_and_told_of(database, supervisor, watchdog):
    everything_lives(database)
    database.now += 45
    for name in ("tick", "beat", "console", "extract"):
        VitalStore(database).beat(name)
    assert [health.role for health in watchdog.look()] == ["web"]
    assert watchdog.look() == []  # the fresh process is given its time
    assert [name for name, _ in supervisor.restarted] == ["web"]
    (notice,) = NoticeStore(database).newest()
    assert (notice["kind"], notice["about"]) == ("restarted", "web")


def test_a_process_that_ended_by_itself_is_told_of_once(database, supervisor, watchdog):
    everything_lives(database)
    watchdog.look()
    supervisor.states = lambda: [{"name": "beat", "pid": 9, "up": 3.0, "restarts": 1}]
    watchdog.look()
    watchdog.look()
    (notice,) = NoticeStore(database).newest()
    assert (notice["about"], notice["detail"]) == ("beat", "it had ended by itself")


def test_a_process_that_is_down_is_the_supervisors_business(database, supervisor, watchdog):
    everything_lives(database)
    database.now += 45
    for name in ("tick", "beat", "console", "extract"):
        VitalStore(database).beat(name)
    supervisor.states = lambda: [{"name": "web", "pid": None, "up": 9.0, "restarts": 3}]
    assert watchdog.look() == []
    assert supervisor.restarted == []


def test_a_server_that_does_not_answer_is_restarted_after_a_while_and_told_of_when_it_is_back(database, supervisor):
    nobody = connect("redis://127.0.0.1:1/0", timeout=0.05)
    moment = [0.0]
    watchdog = Watchdog(supervisor=supervisor, database=nobody, clock=lambda: moment[0])
    for moment[0] in (0.0, SERVER_STILL - 1):
        watchdog.look()
    assert supervisor.restarted == []
    moment[0] = SERVER_STILL + 1
    watchdog.look()
    assert [name for name, _ in supervisor.restarted] == ["server"]
    watchdog.database = database
    everything_lives(database)
    watchdog.look()
    assert NoticeStore(database).newest()[0]["about"] == "server"


@pytest.fixture
def loading_server() -> Iterator[str]:
    """The URL of a server that reads its data yet, whatever it is asked."""

    class Loading(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            while self.rfile.readline():
                self.wfile.write(b"-LOADING the dataset is read\r\n")

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Loading) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"redis://127.0.0.1:{server.server_address[1]}/0"
        server.shutdown()


def test_a_server_that_loads_a_large_state_is_not_killed_for_it(supervisor, loading_server):
    moment = [0.0]
    watchdog = Watchdog(supervisor=supervisor, database=connect(loading_server, timeout=5.0), clock=lambda: moment[0])
    for moment[0] in (0.0, 2 * SERVER_STILL):
        assert watchdog.look() == []
    watchdog.database.redis.close()
    assert supervisor.restarted == []


def test_after_an_outage_of_the_server_the_living_are_given_time_to_show_life(database, supervisor):
    nobody, moment = connect("redis://127.0.0.1:1/0", timeout=0.05), [100.0]
    watchdog = Watchdog(supervisor=supervisor, database=nobody, clock=lambda: moment[0])
    watchdog.look()
    database.now = 1_000_000.0
    everything_lives(database)
    database.now += 45
    watchdog.database = database
    moment[0] += 3
    assert watchdog.look() == []
    assert supervisor.restarted == []
    moment[0] += BREATH
    assert watchdog.look() != []


def test_a_server_that_refuses_writes_makes_nobody_look_dead(database, supervisor, watchdog):
    everything_lives(database)
    database.now += 45
    database.redis.config_set("maxmemory", "1mb")
    try:
        assert watchdog.look() == []
    finally:
        database.redis.config_set("maxmemory", "0")
    assert supervisor.restarted == []
    assert watchdog.look() == []  # not yet: nobody could show life until now
