"""What the machine or the settings stand in the way of ends a command in one sentence; a bug keeps its traceback."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from console.cli.endings import ending
from console.cli.output import FAILED, NO_SERVER
from shared.settings_sources import SettingsError
from shared.stores.connection import RedisConnectionError

COMMAND = (sys.executable, "-c", "from console.cli.main import main; main()")
ROOT = Path(__file__).parents[4]


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EACCES, errno.ENOENT, errno.EISDIR, errno.EMFILE])
def test_an_error_of_the_machine_says_where_what_and_what_to_do(number: int) -> None:
    sentence, code = ending(OSError(number, os.strerror(number), "/some/where")) or ("", 0)
    assert sentence.startswith(f"/some/where: {os.strerror(number)}; ")
    assert code == FAILED


def test_settings_and_servers_are_told_apart_by_the_exit_code() -> None:
    assert ending(SettingsError([("host_gap", "too small")])) == (
        "host_gap: too small (`rarewire settings` lists what can be set and how)",
        FAILED,
    )
    sentence, code = ending(RedisConnectionError("refused")) or ("", 0)
    assert "refused" in sentence
    assert code == NO_SERVER


def test_a_bug_keeps_its_traceback() -> None:
    assert ending(KeyError("x")) is None
    assert ending(ZeroDivisionError()) is None


def run(*arguments: str, closed: str = "", **environment: str) -> subprocess.CompletedProcess[bytes]:
    """Run the command as a process with standard streams closed, as a shell's `>&-` does."""
    line = f'exec "$@" {closed}'
    return subprocess.run(
        ("sh", "-c", line, "sh", *COMMAND, *arguments),
        cwd=ROOT, env={"PATH": os.environ["PATH"], **environment}, capture_output=True, timeout=60, check=False,
    )  # fmt: skip


def test_a_bad_setting_ends_any_command_in_one_line(tmp_path) -> None:
    done = run("status", HOME=str(tmp_path), RAREWIRE_FETCH_THREADS="many")
    assert done.returncode == FAILED
    assert done.stdout == b""
    assert done.stderr.count(b"\n") == 1
    assert done.stderr.startswith(b"rarewire: fetch_threads (RAREWIRE_FETCH_THREADS): ")


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_closed_standard_streams_are_no_traceback(tmp_path, closed: str) -> None:
    done = run("status", closed=closed, HOME=str(tmp_path))
    assert done.returncode == NO_SERVER
    assert b"Traceback" not in done.stderr


def test_a_full_standard_output_is_a_sentence(tmp_path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("this machine has no /dev/full")
    done = run("settings", closed=">/dev/full", HOME=str(tmp_path))
    assert done.returncode == FAILED
    assert done.stderr.startswith(b"rarewire: No space left on device")


def test_a_topic_that_does_not_exist_is_refused_before_anything_starts(tmp_path) -> None:
    done = run("up", "--for", "1", HOME=str(tmp_path), RAREWIRE_TOPICS='["nosuch"]')
    assert done.returncode == FAILED
    assert b"nosuch:1: no topic.toml here" in done.stderr
    assert not (tmp_path / ".local/state/rarewire/server").exists()


@pytest.mark.parametrize("url", ["http://127.0.0.1/x", "http://xn--a.org/", "file:///etc/passwd"])
def test_a_page_that_may_not_be_asked_for_is_refused_in_one_line(tmp_path, url: str) -> None:
    for command in ("explain", "extract"):
        done = run(command, url, "--json", HOME=str(tmp_path))
        assert done.returncode == FAILED
        assert done.stdout == b""
        assert done.stderr.startswith(b"rarewire: ")
        assert b"Traceback" not in done.stderr
