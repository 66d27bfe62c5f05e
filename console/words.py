"""The words for an operator: what a reason means and what to do, and numbers and times as people say them. Pure."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

MINUTE, HOUR, DAY = 60, 3_600, 86_400
THOUSAND, MILLION = 1_000, 1_000_000


@dataclass(frozen=True, kw_only=True)
class Meaning:
    """`title` completes "It was not published because …"; `means` explains; `do` says what can be done."""

    title: str
    means: str
    do: str


@cache
def meanings() -> Mapping[str, Meaning]:
    """Return the meaning of each reason."""
    text = (files("console") / "data" / "reasons.toml").read_text(encoding="utf-8")
    return {name: Meaning(**block) for name, block in tomllib.loads(text).items()}


def meaning(reason: str) -> Meaning:
    """Return a reason's meaning; one that a newer version wrote speaks for itself."""
    return meanings().get(reason) or Meaning(title=reason.replace("_", " "), means="", do="")


def number(value: float) -> str:
    """Return a count as people read it: 1,234 or 12.3k or 4.56M."""
    if value >= 10 * MILLION:
        return f"{value / MILLION:.1f}M"
    if value >= MILLION:
        return f"{value / MILLION:.2f}M"
    if value >= 10 * THOUSAND:
        return f"{value / THOUSAND:.1f}k"
    return f"{value:,.0f}"


def duration(seconds: float) -> str:
    """Return a span of time in its two largest units: 4 s, 3 min, 2 h 5 min, 6 d 3 h."""
    seconds = max(seconds, 0.0)
    if seconds < 10:  # noqa: PLR2004 - below ten seconds a tenth tells
        return f"{seconds:.1f} s".replace(".0 s", " s")
    if seconds < MINUTE:
        return f"{seconds:.0f} s"
    if seconds < HOUR:
        return f"{seconds / MINUTE:.0f} min"
    if seconds < DAY:
        hours, rest = divmod(int(seconds), HOUR)
        return f"{hours} h {rest // MINUTE} min" if rest >= MINUTE else f"{hours} h"
    days, rest = divmod(int(seconds), DAY)
    return f"{days} d {rest // HOUR} h" if rest >= HOUR and days < DAY // HOUR else f"{days} d"


def ago(at: float, now: float) -> str:
    """Return how long ago, or in how long, a time is."""
    if at <= 0:
        return "never"
    gap = now - at
    if abs(gap) < 1:
        return "now"
    return f"{duration(gap)} ago" if gap > 0 else f"in {duration(-gap)}"


def size(bytes_: float) -> str:
    """Return a number of bytes in KiB, MiB or GiB."""
    mebi = bytes_ / 1024 / 1024
    if mebi < 1:
        return f"{bytes_ / 1024:.0f} KiB"
    return f"{mebi / 1024:.1f} GiB" if mebi >= 1024 else f"{mebi:.0f} MiB"  # noqa: PLR2004


def plural(count: int, noun: str) -> str:
    """Return a count with its noun: 1 letter, 3 letters, 2 retries."""
    if count == 1:
        return f"1 {noun}"
    many = noun[:-1] + "ies" if noun.endswith("y") and noun[-2:-1] not in "aeiou" else f"{noun}s"
    return f"{number(count)} {many}"
