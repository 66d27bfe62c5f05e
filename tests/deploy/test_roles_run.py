"""The commands of each place, run for real without containers: articles come out, probes say so, SIGTERM ends them."""

from __future__ import annotations

import json
import os
import signal
import urllib.request
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from console.conformance.server import ThrowAwayServer
from console.web.exposure import user_line
from demo.press import Press
from tests.deploy.external import a_port
from tests.deploy.places import PLACES, secrets_of
from tests.deploy.running import LOOPBACK, Place, articles, feeds_file, wait

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(400)]
TOKEN = "a-token-for-prometheus"


def test_one_machine_runs_the_same_commands_by_compose_and_by_systemd():
    """So that one run proves both; their probes differ and are tried both."""
    by_compose, by_systemd = (
        {one.role: one.command for one in PLACES[name](secrets_of({}))} for name in ("compose", "systemd")
    )
    assert by_compose == by_systemd


@pytest.fixture(params=["compose", "kubernetes"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Place, ThrowAwayServer]]:
    users = json.dumps([user_line("anna", "operator", "correct horse battery")])
    secrets = secrets_of({"RAREWIRE_CONSOLE_USERS": users, "RAREWIRE_CONSOLE_TOKEN": TOKEN})
    with ExitStack() as stack:
        server = stack.enter_context(ThrowAwayServer(tmp_path / "server"))
        press = stack.enter_context(Press(seed=6, outlets=4, stock=8, faults=False))
        common = {
            **LOOPBACK, "RAREWIRE_REDIS_URL": server.url,
            "RAREWIRE_FEEDS_FILE": str(feeds_file(press, tmp_path / "feeds.toml")),
            "RAREWIRE_CONSOLE_PORT": str(a_port()),
        }  # fmt: skip
        made = Place(PLACES[request.param](secrets), folder=tmp_path, common=common)
        stack.callback(made.close)
        yield made, server


def test_the_commands_of_a_place_bring_articles_and_end_cleanly(place):
    system, server = place
    system.start()
    wait(lambda: articles(server.database()) > 0, "an article on the stream", seconds=150)
    for role in system.starts:
        assert system.processes[role].poll() is None, system.log(role)
        wait(lambda role=role: "showed life" in system.probe(role)[1], f"{role} to show life", seconds=40)
        assert system.probe(role)[0] == 0
    for one in PLACES["systemd"](secrets_of({})):
        if one.role in system.starts:
            assert system.probe(one.role, one.probe)[0] == 0
    _console_answers(system)
    _end(system)


def _console_answers(system: Place) -> None:
    """Prometheus reads the metrics with its token, as compose and the manifests have it do."""
    port = system.common["RAREWIRE_CONSOLE_PORT"]
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=10) as answer:
        assert answer.status == 200
    headers = {"Authorization": f"Bearer {TOKEN}", "Host": "console:8787"}
    asked = urllib.request.Request(f"http://127.0.0.1:{port}/metrics", headers=headers)
    with urllib.request.urlopen(asked, timeout=10) as answer:
        assert b"rarewire_stage_oldest_seconds" in answer.read()


def _end(system: Place) -> None:
    """SIGTERM goes to the first process alone, as a container's or unit's end does; children must not outlive it."""
    for process in system.processes.values():
        process.send_signal(signal.SIGTERM)
    for role, process in system.processes.items():
        code = process.wait(timeout=system.starts[role].grace)
        assert code in {0, -signal.SIGTERM}, f"{role} ended with {code}: {system.log(role)}"
        with pytest.raises(ProcessLookupError):
            os.killpg(process.pid, 0)
