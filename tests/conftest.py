"""A real server for the tests that need one: the embedded one, started here; never one that somebody else runs."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from console.up import server
from shared.stores.connection import Database, connect

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def server_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    plan = server.plan(tmp_path_factory.mktemp("server"), 0)
    with subprocess.Popen(plan.command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        server.wait_until_ready(plan.url)
        yield plan.url
        process.kill()


@pytest.fixture
def database(server_url: str) -> Database:
    """The server's state, empty."""
    connected = connect(server_url)
    connected.redis.flushall()
    return connected
