"""The supervisor with real, tiny processes: restarts, back-off, logs, and an end that leaves nothing behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from queue import Queue
from typing import TYPE_CHECKING, Any

import pytest

from console.up.logfiles import shorten
from console.up.supervisor import Role, Supervisor
from console.up.system import AlreadyRunningError, _only_one, is_running

if TYPE_CHECKING:
    from collections.abc import Iterator

SLEEP = (sys.executable, "-c", "import signal; signal.pause()")


class Watched:
    """A supervisor that runs in a thread of ours, and what it tells."""

    def __init__(self, logs: Path, *roles: Role) -> None:
        self.told: Queue[tuple[str, str, dict[str, Any]]] = Queue()
        self.supervisor = Supervisor(
            roles, logs=logs, environment={}, on_event=lambda *event: self.told.put(event), log_most=1_000
        )
        self.thread = threading.Thread(target=self.supervisor.run)

    def until(self, event: str, name: str) -> dict[str, Any]:
        """What it tells when this happens."""
        while True:
            found, role, details = self.told.get(timeout=30)
            if (found, role) == (event, name):
                return details


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Watched]:
    one = Watched(tmp_path / "logs", Role(name="worker", command=SLEEP), Role(name="server", command=SLEEP, last=True))
    one.thread.start()
    yield one
    one.supervisor.stop()
    one.thread.join(timeout=30)
    assert not one.thread.is_alive()


def test_what_is_killed_is_started_again_and_told(watched: Watched) -> None:
    first = watched.until("started", "worker")["pid"]
    os.kill(first, signal.SIGKILL)
    assert watched.until("exited", "worker")["code"] == -signal.SIGKILL
    assert watched.until("started", "worker")["pid"] != first
    assert {state["name"]: state["restarts"] for state in watched.supervisor.states()} == {"worker": 1, "server": 0}


def test_a_role_that_is_restarted_on_purpose_says_why(watched: Watched) -> None:
    watched.until("started", "worker")
    watched.supervisor.restart("worker", "it stands still")
    assert watched.until("killed", "worker") == {"why": "it stands still"}
    assert watched.until("exited", "worker")


def test_the_server_is_stopped_after_all_the_others(watched: Watched) -> None:
    watched.until("started", "server")
    watched.supervisor.stop()
    watched.until("stopped", "worker")
    watched.until("stopped", "server")
    assert [state["pid"] for state in watched.supervisor.states()] == [None, None]


def test_a_process_that_stands_still_is_woken_to_stop_in_order(watched: Watched) -> None:
    pid = watched.until("started", "worker")["pid"]
    os.kill(pid, signal.SIGSTOP)
    watched.supervisor.stop()
    assert watched.until("stopped", "worker")["code"] == -signal.SIGTERM


def test_a_process_that_cannot_be_started_ends_none_of_the_others(tmp_path: Path) -> None:
    one = Watched(
        tmp_path, Role(name="broken", command=(str(tmp_path / "nothing"),)), Role(name="worker", command=SLEEP)
    )
    one.thread.start()
    try:
        waits = [one.until("not started", "broken")["again_in"] for _ in range(2)]
        assert waits[1] > waits[0]
        assert one.supervisor.states()[1]["pid"]
    finally:
        one.supervisor.stop()
        one.thread.join(timeout=30)


def test_a_process_whose_log_cannot_be_written_runs_all_the_same(tmp_path: Path) -> None:
    one = Watched(tmp_path / "logs", Role(name="worker", command=SLEEP))
    (tmp_path / "logs").rmdir()
    one.thread.start()
    try:
        assert one.until("started", "worker")["pid"]
    finally:
        one.supervisor.stop()
        one.thread.join(timeout=30)


def test_a_log_that_has_grown_is_kept_once_and_emptied_under_the_process_that_writes_it(tmp_path: Path) -> None:
    log = tmp_path / "worker.log"
    with log.open("ab") as file:
        writer = subprocess.Popen(("cat",), stdin=subprocess.PIPE, stdout=file)
    assert writer.stdin
    writer.stdin.write(b"old\n" * 500)
    writer.stdin.flush()
    while log.stat().st_size < 2_000:
        pass
    assert shorten(log, most=1_000)
    assert not shorten(log, most=1_000)
    writer.communicate(b"new\n")
    assert log.read_bytes() == b"new\n"
    assert (tmp_path / "worker.log.1").read_bytes() == b"old\n" * 500


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's signal at a parent's death is Linux's")
def test_what_was_started_ends_with_the_one_who_started_it_even_if_that_one_is_killed(tmp_path: Path) -> None:
    script = (
        "import os, signal, subprocess, sys\n"
        "from console.up.supervisor import die_with_parent\n"
        "child = subprocess.Popen(('cat',), stdin=subprocess.PIPE, start_new_session=True, preexec_fn=die_with_parent)\n"
        "print(child.pid, flush=True)\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    parent = subprocess.run((sys.executable, "-c", script), stdout=subprocess.PIPE, text=True, check=False)
    assert parent.returncode == -signal.SIGKILL
    status = Path(f"/proc/{int(parent.stdout)}/stat")
    while status.exists() and status.read_text().rpartition(")")[2].split()[0] != "Z":
        pass


def test_a_log_that_is_not_there_is_no_error(tmp_path: Path) -> None:
    assert not shorten(tmp_path / "none.log")


def test_a_system_that_was_killed_does_not_count_as_running(tmp_path: Path) -> None:
    assert not is_running(tmp_path)
    (tmp_path / "running.json").write_text("{}")
    with _only_one(tmp_path):
        assert is_running(tmp_path)
        with pytest.raises(AlreadyRunningError, match="already running"), _only_one(tmp_path):
            pass
    assert not is_running(tmp_path)
