"""Servers and brokers as others run them: with TLS, a user of their own, behind Sentinel, as a cluster; and RabbitMQ."""

from __future__ import annotations

import os
import random
import shutil
import signal
import socket
import subprocess
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from console.up.server import find_binary, free_port
from shared.stores.connection import RedisError, connect
from tests.deploy.running import wait

if TYPE_CHECKING:
    from contextlib import ExitStack

    from tests.hostile.certificates import Authority

PASSWORD = "a/word:for@tests"
QUOTED = quote(PASSWORD, safe="")  # as it stands in URLs
LOG = "out.log"
RABBIT = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")


def a_port() -> int:
    """A free port below those that systems give to clients: nobody's connection takes it before we do."""
    return free_port(random.randrange(20_000, 32_000))


def program(*, tls: bool = False) -> str:
    """A server's program; with `tls` one that was built with it, else the test is skipped."""
    found = program_with_tls() if tls else str(find_binary())
    if found is None:
        pytest.skip("no valkey-server or redis-server with TLS on PATH (Debian's has it)")
    return found


@cache
def program_with_tls() -> str | None:
    for name in ("valkey-server", "redis-server"):
        path = shutil.which(name)
        # One that knows TLS misses its certificate first; one that does not says that it has none.
        if (
            path
            and b"No tls-cert-file"
            in subprocess.run(
                (path, "--port", "0", "--tls-port", str(a_port())), capture_output=True, check=False, timeout=20
            ).stdout
        ):
            return path
    return None


def start(stack: ExitStack, command: tuple[str, ...], folder: Path, **environment: str) -> subprocess.Popen[bytes]:
    """Start a program in a folder; it is killed when the stack closes, and what it started with it."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / LOG).open("ab") as log:
        process = subprocess.Popen(
            command, cwd=folder, stdout=log, stderr=log, stdin=subprocess.DEVNULL, env={**os.environ, **environment},
            start_new_session=True,
        )  # fmt: skip

    def end() -> None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)  # RabbitMQ's command is a shell script: its node would stay
        process.wait()

    stack.callback(end)
    return process


def redis(stack: ExitStack, folder: Path, *options: str, tls: Authority | None = None) -> tuple[int, subprocess.Popen]:
    """Start a server that keeps a file; returns its port and process. Its default user has the password."""
    port = a_port()
    folder.mkdir(parents=True)
    given = (
        *("--bind", "127.0.0.1", "--dir", str(folder), "--appendonly", "yes", "--save", "", "--requirepass", PASSWORD),
        *("--masterauth", PASSWORD, *listening(port, folder, tls), *options),
    )
    process = start(stack, (program(tls=tls is not None), *given), folder)
    scheme, query = ("rediss", f"?ssl_ca_certs={tls.file()}") if tls else ("redis", "")
    until_ready(f"{scheme}://:{QUOTED}@127.0.0.1:{port}/0{query}", process, folder / LOG)
    return port, process


def listening(port: int, folder: Path, tls: Authority | None) -> tuple[str, ...]:
    """Options that make a server or sentinel listen on a port, with TLS or without."""
    if tls is None:
        return ("--port", str(port))
    pem = str(tls.server_file("127.0.0.1", "localhost"))
    return (
        *("--port", "0", "--tls-port", str(port), "--tls-cert-file", pem, "--tls-key-file", pem),
        *("--tls-ca-cert-file", str(tls.file()), "--tls-auth-clients", "no", "--tls-replication", "yes"),
    )


def sentinel(stack: ExitStack, folder: Path, watched: int, *, tls: Authority | None = None) -> int:
    """Start a sentinel that alone decides over the primary at a port; returns its own port."""
    port = a_port()
    folder.mkdir(parents=True)
    lines = (
        "sentinel monitor main 127.0.0.1 {watched} 1", "sentinel auth-pass main {password}",
        "sentinel down-after-milliseconds main 1500", "sentinel failover-timeout main 5000",
    )  # fmt: skip
    options = listening(port, folder, tls)
    pairs = zip(options[::2], options[1::2], strict=True)
    text = "\n".join(
        ("bind 127.0.0.1", *(f"{name.removeprefix('--')} {value}" for name, value in pairs), *lines)
    ).format(watched=watched, password=PASSWORD)
    (folder / "sentinel.conf").write_text(text + "\n", encoding="utf-8")
    start(stack, (program(tls=tls is not None), str(folder / "sentinel.conf"), "--sentinel"), folder)
    until_open(port)
    return port


def rabbit(stack: ExitStack, folder: Path) -> str:
    """Start a RabbitMQ node of the test's own; returns its URL. Skips where there is none."""
    if not RABBIT.exists():
        pytest.skip("no rabbitmq-server on this machine (Debian's package of that name)")
    port, names = a_port(), a_port()
    ours = {
        "HOME": str(folder), "ERL_EPMD_PORT": str(names), "ERL_EPMD_RELAXED_COMMAND_CHECK": "1",
        "RABBITMQ_NODENAME": f"rarewire{os.getpid()}@localhost",
        "RABBITMQ_NODE_PORT": str(port), "RABBITMQ_DIST_PORT": str(a_port()), "RABBITMQ_CONF_ENV_FILE": os.devnull,
        "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1", "RABBITMQ_MNESIA_BASE": str(folder / "data"),
        "RABBITMQ_LOG_BASE": str(folder / "logs"), "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "plugins"),
        "RABBITMQ_CONFIG_FILE": str(folder / "none"), "RABBITMQ_PID_FILE": str(folder / "pid"),
    }  # fmt: skip
    stack.callback(lambda: subprocess.run(["epmd", "-port", str(names), "-kill"], capture_output=True, check=False))
    start(stack, (str(RABBIT),), folder, **ours)
    until_open(port, seconds=90)
    return f"amqp://guest:guest@127.0.0.1:{port}//"


def until_ready(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    database = connect(url, timeout=1.0)

    def ready() -> bool:
        assert process.poll() is None, f"the server ended: {log.read_text(encoding='utf-8')[-2000:]}"
        try:
            return bool(database.redis.ping())
        except RedisError:
            return False

    wait(ready, f"the server at {url}", seconds=30)


def until_open(port: int, *, seconds: float = 30.0) -> None:
    def ready() -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) == 0

    wait(ready, f"a listener on port {port}", seconds=seconds)
