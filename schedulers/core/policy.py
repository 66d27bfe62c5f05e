"""The numbers of the polling policy, all in seconds unless their name says otherwise. Pure data."""

from __future__ import annotations

from dataclasses import dataclass

MINUTE = 60.0
HOUR = 3600.0
DAY = 86_400.0


@dataclass(frozen=True, kw_only=True, slots=True)
class PollingPolicy:
    """How often a feed may and must be asked. The defaults suit the open web; the demo and tests bring shorter ones."""

    floor: float = 10 * MINUTE  # never sooner, whatever happens
    floor_unproven: float = HOUR  # where no 304 has shown that asking is cheap for the server
    ceiling_news: float = 6 * HOUR
    ceiling_idle: float = DAY
    idle_after: float = 14 * DAY  # without a new entry
    wish_most: float = DAY  # how far a server's wish for rarer polls is granted
    jitter: float = 0.1  # share of the interval, both ways
    full_every: float = DAY  # one unconditional GET when only 304s were seen for so long
    lag: float = HOUR  # how far behind a server's other machines and caches may be without lying
    rate_half_life: float = 7 * DAY  # how fast the estimate of a feed's pace forgets
    backoff_most: float = DAY
    retry_after_most: float = 31 * DAY
    moves: int = 3  # equal permanent redirects before the new address is stored
    moves_over: float = DAY
    gone_within: float = DAY  # two 410s within this park the feed
    gone_again: float = 6 * HOUR  # when the second opinion on a 410 is asked for
    parked_heartbeat: float = 30 * DAY
    push_slowdown: float = 4.0  # factor on the interval while a WebSub hub pushes
    squeeze_most: int = 4  # halvings of the interval after gaps
    squeeze_for: float = 7 * DAY  # after so long without a gap, one halving is taken back
    failing_at: float = 3.0  # error weight at which an operator is told


DEFAULT = PollingPolicy()
