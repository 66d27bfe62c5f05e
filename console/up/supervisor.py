"""A small supervisor: starts the processes of one machine, restarts what exits (with back-off), stops all cleanly.

Each process leads a session of its own, so that a worker is stopped together with its pool children and Ctrl-C reaches
the supervisor alone. What the processes print goes to one log file each, which is kept from growing without end.
"""

from __future__ import annotations

import ctypes
import errno
import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from console.up.logfiles import MOST_BYTES, shorten

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None)  # opened here: a child that is being made may have no file descriptor left for it
UNWRITABLE = frozenset({errno.EROFS, errno.EACCES, errno.EPERM, errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.ENOENT})
STEADY = 30.0  # seconds of life after which a process counts as healthy and its back-off starts anew
BACK_OFF = (0.2, 0.5, 1.0, 2.0, 5.0, 10.0)
STOP_PATIENCE = 15.0
LOOK_AT_LOGS = 10.0  # seconds between two looks at how far the logs have grown


@dataclass(frozen=True, kw_only=True)
class Role:
    """One process to keep alive."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    stop_signal: int = signal.SIGTERM
    last: bool = False  # stopped after all the others, like the server
    inherits: tuple[int, ...] = ()  # file descriptors


@dataclass(kw_only=True)
class _Child:
    role: Role
    log: Path
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    failures: int = 0
    restarts: int = 0
    not_before: float = 0.0


class Supervisor:
    """Keeps roles alive until `stop` is called, from a signal handler or another thread."""

    def __init__(
        self,
        roles: tuple[Role, ...],
        *,
        logs: Path,
        environment: Mapping[str, str],
        on_event: Callable[[str, str, dict[str, Any]], None],
        log_most: int = MOST_BYTES,
    ) -> None:
        logs.mkdir(parents=True, exist_ok=True)
        self._children = [_Child(role=role, log=logs / f"{role.name}.log") for role in roles]
        self._environment = dict(environment)
        self._event = on_event
        self._stopping = threading.Event()
        self._log_most, self._logs_seen = log_most, time.monotonic()

    def start(self, name: str) -> None:
        """Start one role now, before `run`; for what the others need."""
        self._start(next(child for child in self._children if child.role.name == name))

    def run(self) -> None:
        """Start all and keep them alive; returns after `stop`, with everything stopped."""
        while not self._stopping.is_set():
            for child in self._children:
                self._tend(child)
            self._look_at_logs()
            self._stopping.wait(0.2)
        self.close()

    def stop(self) -> None:
        """Ask `run` to return."""
        self._stopping.set()

    def restart(self, name: str, why: str) -> None:
        """Kill a role that is alive but does nothing; `run` starts it again."""
        for child in self._children:
            process = child.process
            if child.role.name == name and process and process.poll() is None:
                self._event("killed", name, {"why": why})
                _signal_group(process.pid, signal.SIGKILL)

    def states(self) -> list[dict[str, Any]]:
        """Return name, pid, seconds up and restarts of each role."""
        now = time.monotonic()
        return [
            {
                "name": child.role.name,
                "pid": _living(child.process),
                "up": round(now - child.started, 1),
                "restarts": child.restarts,
            }
            for child in self._children
        ]

    def _tend(self, child: _Child) -> None:
        now = time.monotonic()
        if child.process is None:
            if now >= child.not_before:
                self._try_to_start(child, now)
            return
        code = child.process.poll()
        if code is None:
            return
        # A worker that died leaves its pool children behind: they would go on holding leases and memory.
        _signal_group(child.process.pid, signal.SIGKILL)
        child.failures = 0 if now - child.started > STEADY else child.failures + 1
        child.process, child.restarts = None, child.restarts + 1
        wait = _back_off(child, now)
        self._event("exited", child.role.name, {"code": code, "again_in": wait, "log": str(child.log)})

    def _try_to_start(self, child: _Child, now: float) -> None:
        """Start a process again; a machine that is out of memory or files for a moment must not end all the others."""
        try:
            self._start(child)
        except (OSError, subprocess.SubprocessError) as error:
            child.failures += 1
            self._event("not started", child.role.name, {"why": str(error), "again_in": _back_off(child, now)})

    def _look_at_logs(self) -> None:
        now = time.monotonic()
        if now - self._logs_seen < LOOK_AT_LOGS:
            return
        self._logs_seen = now
        for child in self._children:
            shorten(child.log, most=self._log_most)

    def _start(self, child: _Child) -> None:
        with _log(child.log) as log:
            child.process = subprocess.Popen(  # noqa: S603 - our own command lines
                child.role.command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                pass_fds=child.role.inherits,
                preexec_fn=die_with_parent,  # noqa: PLW1509 - one prctl call; no thread of ours holds a lock it needs
                env={**os.environ, **self._environment, **child.role.environment},
            )
        child.started = time.monotonic()
        self._event("started", child.role.name, {"pid": child.process.pid})

    def close(self) -> None:
        """Stop everything that runs, the last ones last. One that was stopped by SIGSTOP must go on to hear of it."""
        for child in self._children:
            if child.process:
                _signal_group(child.process.pid, signal.SIGCONT)
        for last in (False, True):
            some = [child for child in self._children if child.role.last is last and child.process]
            for child in some:
                if child.process and child.process.poll() is None:
                    with suppress(ProcessLookupError):
                        child.process.send_signal(child.role.stop_signal)
            end = time.monotonic() + STOP_PATIENCE
            for child in some:
                self._wait(child, end)

    def _wait(self, child: _Child, end: float) -> None:
        if not child.process:
            return
        try:
            child.process.wait(max(end - time.monotonic(), 0.1))
        except subprocess.TimeoutExpired:
            self._event("killed", child.role.name, {"why": f"did not stop within {STOP_PATIENCE:.0f} s"})
        _signal_group(child.process.pid, signal.SIGKILL)
        child.process.wait()
        self._event("stopped", child.role.name, {"code": child.process.returncode})
        child.process = None


def _log(path: Path) -> BinaryIO:
    """Open a log to append to. A folder that cannot be written must keep no process from running: it runs unheard."""
    try:
        return path.open("ab")
    except OSError as error:
        if error.errno not in UNWRITABLE:
            raise
        return Path(os.devnull).open("ab")


def _living(process: subprocess.Popen[bytes] | None) -> int | None:
    return process.pid if process and process.poll() is None else None


def _back_off(child: _Child, now: float) -> float:
    wait = BACK_OFF[min(child.failures, len(BACK_OFF) - 1)]
    child.not_before = now + wait
    return wait


def _signal_group(pid: int, number: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, number)


def die_with_parent() -> None:
    """On Linux, have the kernel end this process when the supervisor is killed, so that nothing is orphaned."""
    if sys.platform == "linux":
        LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
