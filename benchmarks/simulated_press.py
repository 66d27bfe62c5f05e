"""The press of the polling simulation: feeds on hosts, honest and otherwise, that keep their own books on who asks.

A server here never looks at the poller's state. It knows what it published when, what it answered, and what it asked
for, and from that alone it says whether a request came too early or was needlessly unconditional.
"""

from __future__ import annotations

import random
from bisect import bisect_right
from dataclasses import dataclass, field
from email.utils import formatdate

MINUTE, HOUR, DAY = 60.0, 3600.0, 86_400.0
FLOOR = 10 * MINUTE
WISH_MOST = DAY
BACK_OFF = 4 * HOUR  # the longest wait after one failure without validators
HOST_GAP = 2.0


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a poller sees. `items` are entry numbers, newest first; None where there is no feed in the answer."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    items: tuple[int, ...] | None = None
    moved_to: str = ""
    reached: bool = True


@dataclass(kw_only=True)
class Books:
    """What the press counts against the poller."""

    requests: int = 0
    not_modified: int = 0
    early: int = 0
    needless: int = 0
    past_limit: int = 0
    complaints: list[str] = field(default_factory=list)

    def complain(self, kind: str, what: str) -> None:
        """Count a breach and keep the first few in words."""
        setattr(self, kind, getattr(self, kind) + 1)
        if len(self.complaints) < 20:
            self.complaints.append(f"{kind}: {what}")


@dataclass(kw_only=True)
class Host:
    """One server's limits: the gap between requests, and the Retry-After it has asked for."""

    name: str
    last: float = float("-inf")
    closed_until: float = 0.0
    closures: list[tuple[float, float]] = field(default_factory=list)  # for every feed of the host

    def asked(self, at: float, books: Books) -> None:
        """A request arrives."""
        if at < self.last + HOST_GAP - 1e-6:
            books.complain("past_limit", f"{self.name}: {at - self.last:.2f} s after the last request")
        if at < self.closed_until - 1e-6:
            books.complain("past_limit", f"{self.name}: {self.closed_until - at:.0f} s before its Retry-After is over")
        self.last = at


@dataclass(kw_only=True)
class Feed:
    """One feed and the temper of the server behind it."""

    url: str
    host: Host
    published: list[float]  # times, ascending; an entry's number is its index
    window: int
    temper: str
    down: list[tuple[float, float]] = field(default_factory=list)
    gone: list[tuple[float, float]] = field(default_factory=list)
    limits: list[tuple[float, float, str]] = field(default_factory=list)  # from, seconds, how Retry-After is written
    trouble: float = 0.0  # share of requests that fail for a moment
    ttl: float | None = None
    max_age: float = 0.0
    skip_hours: frozenset[int] = frozenset()
    moves_at: float = float("inf")
    dated: bool = True
    rng: random.Random = field(default_factory=random.Random)
    # its books
    asked_at: float = float("-inf")
    good_at: float = float("-inf")
    full_at: float = float("-inf")
    gave_validators: bool = False
    failed: list[float] = field(default_factory=list)
    issued: dict[str, tuple[int, ...]] = field(default_factory=dict)  # which items a validator stood for
    lied_at: float = float("inf")  # first answer that was not true

    def items(self, at: float) -> tuple[int, ...]:
        """The entries in the document at a time, newest first."""
        behind = 20 * MINUTE if self.temper == "two machines" and int(at) % 2 else 0.0
        newest = bisect_right(self.published, at - behind)
        oldest = max(newest - self.window, 0)
        return tuple(range(newest - 1, oldest - 1, -1))

    def visible(self, entry: int) -> tuple[float, float]:
        """From when to when an entry is in the document."""
        leaves = entry + self.window
        return self.published[entry], self.published[leaves] if leaves < len(self.published) else float("inf")

    def answer(self, headers: dict[str, str], at: float, books: Books) -> Answer:
        """Answer a request, after writing down what was wrong with it."""
        self._judge(headers, at, books)
        books.requests += 1
        self.asked_at = at
        self.host.asked(at, books)
        for start, seconds, form in self.limits:
            if start <= at < start + seconds:
                return self._limited(start + seconds, form, at)
        if any(start <= at < end for start, end in self.gone):
            return Answer(status=410)
        if any(start <= at < end for start, end in self.down) or self.rng.random() < self.trouble:
            self.failed.append(at)
            return self._failure()
        return self._good(headers, at, books)

    def _judge(self, headers: dict[str, str], at: float, books: Books) -> None:
        wish = min(max(self.ttl or 0.0, self.max_age), WISH_MOST)
        if self.asked_at == self.good_at:  # the last answer was a good one: what it asked for holds
            if at < self.good_at + wish - 1:
                books.complain("early", f"{self.url}: {at - self.good_at:.0f} s after an answer fresh for {wish:.0f} s")
            if int(at // HOUR) % 24 in self.skip_hours and at < self.good_at + WISH_MOST - 1:
                books.complain("early", f"{self.url}: in a skipped hour")
        if at < self.asked_at + FLOOR - 1:
            books.complain("early", f"{self.url}: {at - self.asked_at:.0f} s after the last request")
        if not headers and self.gave_validators and at < self.lied_at and at < self.full_at + DAY - 1:
            books.complain("needless", f"{self.url}: unconditional {at - self.full_at:.0f} s after a full answer")

    def _limited(self, until: float, form: str, at: float) -> Answer:
        if form == "garbage":
            return Answer(status=429, headers={"retry-after": "soon, please"})
        until = float(int(until))  # an HTTP date has no fractions
        self.host.closed_until = max(self.host.closed_until, until)
        self.host.closures.append((at, until))
        text = formatdate(until, usegmt=True) if form == "date" else str(int(until - at) + 1)
        return Answer(
            status=429 if form == "seconds" else 503, headers={"retry-after": text, "date": formatdate(at, usegmt=True)}
        )

    def _failure(self) -> Answer:
        kind = self.rng.choice(("timeout", "500", "502", "html", "404"))
        if kind == "timeout":
            return Answer(status=0, reached=False)
        if kind == "html":
            self.gave_validators = False  # an answer that is no feed gives nothing worth echoing
            return Answer(status=200, headers={"etag": '"sorry"'})
        return Answer(status=int(kind))

    def _good(self, headers: dict[str, str], at: float, books: Books) -> Answer:
        items = self.items(at)
        etag = self._etag(items, at)
        self.good_at = at
        moved = self.url + "/new" if at >= self.moves_at else ""
        given = headers.get("If-None-Match", "")
        if given and (given == etag or (self.temper.startswith("liar") and self.rng.random() < 0.999)):
            books.not_modified += 1
            self._lied(items != self.issued.get(given, items), at)
            return Answer(status=304, headers=self._freshness(), moved_to=moved)
        self.full_at, self.gave_validators = at, bool(etag)
        self._lied(bool(etag) and self.issued.get(etag, items) != items, at)  # one validator for two contents
        self.issued[etag] = items
        fresh = self._freshness()
        return Answer(status=200, headers=fresh | {"etag": etag} if etag else fresh, items=items, moved_to=moved)

    def _lied(self, lie: bool, at: float) -> None:  # noqa: FBT001
        if lie:
            self.lied_at = min(self.lied_at, at)

    def _freshness(self) -> dict[str, str]:
        return {"cache-control": f"public, max-age={self.max_age:.0f}"} if self.max_age else {}

    def _etag(self, items: tuple[int, ...], at: float) -> str:
        if self.temper == "no validators":
            return ""
        if self.temper == "useless validators":
            return f'"{at}"'
        if self.temper == "liar":
            return '"always the same"'
        if self.temper == "liar, new etags":
            return f'W/"{items[:1]}-{at:.0f}"'
        return f'"{items[:1]}{items[-1:]}{len(items)}"'

    def closed(self) -> list[tuple[float, float]]:
        """When nobody could have had the feed, and until a poller that backs off, fourfold at most, is sure to be back."""
        limits = ((start, start + seconds) for start, seconds, _ in self.limits)
        passing = ((at, at + (DAY if self._shaky(at) else BACK_OFF)) for at in self.failed)
        refused = [*self.down, *self.gone, *limits, *passing, *self.host.closures]
        return [(start, end + min(4 * (end - start), DAY)) for start, end in refused]

    def _shaky(self, at: float) -> bool:
        """Whether a failure fell into the day after an outage, when the back-off was long already."""
        return any(start <= at <= end + DAY for start, end in self.down)

    @property
    def rest(self) -> float:
        """Seconds that the policy lets pass between two good answers; to a liar, one honest question a day."""
        wish = min(max(self.ttl or 0.0, self.max_age), WISH_MOST)
        gap = (self.published[-1] - self.published[0]) / len(self.published)
        pace = min(max(gap / 2, HOUR), 6 * HOUR)
        skipping = 3 * HOUR if self.skip_hours else 0.0
        return 1.1 * max(pace, wish) + skipping + (1.2 * DAY if self.temper.startswith("liar") else 0.0)


def open_for(start: float, end: float, closed: list[tuple[float, float]]) -> float:
    """The longest stretch between two times that none of the intervals touches, in seconds."""
    longest, at = 0.0, start
    for begins, ends in sorted(closed):
        if begins >= end:
            break
        longest = max(longest, begins - at)
        at = max(at, ends)
    return max(longest, end - at)
