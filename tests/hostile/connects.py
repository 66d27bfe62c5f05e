"""Which addresses this process tries to connect to, seen by an audit hook below every library."""

from __future__ import annotations

import ipaddress
import sys
import threading
from typing import Any, Self


class Connects:
    """Records every connect while it is watching; one that would leave this machine is recorded and then refused."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, int]] = []
        self._watching = False
        self._lock = threading.Lock()
        sys.addaudithook(self._hear)

    def __enter__(self) -> Self:
        self.seen = []
        self._watching = True
        return self

    def __exit__(self, *_: object) -> None:
        self._watching = False

    def _hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not self._watching or event not in {"socket.connect", "socket.sendto"}:
            return
        address = arguments[1]
        if not isinstance(address, tuple):
            return
        with self._lock:
            self.seen.append((str(address[0]), int(address[1])))
        if not ipaddress.ip_address(address[0]).is_loopback:
            raise OSError("no connection leaves this machine during tests")


CONNECTS = Connects()
"""One for the process: an audit hook cannot be taken out again."""
