"""Marks that a process leaves in its state folder whenever it did something, for a probe beside it.

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


def note_role(state: Path, role: str) -> None:
    """Note which role this state folder belongs to, so that a probe need not be told."""
    with suppress(OSError):
        (state / "role").write_text(role, encoding="ascii")


def role_here(state: Path) -> str:
    """Return the role that was noted last, or ''."""
    with suppress(OSError, ValueError):
        return (state / "role").read_text(encoding="ascii").strip()
    return ""


def _file(state: Path, name: str) -> Path:
    return state / f"alive-{name.replace('/', '-')}"
