"""When failed work is tried again. Pure: error, tries so far, policy and a random number in, a delay or None out."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True, kw_only=True)
class RetryPolicy:
    """Exponential back-off with equal jitter (AWS Architecture Blog, "Exponential Backoff And Jitter"); seconds."""

    tries: int
    first: float
    factor: float = 4.0
    most: float = 6 * 3600.0

    def scaled(self, scale: float) -> RetryPolicy:
        """Return the policy with all its waits multiplied."""
        return self if scale == 1.0 else replace(self, first=self.first * scale, most=self.most * scale)


def delay(policy: RetryPolicy, *, tries: int, retry_after: float | None, random: float) -> float | None:
    """Seconds until the next try after `tries` failed ones, or None to give up.

    `random` is in [0, 1). A server's `retry_after` is a floor and is honoured in full, with up to 10 % on top so that
    waiting work does not come back all at once.
    """
    if tries >= policy.tries:
        return None
    if retry_after is not None:
        return max(retry_after, 0.0) * (1 + random / 10)
    ceiling = min(policy.first * policy.factor ** (tries - 1), policy.most)
    return ceiling / 2 + random * ceiling / 2
