"""The drift alarm of a site: its pages of late against those before, so that a redesign is seen. Pure.

Two things are watched over the last twenty pages: how many gave no article (against the binomial tail of the rate
before), and how long the texts are (their normal scores among the lengths before, and the medians apart by a third or
more). A sudden change is plain in few pages and a slight one in many, so several stretches up to the last page are looked
at. While the alarm is on, what was before stays as it was; the alarm ends when the pages are like it again, or when the
new way has lasted so long that it is the site's own.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from dataclasses import dataclass, replace
from functools import lru_cache
from statistics import NormalDist, median
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Sequence

RECENT, HEALING = 20, 12
BEFORE_MOST, BEFORE_LEAST = 80, 20
ACCEPTED_AFTER = 100  # pages in alarm after which the new way counts as the site's
STRETCHES = (12, 20)  # of pages, looked at for failures
RARE = 7e-5  # chance at which as many failures as these are no chance
HEALED = 0.02
LEAST_LENGTHS = 7
FAR = 4.0  # standard deviations of the scores' sum over the best stretch
NEAR = 2.0
APART = 0.67  # of the other median, or the inverse

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
    late = replace(drift, recent=drift.recent[-HEALING:])
    if drift.since >= HEALING and not _strange(late, chance=HEALED, far=NEAR):
        # The pages of the fault are forgotten, lest they ring again.
        return Drift(before=drift.before, recent=late.recent), "heals"
    if drift.since >= ACCEPTED_AFTER:
        return Drift(recent=drift.recent), "accepted"
    return drift, ""


def _strange(drift: Drift, *, chance: float, far: float) -> str:
    """Why the recent pages cannot be of the same kind as those before; empty where they can."""
    rate = (drift.before.count(0) + 1) / (len(drift.before) + 2)
    for stretch in STRETCHES:
        late = drift.recent[-stretch:]
        failed = late.count(0)
        if failed > 1 and _tail(failed, len(late), rate) < chance:
            return f"{failed} of the last {len(late)} pages gave no article, {rate:.0%} did not before"
    return _strange_lengths(_lengths(drift.recent), sorted(_lengths(drift.before)), far)


def _strange_lengths(new: Sequence[int], old: Sequence[int], far: float) -> str:
    if len(new) < LEAST_LENGTHS or len(old) < LEAST_LENGTHS:
        return ""
    stretch, deviations = _farthest(new, old)
    now, was = median(new[-stretch:]), median(old)
    if deviations < far or APART * was < now < was / APART:
        return ""
    return f"texts have {now:.0f} characters now, {was:.0f} before (medians)"


def _tail(least: int, tries: int, rate: float) -> float:
    """Chance of `least` or more in so many tries."""
    return sum(math.comb(tries, n) * rate**n * (1 - rate) ** (tries - n) for n in range(least, tries + 1))


def _farthest(new: Sequence[int], old: Sequence[int]) -> tuple[int, float]:
    """The stretch of the last lengths whose scores lie farthest off, and how many standard deviations.

    A length's score is the normal quantile of its rank among those before, so a few long texts weigh no more than ranks.
    """
    scores = [_normal(bisect_left(old, chars) + bisect_right(old, chars), len(old)) for chars in new]
    total, best = 0.0, (LEAST_LENGTHS, 0.0)
    for count, score in enumerate(reversed(scores), 1):
        total += score
        # The lengths before are a sample, too; it counts for the more the longer the stretch.
        deviations = abs(total) / math.sqrt(count * (1 + count / len(old)))
        if count >= LEAST_LENGTHS and deviations > best[1]:
            best = (count, deviations)
    return best


@lru_cache(maxsize=20_000)
def _normal(twice_the_rank: int, count: int) -> float:
    return NormalDist().inv_cdf((twice_the_rank / 2 + 0.5) / (count + 1))


def _lengths(pages: Sequence[int]) -> list[int]:
    return [chars for chars in pages if chars]


def _success(pages: Sequence[int]) -> float | None:
    return len(_lengths(pages)) / len(pages) if pages else None


def _median(pages: Sequence[int]) -> float | None:
    lengths = _lengths(pages)
    return median(lengths) if lengths else None
