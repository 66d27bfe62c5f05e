"""The faults of the press: what each does to an answer, and what the reader's pipeline is expected to make of it.

The faults themselves are data (`data/faults.toml`). Here is their shape, and the count of how often each page was asked
for, since some faults heal.
"""

from __future__ import annotations

import tomllib
from collections import Counter
from dataclasses import dataclass
from functools import cache

from demo.press.outlets import DATA


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One fault.

    `times` is how many requests meet it before it heals, 0 for ever. `page` names a template that is shown in place of
    the article. `reason` is the `shared.outcomes.Reason` with which the article ends; empty where the article arrives.
    """

    name: str
    status: int = 200
    times: int = 0
    retry_after: int = 0
    delay: float = 0.0
    page: str = ""
    cut: bool = False
    redirect: bool = False
    entry: str = ""
    suffix: str = ""
    reason: str = ""

    @property
    def arrives(self) -> bool:
        """Whether a patient reader has the article in the end."""
        return not self.reason


SOUND = Fault(name="")


@cache
def catalogue() -> dict[str, Fault]:
    """Every known fault by name; the empty name is none."""
    rows = tomllib.loads((DATA / "faults.toml").read_text(encoding="utf-8"))
    return {"": SOUND, **{name: Fault(name=name, **row) for name, row in rows.items()}}


class Ledger:
    """How often each address was asked for, so that a fault can heal."""

    def __init__(self) -> None:
        self._asked: Counter[str] = Counter()

    def meets(self, fault: Fault, address: str) -> bool:
        """Whether this request (which is counted) still meets the fault."""
        self._asked[address] += 1
        return bool(fault.name) and (not fault.times or self._asked[address] <= fault.times)
