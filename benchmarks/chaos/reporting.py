"""What a run found, and how it is printed."""

from __future__ import annotations

import json
import statistics
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.chaos.target import Hit

SHOWN = 20  # of a long list


@dataclass(kw_only=True)
class Report:
    """What a run found. Times in seconds."""

    seed: int
    faults: Counter[str] = field(default_factory=Counter)
    back: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    resumed: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    stops: list[float] = field(default_factory=list)
    healed: list[float] = field(default_factory=list)
    orphans: list[float] = field(default_factory=list)
    findings: dict[str, Any] = field(default_factory=dict)
    spent: float = 0.0
    settled: float = 600.0
    _last: str = ""

    @property
    def kills(self) -> int:
        """How many of the faults were a kill -9; one that takes several processes counts once."""
        return sum(count for what, count in self.faults.items() if what.startswith("kill -9"))

    @property
    def failed(self) -> bool:
        """Whether anything was lost, doubled or miscounted."""
        return any(self.findings[name] for name in ("lost", "published, not on the stream", "doubled", "imbalances"))

    def hit(self, hit: Hit, recovery: tuple[float, float]) -> None:
        """Note a fault and how the system recovered from it."""
        back, resumed = recovery
        self.faults[hit.what] += 1
        self.back[hit.what].append(back)
        self.resumed[hit.what].append(resumed)
        if hit.took:
            self.stops.append(hit.took)
        self._last = (
            f"{self.kills:4} kills; {hit!s:58} server answers after {back:5.1f} s, work goes on {resumed:5.1f} s later"
        )

    def last(self) -> str:
        """The last fault, in a line."""
        return self._last


def show(report: Report, *, as_json: bool) -> None:
    """Print the figures."""
    every = [seconds for some in report.resumed.values() for seconds in some]
    figures = {
        "seed": report.seed,
        "faults": sum(report.faults.values()),
        "kills": report.kills,
        "seconds of harm": round(report.spent),
        "work goes on after the server answers, s": spread(every),
        "stopped process replaced, s": spread(report.healed),
        "orderly stop, s": spread(report.stops),
        "orphaned work taken up again, s": {**spread(report.orphans), "over 30": sum(s > 30 for s in report.orphans)},
        "settled after, s": round(report.settled, 1),
        **report.findings,
    }
    if as_json:
        kinds = {what: {"back": report.back[what], "resumed": report.resumed[what]} for what in report.faults}
        print(json.dumps({**figures, "by fault": kinds}, indent=2, default=str))
        return
    for name, value in figures.items():
        some = value[:SHOWN] if isinstance(value, list) else value
        more = f" and {len(value) - SHOWN} more" if isinstance(value, list) and len(value) > SHOWN else ""
        print(f"{name:42} {dict(some) if isinstance(some, Counter) else some}{more}")
    print(f"{'fault':46}{'times':>6}{'server back':>13}{'work goes on: median':>22}{'most':>7}")
    for what, count in report.faults.most_common():
        back, resumed = max(report.back[what]), report.resumed[what]
        print(f"{what:46}{count:6}{back:13.1f}{statistics.median(resumed):22.1f}{max(resumed):7.1f}")


def spread(seconds: Sequence[float]) -> dict[str, float]:
    """How many, their median and the most."""
    if not seconds:
        return {}
    return {
        "number": len(seconds),
        "median": round(statistics.median(seconds), 1),
        "most": round(max(seconds), 1),
    }
