"""The outlets: who publishes what, in which language, format, theme and manners. Read from `data/outlets.toml`."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

DATA = Path(__file__).parent / "data"


@dataclass(frozen=True, kw_only=True)
class Outlet:
    """One outlet.

    `mix` weighs the labels it publishes, `topics` (when there are any) the story families it is limited to. `faults` is
    a cycle: its n-th article has the n-th fault, an empty string is none. `validators` says which of `etag` and
    `last-modified` its feed sends.
    """

    slug: str
    name: str
    language: str
    format: str
    theme: str
    feed: str
    about: str = ""
    authors: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()
    mix: Mapping[str, int] = field(default_factory=dict, hash=False)
    topics: tuple[str, ...] = ()
    validators: tuple[str, ...] = ("etag", "last-modified")
    gzip: bool = False
    full_text: bool = False
    takes_wire: bool = False
    corrects: bool = False
    old_feed: str = ""
    crawl_delay: float = 0.0
    disallow: str = ""
    feed_fault: str = ""
    faults: tuple[str, ...] = ()

    @property
    def feed_path(self) -> str:
        """Where the feed is."""
        return f"/{self.slug}{self.feed}"

    @property
    def announced_path(self) -> str:
        """Where readers were told that the feed is: its old place, if it has moved."""
        return f"/{self.slug}{self.old_feed or self.feed}"

    def well_behaved(self) -> Outlet:
        """The same outlet on its best day: no fault, nothing forbidden, nobody kept waiting."""
        return replace(self, faults=(), feed_fault="", old_feed="", crawl_delay=0.0, disallow="", corrects=False)


def _outlet(row: Mapping[str, Any]) -> Outlet:
    values: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in row.items()}
    return Outlet(**values)


@cache
def _catalogue() -> tuple[Outlet, ...]:
    rows = tomllib.loads((DATA / "outlets.toml").read_text(encoding="utf-8"))["outlet"]
    return tuple(_outlet(row) for row in rows)


def _edition(outlet: Outlet, number: int) -> Outlet:
    if not number:
        return outlet
    return replace(outlet, slug=f"{outlet.slug}-{number + 1}", name=f"{outlet.name} {number + 1}")


def choose(count: int | None = None, *, faults: bool = True) -> tuple[Outlet, ...]:
    """The first `count` outlets (all by default); past the end of the catalogue come further editions of the same."""
    known = _catalogue()
    wanted = len(known) if count is None else count
    chosen = (_edition(known[n % len(known)], n // len(known)) for n in range(wanted))
    return tuple(outlet if faults else outlet.well_behaved() for outlet in chosen)
