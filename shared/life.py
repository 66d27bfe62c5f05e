"""Marks that a worker process leaves in its state folder whenever it looks at a stage, for a probe beside it.

Not the pulses in Redis (`shared.stores.vitals`): those speak for all workers of a stage together.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


def mark(state: Path, name: str) -> None:
    """Leave a mark now. A folder that cannot be written is no reason to stop working."""
    with suppress(OSError):
        _file(state, name).touch(mode=0o600)


def last_mark(state: Path, names: Iterable[str]) -> float | None:
    """Return when the newest of some marks was left (epoch seconds by this machine); None where there is none."""
    found = []
    for name in names:
        with suppress(OSError):
            found.append(_file(state, name).stat().st_mtime)
    return max(found, default=None)


def _file(state: Path, name: str) -> Path:
    return state / f"alive-{name.replace('/', '-')}"
