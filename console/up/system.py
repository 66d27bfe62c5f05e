"""`rarewire up`: the server and every process under the supervisor, on one machine, until Ctrl-C."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import threading
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from console.up import server
from console.up.holder import held
from console.up.roles import roles
from console.up.supervisor import Role, Supervisor
from console.up.watchdog import Watchdog
from shared.stores.connection import connect

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from shared.settings import Settings


class AlreadyRunningError(RuntimeError):
    """Another `rarewire up` uses the same state folder."""


@dataclass(frozen=True, kw_only=True)
class Running:
    """Where the parts of a running system are."""

    redis_url: str
    console_url: str
    logs: Path


@contextmanager
def running(
    settings: Settings, say: Callable[[str, str, dict[str, Any]], None]
) -> Iterator[tuple[Supervisor, Running]]:
    """Start the server (unless one is set) and prepare the supervisor; `Supervisor.run` starts the rest.

    Raises AlreadyRunningError, StillHeldError, FileNotFoundError (no server binary) or TimeoutError (it does not come
    up).
    """
    state = settings.state_dir
    state.mkdir(parents=True, exist_ok=True, mode=0o700)
    with ExitStack() as stack:
        stack.enter_context(_only_one(state))
        inherited = () if settings.redis_url else (stack.enter_context(held(server.folder(state))),)
        own = None if settings.redis_url else server.plan(state, settings.server_port)
        url = own.url if own else settings.redis()
        port = server.free_port(settings.console_port)
        where = Running(redis_url=url, console_url=f"http://{settings.console_host}:{port}/", logs=state / "logs")
        environment = {
            "RAREWIRE_REDIS_URL": url,
            "RAREWIRE_STATE_DIR": str(state),
            "RAREWIRE_CONSOLE_PORT": str(port),
        }
        first = (Role(name="server", command=own.command, last=True, inherits=inherited),) if own else ()
        supervisor = Supervisor((*first, *roles(settings)), logs=where.logs, environment=environment, on_event=say)
        if own:
            supervisor.start("server")
        note = state / "running.json"
        try:
            server.wait_until_ready(url)
            server.write_private(note, json.dumps({**where.__dict__, "logs": str(where.logs), "pid": os.getpid()}))
            with _watched(supervisor, url):
                yield supervisor, where
        finally:
            note.unlink(missing_ok=True)
            supervisor.close()


@contextmanager
def _watched(supervisor: Supervisor, url: str) -> Iterator[None]:
    stop = threading.Event()
    watchdog = Watchdog(supervisor=supervisor, database=connect(url, timeout=2.0, connections=4))
    thread = threading.Thread(target=watchdog.run, args=(stop,), name="watchdog", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(timeout=10)


def stop_on_signals(supervisor: Supervisor) -> None:
    """Have Ctrl-C, a service manager's SIGTERM and a closed terminal stop everything; a second Ctrl-C changes nothing.

    Under `nohup` a closed terminal is ignored, as it was asked for.
    """
    closed = () if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN else (signal.SIGHUP,)
    for number in (signal.SIGINT, signal.SIGTERM, *closed):
        signal.signal(number, lambda *_: threading.Thread(target=supervisor.stop).start())


def is_running(state: Path) -> bool:
    """Whether a system runs with this state folder now; one that was killed leaves its notes, but not the lock."""
    if not (state / "lock").exists():
        return False
    try:
        with _only_one(state):
            return False
    except AlreadyRunningError:
        return True


@contextmanager
def _only_one(state: Path) -> Iterator[None]:
    with (state / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise AlreadyRunningError(
                f"rarewire is already running with the state folder {state}; stop it, or set RAREWIRE_STATE_DIR"
            ) from error
        yield
