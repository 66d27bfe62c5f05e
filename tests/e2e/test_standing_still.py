"""What lives and does nothing is found, shown and healed within a minute: real processes, really stopped."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest

from shared.settings import Settings
from shared.stores.connection import RedisError, connect
from shared.stores.notices import NoticeStore
from shared.stores.vitals import VitalStore

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from shared.stores.connection import Database

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]

FEEDS = '[[feed]]\nname = "nowhere"\nurl = "http://127.0.0.1:9/feed"\n'
HEALED_WITHIN = 60.0


@pytest.fixture
def system(tmp_path: Path) -> Iterator[Database]:
    """`rarewire up` with one feed that leads nowhere."""
    (tmp_path / "feeds.toml").write_text(FEEDS, encoding="utf-8")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("RAREWIRE_")} | {
        "RAREWIRE_STATE_DIR": str(tmp_path), "RAREWIRE_FEEDS_FILE": str(tmp_path / "feeds.toml"), "RAREWIRE_PORTS": "[]",
        "RAREWIRE_SERVER_PORT": "0", "RAREWIRE_CONSOLE_PORT": "0", "RAREWIRE_ALLOW_LOOPBACK": "true",
        "RAREWIRE_TEXT_PROCESSES": "1",
    }  # fmt: skip
    command = (sys.executable, "-c", "from console.cli.main import main; main()", "up", "--no-tail")
    with subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL) as process:
        settings = Settings(state_dir=tmp_path)
        wait(lambda: bool(settings.running()), 60)
        database = connect(settings.redis(), timeout=2.0)
        wait(lambda: well(database, {}), 90)
        yield database
        process.send_signal(signal.SIGTERM)
        process.wait(60)


def wait(ready: Callable[[], bool], seconds: float) -> float:
    """Wait until something is so; returns the seconds it took."""
    start = time.monotonic()
    while not ready():
        assert time.monotonic() - start < seconds, f"not so within {seconds} s"
        time.sleep(0.25)
    return time.monotonic() - start


def processes(database: Database) -> dict[str, dict[str, Any]]:
    try:
        told = VitalStore(database).processes()
    except RedisError:
        return {}
    return {process["name"]: process for one in told.values() for process in one["processes"]}


def well(database: Database, before: dict[str, int]) -> bool:
    """Whether all processes work, those named in `before` as new ones."""
    found = processes(database)
    return len(found) == 6 and all(
        process["ok"] and process["pid"] and process["why"] != "starting" and process["pid"] != before.get(name)
        for name, process in found.items()
    )


def test_stopped_workers_and_a_killed_beat_are_healed_and_shown_within_a_minute(system):
    before = {name: process["pid"] for name, process in processes(system).items()}
    hit = {name: before[name] for name in ("web", "text", "beat")}
    os.kill(hit["web"], signal.SIGSTOP)
    os.kill(hit["text"], signal.SIGSTOP)
    os.kill(hit["beat"], signal.SIGKILL)
    took = wait(lambda: well(system, hit), HEALED_WITHIN)
    assert took < HEALED_WITHIN
    shown = {notice["about"] for notice in NoticeStore(system).newest() if notice["kind"] == "restarted"}
    assert set(hit) <= shown
