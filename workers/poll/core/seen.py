"""Which entries are new, which changed, and what must be kept to know it next time. Identity decides, never a date.

The memory has two parts: `current`, all that the last document carried, which is never trimmed, and `former`, the
entries that left it last, as many again (at least 20), so that a feed served by two machines that disagree announces
nothing twice. Each entry costs 12 characters.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from workers.poll.core.values import Entry

KEY = 8
WIDTH = 12
FORMER_AT_LEAST = 20


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What a feed's earlier documents carried: entry key -> digest, in document order; `former` last left first."""

    current: Mapping[str, str] = field(default_factory=dict)
    former: Mapping[str, str] = field(default_factory=dict)

    def encode(self) -> str:
        """One string of URL-safe characters; the two parts are joined by a dot."""
        return ".".join("".join(key + digest for key, digest in part.items()) for part in (self.current, self.former))

    @classmethod
    def decode(cls, text: str) -> Seen:
        """The memory in a string that `encode` made; anything else is an empty memory, which only costs a recheck."""
        current, _, former = text.partition(".")
        if len(current) % WIDTH or len(former) % WIDTH:
            return cls()
        return cls(current=dict(_pairs(current)), former=dict(_pairs(former)))


@dataclass(frozen=True, kw_only=True)
class Unseen:
    """What one document brought.

    `known` is how many of its entries were seen before; `gap` that it shares none with what was seen although
    something was, so items came and went between two polls. `deferred` entries were new but over the limit: they are
    not in `seen` and the next poll brings them, as long as it is not answered from a validator or a body hash.
    """

    new: tuple[Entry, ...]
    changed: tuple[Entry, ...]
    known: int
    deferred: int
    gap: bool
    seen: Seen


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    for start in range(0, len(text), WIDTH):
        yield text[start : start + KEY], text[start + KEY : start + WIDTH]


def unseen(entries: Sequence[Entry], seen: Seen, *, limit: int | None = None) -> Unseen:
    """Compare a document's entries with what was seen; at most `limit` new ones are taken, the oldest in it first.

    Documents run from new to old, so the end leaves first: deferring the start loses nothing.
    """
    present: dict[str, Entry] = {}
    for entry in entries:
        present.setdefault(entry.key, entry)
    before = {**seen.former, **seen.current}
    fresh = [entry for key, entry in present.items() if key not in before]
    deferred = fresh[: max(len(fresh) - limit, 0)] if limit is not None else []
    known = len(present) - len(fresh)
    return Unseen(
        new=tuple(fresh[len(deferred) :]),
        changed=tuple(entry for key, entry in present.items() if before.get(key, entry.digest) != entry.digest),
        known=known,
        deferred=len(deferred),
        gap=bool(present and before and not known),
        seen=_remember(present, seen, left_out={entry.key for entry in deferred}),
    )


def _remember(present: Mapping[str, Entry], seen: Seen, *, left_out: set[str]) -> Seen:
    if not present:
        return seen  # an empty document is a server's hiccup more often than a feed that lost all it had
    current = {key: entry.digest for key, entry in present.items() if key not in left_out}
    gone = {key: digest for key, digest in (*seen.current.items(), *seen.former.items()) if key not in present}
    return Seen(current=current, former=dict(islice(gone.items(), max(len(present), FORMER_AT_LEAST))))
