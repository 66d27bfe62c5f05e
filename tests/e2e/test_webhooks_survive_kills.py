"""The sender as a process of its own, killed again and again by SIGKILL while it posts: nothing is lost."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from shared.stores.groups import OLDEST, GroupStore
from tests.events import STREAM, fill
from tests.receiver import SECRET, Receiver

if TYPE_CHECKING:
    from pathlib import Path

    from shared.stores.connection import Database

pytestmark = pytest.mark.e2e

EVENTS, KILLS = 500, 4


@pytest.fixture
def environment(tmp_path: Path, server_url: str) -> dict[str, str]:
    (tmp_path / "hooks.toml").write_text(
        "[[endpoint]]\n"
        'name = "desk"\n'
        'url = "{base}/desk"\n'
        'owner = "tests"\n'
        'secret = "env:DESK_SECRET"\n'
        'start = "oldest"\n'
        "timeout = 1\n"
        'allow_networks = ["127.0.0.0/8"]\n'
    )
    return {
        **os.environ, "DESK_SECRET": SECRET, "RAREWIRE_REDIS_URL": server_url, "RAREWIRE_STATE_DIR": str(tmp_path),
        "RAREWIRE_WEBHOOKS_FILE": str(tmp_path / "hooks.toml"), "RAREWIRE_LOG_LEVEL": "WARNING",
    }  # fmt: skip


def start(environment: dict[str, str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-m", "workers.deliver"], env=environment)


def test_every_event_is_delivered_and_a_repeat_has_the_same_id(
    environment: dict[str, str], database: Database, tmp_path: Path
) -> None:
    hooks = tmp_path / "hooks.toml"
    with Receiver() as receiver:
        hooks.write_text(hooks.read_text().format(base=receiver.base))
        GroupStore(database).add(STREAM, "webhook-desk", owner="tests", start=OLDEST)
        fill(database, EVENTS)
        for kill in range(1, KILLS + 1):
            process = start(environment)
            receiver.wait("/desk", kill * EVENTS // (KILLS + 2))
            process.send_signal(signal.SIGKILL)
            assert process.wait() == -signal.SIGKILL
        process = start(environment)
        counts = receiver.wait("/desk", EVENTS)
        end = time.monotonic() + 60
        while (state := GroupStore(database).state(STREAM, "webhook-desk")).pending or state.lag:
            assert time.monotonic() < end, state
            time.sleep(0.05)
        process.terminate()
        assert process.wait(20) == 0
    assert len(counts) == EVENTS
    assert all(one.genuine for one in receiver.got)
    # One event is in hand at a time, so a kill repeats one at most.
    assert Counter(one.id for one in receiver.got).total() <= EVENTS + KILLS
