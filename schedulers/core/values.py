"""What a poll found, and what follows from it: plain frozen values."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from schedulers.core.state import FeedState
    from shared.outcomes import Reason


@dataclass(frozen=True, kw_only=True, slots=True)
class Document:
    """What matters for timing in a feed document that was parsed; `published` are its entries' believable dates."""

    entries: int
    new: int
    known: int = 0
    deferred: int = 0
    gap: bool = False
    published: tuple[float, ...] = ()
    ttl: float | None = None
    skip_hours: frozenset[int] = frozenset()
    skip_days: frozenset[int] = frozenset()
    hub: str = ""
    topic: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class PollResult:
    """One poll.

    `status` is the last answer's, 0 when none came; `failure` is why none came, or why a 200 is no feed. `headers` have
    lower-case names. `conditional` says that validators were sent. `document` is None after a 304, a failure, and when
    the body's hash equals the one kept. `moved_to` is the canonical end of a chain of 301 and 308 only, else empty.
    `ours` says that the own-outage guard blames us; `others_reached_at` when any other host last answered, None if that
    is not known.
    """

    status: int = 0
    failure: Reason | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    conditional: bool = False
    body_hash: str = ""
    document: Document | None = None
    moved_to: str = ""
    ours: bool = False
    others_reached_at: float | None = None


class EventKind(StrEnum):
    """What an operator is told about a feed. Low in number: each is a metric label."""

    FAILING = "failing"
    HEALED = "healed"
    PARKED = "parked"
    MOVED = "moved"
    GAP = "gap"
    DEFERRED = "deferred"
    LYING_VALIDATOR = "lying_validator"
    WAITING = "waiting"
    HUB_FOUND = "hub_found"


@dataclass(frozen=True, kw_only=True, slots=True)
class FeedEvent:
    """One of them, with its particulars as text."""

    kind: EventKind
    detail: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Decision:
    """The feed's new state, when to poll it next (also in the state), and what to tell.

    `host_wait_until` is a Retry-After: until then nobody asks anything of that host.
    """

    state: FeedState
    next_poll_at: float
    events: tuple[FeedEvent, ...] = ()
    host_wait_until: float | None = None
