"""Runs all checks on one consumer and returns the findings."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from console.conformance.bench import Bench
from console.conformance.checks import CHECKS

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What came of one check; `wrongs` is empty where the consumer did right."""

    check: str
    says: str
    wrongs: tuple[str, ...]


def examine(command: Sequence[str], *, patience: float = 15.0, binary: str = "") -> Generator[Finding, None, None]:
    """Run a consumer through every check; yields each finding as it is there.

    Raises OSError where the command cannot be run, FileNotFoundError where there is no server to test with.
    """
    with (
        tempfile.TemporaryDirectory(prefix="rarewire-conformance-") as folder,
        Bench(folder=Path(folder), command=command, patience=patience, binary=binary) as bench,
    ):
        for check in CHECKS:
            wrongs = check(bench)
            yield Finding(check=check.__name__, says=check.__doc__ or "", wrongs=tuple(wrongs))
        manners = tuple(f"{text} ({number} times)" for text, number in bench.wrongs.items() if number)
        yield Finding(
            check="acknowledges_after_the_work",
            says="Acknowledges after the work, and sends no command that harms others.",
            wrongs=manners,
        )
