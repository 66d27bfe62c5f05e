"""Doorbells and ticks that nobody hears are taken out of the broker's queues: the state in Redis is the truth anyway.

Where a stage has no workers for a weekend its bell rings on, some 40 MB a day. What is thrown away is rung again by the
next tick, within two seconds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.topology import TICK_QUEUE, TOPOLOGY

if TYPE_CHECKING:
    from collections.abc import Mapping

LOOK_EVERY = 30.0  # seconds between two looks
DEAF_AFTER = 60.0  # seconds without a look at a stage, or without a tick done, after which nobody hears


def unheard(pulses: Mapping[str, float], *, now: float) -> list[str]:
    """Return the queues whose hearers showed no life lately. `pulses` and `now` are epoch seconds by one clock."""
    hearers = {row.queue: row.stage.value for row in TOPOLOGY.values()} | {TICK_QUEUE: "tick"}
    return [queue for queue, name in hearers.items() if now - pulses.get(name, 0.0) > DEAF_AFTER]
