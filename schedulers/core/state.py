"""All that is remembered of a feed between two polls, as one frozen value, and its compact form for a Redis hash.

The entries that were seen are not in it: `workers.poll.core.seen` keeps those.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["FeedState", "changed"]


@dataclass(frozen=True, kw_only=True)
class FeedState:
    """Times are epoch seconds, 0 for never; durations are seconds. Only `url` has no default."""

    url: str  # where it is polled; changes when the feed has moved for good
    # when
    next_at: float = 0.0
    asked_at: float = 0.0  # last request, whatever came of it
    ok_at: float = 0.0  # last good answer: a feed, or a 304
    full_at: float = 0.0  # last answer whose body was read
    new_at: float = 0.0  # last new entry; at the first poll the newest one's date
    # conditional requests
    etag: str = ""  # verbatim, as are all validators
    modified: str = ""
    body_hash: str = ""
    unchanged: int = 0  # 304s since `full_at`
    proven: bool = False  # a conditional request has saved a transfer, and none since failed to
    suspect: bool = False  # the validators kept are old ones, to find out whether the server lies
    lying: bool = False  # it does: no conditional requests
    # pace
    rate_entries: float = 0.0  # entries seen, and the seconds they were seen in, both decaying
    rate_seconds: float = 0.0
    window: int = 0  # entries that the last document carried
    squeeze: int = 0  # halvings of the interval after gaps
    gap_at: float = 0.0
    wish: float = 0.0  # the document's own wish for the time between polls
    skip_hours: frozenset[int] = frozenset()
    skip_days: frozenset[int] = frozenset()
    # trouble
    errors: float = 0.0  # weight of the errors since the last good answer
    uncharged: float = 0.0  # of the last one, while it may turn out to be our own outage
    reason: str = ""  # of the last error
    failing_since: float = 0.0
    wait_until: float = 0.0  # a Retry-After
    gone_at: float = 0.0  # first 410
    parked_at: float = 0.0
    paused: bool = False  # by an operator
    # permanent redirects
    moved_to: str = ""
    moved_count: int = 0
    moved_since: float = 0.0
    # WebSub
    hub: str = ""
    topic: str = ""
    hub_asked_at: float = 0.0
    lease_until: float = 0.0
    lease_seconds: float = 0.0

    def to_fields(self) -> dict[str, str]:
        """Field -> text for a Redis hash, under short names; what has its default is left out."""
        return {
            SHORT[item.name]: _written(value)
            for item in fields(self)
            if (value := getattr(self, item.name)) != item.default
        }

    @classmethod
    def from_fields(cls, stored: Mapping[str, str]) -> FeedState:
        """The state in a hash; unknown fields are passed over. Raises KeyError without a URL, ValueError if broken."""
        known = {LONG[name]: text for name, text in stored.items() if name in LONG}
        return cls(url=known.pop("url"), **{name: _read(name, text) for name, text in known.items()})

    def changes(self, after: FeedState) -> dict[str, str | None]:
        """What to write so that a stored `self` becomes `after`; None removes a field."""
        old, new = self.to_fields(), after.to_fields()
        written: dict[str, str | None] = {name: text for name, text in new.items() if old.get(name) != text}
        return written | {name: None for name in old if name not in new}


if TYPE_CHECKING:
    from dataclasses import replace as changed
else:

    def changed(state: FeedState, **changes: Any) -> FeedState:
        """A copy with some fields changed, as `dataclasses.replace` makes it, in a tenth of its 20 microseconds."""
        copy = object.__new__(FeedState)
        copy.__dict__.update(state.__dict__, **changes)
        return copy


# 100,000 feeds repeat these names 100,000 times.
SHORT = {
    "url": "u",
    "next_at": "n",
    "asked_at": "a",
    "ok_at": "o",
    "full_at": "f",
    "new_at": "w",
    "etag": "e",
    "modified": "m",
    "body_hash": "b",
    "unchanged": "c",
    "proven": "p",
    "suspect": "s",
    "lying": "l",
    "rate_entries": "re",
    "rate_seconds": "rs",
    "window": "wi",
    "squeeze": "sq",
    "gap_at": "g",
    "wish": "t",
    "skip_hours": "sh",
    "skip_days": "sd",
    "errors": "x",
    "uncharged": "xu",
    "reason": "xr",
    "failing_since": "xs",
    "wait_until": "wu",
    "gone_at": "ga",
    "parked_at": "pa",
    "paused": "pz",
    "moved_to": "mt",
    "moved_count": "mc",
    "moved_since": "ms",
    "hub": "h",
    "topic": "to",
    "hub_asked_at": "ha",
    "lease_until": "lu",
    "lease_seconds": "ls",
}
LONG = {short: name for name, short in SHORT.items()}
KINDS: dict[str, Any] = {item.name: type(item.default) for item in fields(FeedState) if item.name != "url"}


def _written(value: object) -> str:
    if isinstance(value, bool):
        return "1"
    if isinstance(value, frozenset):
        return ",".join(str(number) for number in sorted(value))
    return f"{value:.10g}" if isinstance(value, float) else str(value)


def _read(name: str, text: str) -> Any:
    kind = KINDS[name]
    if kind is bool:
        return text == "1"
    if kind is frozenset:
        return frozenset(int(number) for number in text.split(",") if number)
    return kind(text)
