"""The drift alarm of a site: its pages of late against those before, so that a redesign is seen. Pure.

Two things are watched over the last dozen pages: how many gave no article (against the binomial tail of the rate
before), and how long the texts are (rank sum against those before, and the medians apart by half or more). While the
alarm is on, what was before stays as it was; the alarm ends when the pages are like it again, or when the new way has
lasted so long that it is the site's own.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Sequence

RECENT = 12
BEFORE_MOST, BEFORE_LEAST = 80, 20
ACCEPTED_AFTER = 100  # pages in alarm after which the new way counts as the site's
RARE = 1e-4  # chance at which as many failures as these are no chance
HEALED = 0.02
LEAST_LENGTHS = 7
FAR = 3.2  # standard deviations of the rank sum
NEAR = 2.0
APART = 0.5  # of the other median, or the inverse

Verdict = Literal["", "fires", "heals", "accepted"]


@dataclass(frozen=True, kw_only=True)
class Drift:
    """A site's pages as text lengths, 0 where there was no article: those `before`, and the `recent` ones."""

    before: tuple[int, ...] = ()
    recent: tuple[int, ...] = ()
    alarm: str = ""  # why it is on
    since: int = 0  # pages since it fired

    @property
    def success(self) -> tuple[float | None, float | None]:
        """Share of pages that gave an article, before and of late."""
        return _success(self.before), _success(self.recent)

    @property
    def length(self) -> tuple[float | None, float | None]:
        """Median characters of a text, before and of late."""
        return _median(self.before), _median(self.recent)


def observe(drift: Drift, chars: int) -> tuple[Drift, Verdict]:
    """The state after a page whose text has so many characters (0: no article), and what that means."""
    recent, before = (*drift.recent, chars), drift.before
    if len(recent) > RECENT:
        if not drift.alarm:
            before = (*before, recent[0])[-BEFORE_MOST:]
        recent = recent[1:]
    moved = Drift(before=before, recent=recent, alarm=drift.alarm, since=drift.since + bool(drift.alarm))
    if len(before) < BEFORE_LEAST:
        return moved, ""
    return _alarmed(moved) if drift.alarm else _calm(moved)


def _calm(drift: Drift) -> tuple[Drift, Verdict]:
    why = _strange(drift, chance=RARE, far=FAR)
    if not why:
        return drift, ""
    return Drift(before=drift.before, recent=drift.recent, alarm=why), "fires"


def _alarmed(drift: Drift) -> tuple[Drift, Verdict]:
    if drift.since >= RECENT and not _strange(drift, chance=HEALED, far=NEAR):
        return Drift(before=drift.before, recent=drift.recent), "heals"
    if drift.since >= ACCEPTED_AFTER:
        return Drift(recent=drift.recent), "accepted"
    return drift, ""


def _strange(drift: Drift, *, chance: float, far: float) -> str:
    """Why the recent pages cannot be of the same kind as those before; empty where they can."""
    failed, rate = drift.recent.count(0), (drift.before.count(0) + 1) / (len(drift.before) + 2)
    if failed > 1 and _tail(failed, len(drift.recent), rate) < chance:
        return f"{failed} of the last {len(drift.recent)} pages gave no article, {rate:.0%} did not before"
    new, old = _lengths(drift.recent), _lengths(drift.before)
    if len(new) < LEAST_LENGTHS or len(old) < LEAST_LENGTHS:
        return ""
    now, was = median(new), median(old)
    if APART * was < now < was / APART or _rank_z(new, old) < far:
        return ""
    return f"texts have {now:.0f} characters now, {was:.0f} before (medians)"


def _tail(least: int, tries: int, rate: float) -> float:
    """Chance of `least` or more in so many tries."""
    return sum(math.comb(tries, n) * rate**n * (1 - rate) ** (tries - n) for n in range(least, tries + 1))


def _rank_z(new: Sequence[int], old: Sequence[int]) -> float:
    """Standard deviations between the rank sum (Mann-Whitney) and that of samples of one kind."""
    wins = sum((a > b) + 0.5 * (a == b) for a in new for b in old)
    n, m = len(new), len(old)
    return abs(wins - n * m / 2) / math.sqrt(n * m * (n + m + 1) / 12)


def _lengths(pages: Sequence[int]) -> list[int]:
    return [chars for chars in pages if chars]


def _success(pages: Sequence[int]) -> float | None:
    return len(_lengths(pages)) / len(pages) if pages else None


def _median(pages: Sequence[int]) -> float | None:
    lengths = _lengths(pages)
    return median(lengths) if lengths else None
