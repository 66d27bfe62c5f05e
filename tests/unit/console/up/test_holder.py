"""One server at a time: the next one waits for the last, and ends it where it does not go."""

from __future__ import annotations

import signal
import subprocess
from pathlib import Path

import pytest

from console.up import server
from console.up.holder import StillHeldError, held


def started(state: Path, descriptor: int) -> subprocess.Popen[bytes]:
    """A server as the supervisor starts it, ready to answer."""
    plan = server.plan(state, 0)
    process = subprocess.Popen(plan.command, pass_fds=(descriptor,), stdout=subprocess.DEVNULL)
    server.wait_until_ready(plan.url)
    return process


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "server").mkdir()
    return tmp_path / "server"


def test_a_folder_is_held_until_its_server_has_ended_not_only_its_supervisor(tmp_path: Path, folder: Path) -> None:
    with held(folder) as descriptor:
        process = started(tmp_path, descriptor)
    (folder / "server.pid").rename(folder / "elsewhere")
    with pytest.raises(StillHeldError), held(folder, patience=0.2):
        pass
    process.kill()
    process.wait()
    with held(folder):
        pass


def test_a_server_that_was_left_behind_and_stands_still_is_ended(tmp_path: Path, folder: Path) -> None:
    with held(folder) as descriptor:
        process = started(tmp_path, descriptor)
    process.send_signal(signal.SIGSTOP)
    with held(folder, patience=0.5):
        assert process.wait(5) == -signal.SIGKILL
