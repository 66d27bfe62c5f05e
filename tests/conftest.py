"""A real server for the tests that need one: the embedded one, started here; never one that somebody else runs."""

from __future__ import annotations

import logging
import subprocess
from typing import TYPE_CHECKING

import hypothesis
import pytest
import structlog

from console.conformance.server import ThrowAwayServer
from console.up import server
from shared.stores.connection import Database, connect
from tests.servers import KINDS, binary

if TYPE_CHECKING:
    from collections.abc import Iterator


# How long an example takes says how busy the machine is; the profile keeps what CI's own has beside that.
hypothesis.settings.register_profile("untimed", hypothesis.settings(), deadline=None)
hypothesis.settings.load_profile("untimed")
structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))


@pytest.fixture(scope="session")
def server_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    plan = server.plan(tmp_path_factory.mktemp("server"), 0)
    with subprocess.Popen(plan.command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        server.wait_until_ready(plan.url)
        yield plan.url
        process.kill()


@pytest.fixture
def database(server_url: str) -> Iterator[Database]:
    """The server's state, empty."""
    connected = connect(server_url)
    connected.redis.flushall()
    yield connected
    connected.redis.close()


@pytest.fixture(scope="session", params=KINDS, ids=lambda kind: kind.name)
def each_server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ThrowAwayServer]:
    """Every kind of server that is supported, one after the other; skipped with a word where this machine has none."""
    program = binary(request.param)
    if program is None:
        pytest.skip(f"no {request.param.name} on this machine: {request.param.how}")
    with ThrowAwayServer(tmp_path_factory.mktemp(request.param.name), binary=program) as started:
        yield started


@pytest.fixture
def each_database(each_server: ThrowAwayServer) -> Iterator[Database]:
    """Each server's state, empty."""
    connected = each_server.database()
    connected.redis.flushall()
    yield connected
    connected.redis.close()
