"""What a check of `rarewire doctor` found. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How bad a finding is. Only `bad` makes the command fail."""

    OK = "ok"
    WARNING = "warning"
    BAD = "bad"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What a check found; `do` says what to do about it, empty where all is well."""

    check: str
    level: Level
    found: str
    do: str = ""
