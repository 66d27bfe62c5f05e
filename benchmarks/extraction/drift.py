"""How soon the drift alarm sees a redesign, and how often it fires without one: simulated sites.

    python -m benchmarks.extraction.drift [--sites 300] [--seed 1]

A site's texts have log-normal lengths of its own middle and spread, and a share of its pages gives no article. Each site
is read for 100 pages, then redesigned; quiet sites are read for 500 pages. Pure: no page, no clock, no server.
"""

from __future__ import annotations

import argparse
import math
import random
from dataclasses import dataclass, replace
from statistics import median, quantiles
from typing import TYPE_CHECKING

from workers.extract.core.drift import Drift, observe

if TYPE_CHECKING:
    from collections.abc import Callable

BEFORE, WITHIN, QUIET = 100, 20, 500
FAILING = (0.0, 0.02, 0.05, 0.1)
SPREAD = (0.35, 0.75)  # of the logarithm: the longest tenth is 2.5 to 7 times as long as the shortest


@dataclass(frozen=True)
class Site:
    """How a site's pages are read: share without an article, median characters, spread of their logarithm."""

    fails: float
    middle: float
    spread: float

    def page(self, chance: random.Random) -> int:
        if chance.random() < self.fails:
            return 0
        return max(200, round(self.middle * math.exp(chance.gauss(0, self.spread))))


REDESIGNS: dict[str, Callable[[Site], Site]] = {
    "no page gives an article": lambda site: replace(site, fails=1.0),
    "70 % give none": lambda site: replace(site, fails=0.7),
    "half give none": lambda site: replace(site, fails=0.5),
    "texts a fifth as long": lambda site: replace(site, middle=site.middle / 5),
    "texts a third as long": lambda site: replace(site, middle=site.middle / 3),
    "texts half as long": lambda site: replace(site, middle=site.middle / 2),
    "texts twice as long": lambda site: replace(site, middle=site.middle * 2),
    "texts three times as long": lambda site: replace(site, middle=site.middle * 3),
}


def a_site(chance: random.Random) -> Site:
    return Site(chance.choice(FAILING), chance.uniform(1_500, 6_000), chance.uniform(*SPREAD))


def alarms(drift: Drift, site: Site, pages: int, chance: random.Random) -> tuple[Drift, list[int]]:
    """The state after so many pages, and the pages (1 is the first) at which the alarm fired."""
    fired = []
    for number in range(1, pages + 1):
        drift, verdict = observe(drift, site.page(chance))
        if verdict == "fires":
            fired.append(number)
    return drift, fired


def quiet(sites: int, seed: int) -> int:
    """False alarms over `sites` times `QUIET` pages."""
    chance = random.Random(f"quiet {seed}")
    return sum(len(alarms(Drift(), a_site(chance), QUIET, chance)[1]) for _ in range(sites))


def delays(change: Callable[[Site], Site], sites: int, seed: int) -> list[int]:
    """After how many pages of the new design each site's alarm fired; `WITHIN` + 1 where it did not in time."""
    chance, found = random.Random(f"redesign {seed}"), []
    for _ in range(sites):
        site = a_site(chance)
        drift, _ = alarms(Drift(), site, BEFORE, chance)
        drift = replace(drift, alarm="", since=0)
        found.append(min([*alarms(drift, change(site), WITHIN, chance)[1], WITHIN + 1]))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sites", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    false, pages = quiet(chosen.sites, chosen.seed), chosen.sites * QUIET
    print(f"{false} alarms in {pages:,} pages without a redesign: {10_000 * false / pages:.2f} in 10,000")
    for name, change in REDESIGNS.items():
        found = delays(change, chosen.sites, chosen.seed)
        share = sum(delay <= WITHIN for delay in found) / len(found)
        late = quantiles(found, n=20)[-1]
        print(
            f"{name:<26} fired within {WITHIN} pages: {share:6.1%}   median {median(found):.0f}   95 % within {late:.0f}"
        )


if __name__ == "__main__":
    main()
