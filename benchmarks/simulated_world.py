"""Makes the world of the polling simulation: who publishes how much, and whose server misbehaves how. Seeded."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass, field

from benchmarks.simulated_press import DAY, HOUR, MINUTE, Feed, Host

START = 1_790_000_000.0  # some day in 2026
TEMPERS = (
    ("honest", 70),
    ("no validators", 12),
    ("useless validators", 6),
    ("liar", 4),
    ("liar, new etags", 3),
    ("two machines", 5),
)
LEAST_SPAN = 8 * HOUR  # that a document covers on average; who shows less loses entries in any outage


@dataclass(kw_only=True)
class World:
    """The feeds, and when we ourselves are away: `stopped` (the poller is down) and `cut_off` (our network is)."""

    feeds: list[Feed]
    end: float
    stopped: list[tuple[float, float]] = field(default_factory=list)
    cut_off: list[tuple[float, float]] = field(default_factory=list)

    @property
    def away(self) -> list[tuple[float, float]]:
        """When nothing could be had because of us, with the time it takes to come back."""
        return [(start, end + HOUR) for start, end in (*self.stopped, *self.cut_off)]


def make(*, feeds: int, days: float, seed: int) -> World:
    """A world of `feeds` feeds over `days` days."""
    rng = random.Random(seed)
    end = START + days * DAY
    hosts = [Host(name=f"host{number}.example") for number in range(max(feeds * 6 // 10, 1))]
    world = World(feeds=[_feed(number, rng, hosts, end) for number in range(feeds)], end=end)
    for _ in range(max(int(days / 3), 1)):
        at = rng.uniform(START + HOUR, end - HOUR)
        world.stopped.append((at, at + rng.uniform(MINUTE, 30 * MINUTE)))
    for share in (0.3, 0.7):
        at = START + share * (end - START)
        world.cut_off.append((at, at + 6 * HOUR))
    world.stopped.sort()
    return world


def _feed(number: int, rng: random.Random, hosts: list[Host], end: float) -> Feed:
    gap = math.exp(rng.uniform(math.log(20 * MINUTE), math.log(10 * DAY)))
    window = max(rng.randint(10, 60), math.ceil(LEAST_SPAN / gap * 1.5))
    # A fifth of the hosts carry half of the feeds.
    host = rng.choice(hosts[: len(hosts) // 5 + 1] if rng.random() < 0.5 else hosts)
    tempers, weights = zip(*TEMPERS, strict=True)
    feed = Feed(
        url=f"https://{host.name}/feed{number}",
        host=host,
        published=_entries(rng, gap, window, end),
        window=window,
        temper=rng.choices(tempers, weights)[0],
        trouble=rng.choice((0.0, 0.0, 0.01, 0.05, 0.15)),
        dated=rng.random() < 0.9,
        rng=random.Random(rng.random()),
    )
    if rng.random() < 0.2:
        feed.ttl = rng.choice((15 * MINUTE, HOUR, 2 * HOUR))
    if rng.random() < 0.3:
        feed.max_age = rng.choice((5 * MINUTE, 30 * MINUTE, 2 * HOUR))
    if rng.random() < 0.03:
        feed.skip_hours = frozenset((0, 1, 2))
    _misfortunes(feed, rng, end)
    return feed


def _misfortunes(feed: Feed, rng: random.Random, end: float) -> None:
    """Outages, rate limits, deaths that are none, and removals."""
    span = end - START
    for _ in range(rng.choice((0, 0, 1, 2))):
        at = START + rng.random() * span
        feed.down.append((at, at + math.exp(rng.uniform(math.log(10 * MINUTE), math.log(min(8 * DAY, span / 4))))))
    if rng.random() < 0.2:
        at = START + rng.random() * span
        form = rng.choice(("seconds", "date", "garbage"))
        feed.limits.append((at, rng.uniform(HOUR, 3 * DAY if span > 6 * DAY else 6 * HOUR), form))
    chance = rng.random()
    if chance < 0.02:  # gone for good
        feed.gone.append((START + rng.random() * span, float("inf")))
    elif chance < 0.04:  # said so by mistake
        at = START + rng.random() * span
        feed.gone.append((at, at + rng.uniform(HOUR, 5 * HOUR)))
    elif chance < 0.08:
        feed.moves_at = START + rng.random() * span


def _entries(rng: random.Random, gap: float, window: int, end: float) -> list[float]:
    """Publication times: a backlog, then a Poisson process with office hours, and now and then a burst."""
    times = [START - gap * number for number in range(window, 0, -1)]
    at = START
    while (at := at + rng.expovariate(1 / gap) * (0.6 if 7 <= at // HOUR % 24 < 18 else 1.5)) < end:
        times.append(at)
        if rng.random() < 0.01:
            times.extend(at + MINUTE * number / 2 for number in range(1, window // 4))
    return sorted(time for time in times if time < end)
