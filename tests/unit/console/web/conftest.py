"""The console on the real server, asked through Starlette's own client."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from starlette.testclient import TestClient

from console.web.app import make_app
from console.web.exposure import user_line
from shared.settings import Settings
from tests.world import populate

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from shared.stores.connection import Database

PASSWORD = "correct horse battery"
USERS = (user_line("olga", "operator", PASSWORD), user_line("vera", "viewer", PASSWORD))


@pytest.fixture
def world(database: Database) -> Database:
    populate(database, dead=21, published=4, dropped=4, retries=3)
    return database


@pytest.fixture
def console(world: Database, server_url: str, tmp_path: Path) -> Callable[..., TestClient]:
    """Make a client of a console; keyword arguments are settings."""

    def make(**chosen: Any) -> TestClient:
        settings = Settings(redis_url=server_url, state_dir=tmp_path, **chosen)
        return TestClient(make_app(settings, database=world), base_url="http://127.0.0.1", follow_redirects=False)

    return make


@pytest.fixture
def local(console: Callable[..., TestClient]) -> TestClient:
    """A console without a login, as on one's own machine."""
    return console()


@pytest.fixture
def signed_in(console: Callable[..., TestClient]) -> Callable[[str], TestClient]:
    """Make a client in which a user has signed in."""

    def make(name: str) -> TestClient:
        client = console(console_users=USERS)
        client.get("/login")
        answer = client.post("/login", data={"csrf": token(client), "name": name, "password": PASSWORD, "next": "/"})
        assert answer.status_code == 303, answer.text
        return client

    return make


def token(client: TestClient) -> str:
    """The form token of this browser."""
    from console.web.desk import COOKIE, csrf_of

    return csrf_of(client.cookies.get(COOKIE) or "")
