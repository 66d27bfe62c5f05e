"""The console in a real Chromium, served by a real process of its own thread on the world's server."""

from __future__ import annotations

import os
import shutil
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from shared.settings import Settings
from tests.world import populate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from shared.stores.connection import Database

CHROMIUM = os.environ.get("RAREWIRE_TEST_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
ARGUMENTS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip
SHOTS = os.environ.get("RAREWIRE_TEST_SCREENSHOTS")  # a folder: screenshots are kept there, to be looked at


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """Chromium under Playwright; tests are skipped with a word where there is none."""
    if not CHROMIUM:
        pytest.skip("no Chromium on PATH (and RAREWIRE_TEST_CHROMIUM is not set): the browser tests were not run")
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS))
        yield browser
        browser.close()


@pytest.fixture
def world(database: Database) -> Database:
    populate(database)
    return database


@pytest.fixture
def serve(world: Database, server_url: str, tmp_path: Path) -> Iterator[Callable[..., str]]:
    """Serve a console; keyword arguments are settings. Returns its address."""
    import uvicorn

    from console.web.app import make_app

    servers: list[tuple[uvicorn.Server, threading.Thread]] = []

    def start(**chosen: Any) -> str:
        app = make_app(Settings(redis_url=server_url, state_dir=tmp_path, **chosen), database=world)
        server = uvicorn.Server(
            uvicorn.Config(app, host="127.0.0.1", port=0, log_config=None, timeout_graceful_shutdown=1)
        )
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        servers.append((server, thread))
        end = time.monotonic() + 20
        while not server.started and time.monotonic() < end:
            time.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        return f"http://127.0.0.1:{port}"

    yield start
    for server, thread in servers:
        server.should_exit = True
        thread.join(timeout=10)


@pytest.fixture
def open_page(chromium: Any) -> Iterator[Callable[..., Any]]:
    """Open a page; anything that the browser complains of fails the test."""
    contexts: list[Any] = []
    complaints: list[str] = []

    def start(address: str, *, width: int = 1360, height: int = 900, dark: bool = False) -> Any:
        context = chromium.new_context(
            viewport={"width": width, "height": height}, color_scheme="dark" if dark else "light"
        )
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        page.goto(address)
        return page

    yield start
    for context in contexts:
        context.close()
    assert [text for text in complaints if "404" not in text] == []


def shot(page: Any, name: str) -> None:
    """Keep a screenshot where the environment says so."""
    if SHOTS:
        page.screenshot(path=str(Path(SHOTS) / f"{name}.png"), full_page=True)
