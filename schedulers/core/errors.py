"""What a failed poll weighs and how long it makes a feed wait. A feed never dies: the wait ends at a day. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.outcomes import Reason

if TYPE_CHECKING:
    from schedulers.core.policy import PollingPolicy
    from schedulers.core.values import PollResult

HARD, SOFT, TEMPORARY = 1.0, 0.5, 0.25

SOFT_REASONS = frozenset(
    {
        Reason.DNS,
        Reason.CONNECT,
        Reason.TIMEOUT,
        Reason.PROTOCOL,
        Reason.TRUNCATED,
        Reason.SERVER_ERROR,
        Reason.BAD_ENCODING,
    }
)
# Answers that say "not you" or "not here": asked ever more rarely, down to once a day, with little jitter.
REFUSALS = frozenset({Reason.NOT_FOUND, Reason.FORBIDDEN, Reason.CLIENT_ERROR, Reason.ROBOTS})
BY_STATUS = {
    401: Reason.FORBIDDEN,
    403: Reason.FORBIDDEN,
    404: Reason.NOT_FOUND,
    410: Reason.GONE,
    429: Reason.RATE_LIMITED,
}
OK, NOT_MODIFIED, CLIENT, SERVER = 200, 304, 400, 500
UNAVAILABLE = 503


def failure(result: PollResult) -> Reason | None:
    """Why a poll failed, None if it did not. A 304 that nobody asked for is a failure: it carries no feed."""
    if result.failure is not None:
        return result.failure
    if result.status == OK or (result.status == NOT_MODIFIED and result.conditional):
        return None
    if result.status >= SERVER:
        return Reason.SERVER_ERROR
    if result.status >= CLIENT:
        return BY_STATUS.get(result.status, Reason.CLIENT_ERROR)
    return Reason.PROTOCOL


def weight(reason: Reason, status: int) -> float:
    """1 for a hard error, .5 for a soft one, .25 for a server that asks for patience."""
    if reason is Reason.RATE_LIMITED or status == UNAVAILABLE:
        return TEMPORARY
    return SOFT if reason in SOFT_REASONS else HARD


def backoff(reason: Reason, total: float, *, floor: float, random: float, policy: PollingPolicy) -> float:
    """Seconds to wait at an error weight of `total`: exponential with full jitter above `floor`, at most a day.

    Each soft error doubles the range, each hard one quadruples it. Refusals wait (nearly) the whole of it.
    """
    # The exponent is capped as well, because 2.0 ** 2000 is an error and a dead feed's weight grows for ever.
    ceiling = min(floor * 2 ** min(2 * total, 64), policy.backoff_most)
    if reason in REFUSALS:
        return max(ceiling * (1 - policy.jitter * random), floor)
    return floor + max(ceiling - floor, 0.0) * random
