"""A server of one's own for a while: started in a folder, killed and started again at will."""

from __future__ import annotations

import random
import subprocess
from typing import TYPE_CHECKING, Self

from console.up import server
from shared.stores.connection import Database, connect

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType


class ThrowAwayServer:
    """Redis or Valkey on a free loopback port; a context manager that starts it, and kills it at the end."""

    def __init__(self, folder: Path, *, binary: str = "") -> None:
        """`binary` is a server's program; default: the one that `rarewire up` takes. Raises FileNotFoundError."""
        # Below the ports that systems give to clients: while it is down nobody's connection can take its place.
        port = random.randrange(20_000, 32_000)  # noqa: S311 - a free port, no secret
        plan = server.plan(folder, port, binary=binary)
        self.url = plan.url
        self._command = plan.command
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.kill()

    @property
    def port(self) -> int:
        """The port it listens on, the same after every start."""
        return int(self.url.rpartition(":")[2].partition("/")[0])

    def start(self) -> None:
        """Start it and wait until it has loaded its data. Raises TimeoutError."""
        self._process = subprocess.Popen(  # noqa: S603 - a server's program and our own configuration
            self._command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        server.wait_until_ready(self.url)

    def kill(self) -> None:
        """End it as kill -9 does."""
        if self._process:
            self._process.kill()
            self._process.wait()
            self._process = None

    def database(self) -> Database:
        """Make a connection pool of its own."""
        return connect(self.url)
