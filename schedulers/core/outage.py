"""The own-outage guard: when most hosts fail at once, it is us. Pure.

The store keeps the latest answers of all workers together; no feed gains error weight while the guard blames us.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from shared.outcomes import Reason

if TYPE_CHECKING:
    from collections.abc import Iterable

# Failures without a word from the host. A 500 is an answer: the way there works.
UNREACHED = frozenset({Reason.DNS, Reason.CONNECT, Reason.TLS, Reason.TIMEOUT})
KEEP = 60  # answers that the store must keep, newest first
LATEST = 10  # distinct hosts that are looked at
HOSTS = 4  # fewer prove nothing
SHARE = 0.8
WINDOW = 3600.0  # seconds


@dataclass(frozen=True, kw_only=True, slots=True)
class HostAnswer:
    """That a host was asked at `at` and whether anything came back."""

    host: str
    at: float
    reached: bool


def reached_at(answers: Iterable[HostAnswer], *, besides: str) -> float:
    """When any host but one last answered anything, 0 if none did: since then, silence is that host's own."""
    return max((answer.at for answer in answers if answer.reached and answer.host != besides), default=0.0)


def own_outage(answers: Iterable[HostAnswer], *, now: float) -> bool:
    """Whether of the hosts asked last (the latest ten, within an hour) at least four and four fifths gave no answer."""
    latest: dict[str, bool] = {}
    for answer in sorted(answers, key=lambda answer: answer.at, reverse=True):
        if now - answer.at <= WINDOW and len(latest) < LATEST:
            latest.setdefault(answer.host, answer.reached)
    silent = sum(not reached for reached in latest.values())
    return silent >= HOSTS and silent >= SHARE * len(latest)
