"""When an event is tried again, and when an endpoint is left alone. Pure: counts and a random number in, seconds out.

again_in   for one event: the schedule that Standard Webhooks recommends, ten tries over three days
pause      for an endpoint: after a few failures in a row nothing is sent for a while, so that an outage costs a
           few events some tries and the others none
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.retry import RetryPolicy, delay
from workers.deliver.core.verdicts import RATE_LIMITED

if TYPE_CHECKING:
    from workers.deliver.core.verdicts import Verdict

SCHEDULE = (5.0, 300.0, 1_800.0, 7_200.0, 18_000.0, 36_000.0, 50_400.0, 72_000.0, 86_400.0)  # seconds between tries
JITTER = 0.2  # of a wait, to either side
TOLERATED = 5  # failures in a row after which an endpoint is left alone
PAUSES = RetryPolicy(tries=100, first=10.0, factor=3.0, most=900.0)
STEADY = 10  # pauses after which they grow no more


def waits(timeout: float, *, scale: float = 1.0) -> tuple[float, ...]:
    """Return for each delivery the seconds in which nobody else may take the event: the wait, or twice the timeout.

    They are the most that a wait may be; `lease` is what a try that was killed costs.
    """
    longest = (wait * scale * (1 + JITTER) for wait in SCHEDULE)
    return (*(max(wait, lease(timeout)) for wait in longest), lease(timeout))


def lease(timeout: float) -> float:
    """Return the seconds that one attempt is given in all, before it counts as lost with its process."""
    return 2 * timeout


def again_in(number: int, verdict: Verdict, *, random: float, scale: float = 1.0) -> float:
    """Return the seconds until the next try after delivery `number` (from 1) failed; `random` is in [0, 1).

    What the receiver asks for with Retry-After takes the place of the schedule.
    """
    if verdict.retry_after is not None:
        return verdict.retry_after * (1 + random / 10)
    wait = SCHEDULE[min(number, len(SCHEDULE)) - 1] * scale
    return wait * (1 - JITTER + 2 * JITTER * random)


def pause(failures: int, verdict: Verdict, *, random: float, scale: float = 1.0) -> float:
    """Return the seconds in which nothing is sent to an endpoint after so many failures in a row; 0: go on.

    A receiver that says it is asked too often is left alone at once, for as long as it asks if it says so.
    """
    asked = verdict.retry_after or 0.0
    beyond = failures - TOLERATED + 1
    if verdict.outcome == RATE_LIMITED and not asked:
        beyond = max(beyond, 1)
    if beyond < 1:
        return asked
    found = delay(PAUSES.scaled(scale), tries=min(beyond, STEADY), retry_after=None, random=random)
    return max(asked, found or 0.0)
