"""What the client gives back: values only, no connection behind them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass


class Headers(Mapping[str, str]):
    """Header fields by name in any case; a field that came more than once is joined by ", " (RFC 9110, 5.2)."""

    def __init__(self, pairs: Iterable[tuple[str, str]] = ()) -> None:
        fields: dict[str, list[str]] = {}
        for name, value in pairs:
            fields.setdefault(name.lower(), []).append(value)
        self._fields = fields

    def __getitem__(self, name: str) -> str:
        return ", ".join(self._fields[name.lower()])

    def __iter__(self) -> Iterator[str]:
        return iter(self._fields)

    def __len__(self) -> int:
        return len(self._fields)

    def __repr__(self) -> str:
        return f"Headers({self.pairs()!r})"

    def all(self, name: str) -> tuple[str, ...]:
        """Every value of a field, in the order they came."""
        return tuple(self._fields.get(name.lower(), ()))

    def pairs(self) -> tuple[tuple[str, str], ...]:
        """All (lower-case name, value) pairs."""
        return tuple((name, value) for name, values in self._fields.items() for value in values)


@dataclass(frozen=True, kw_only=True)
class Hop:
    """One redirect: the URL that was asked, the status it gave and the canonical URL it pointed to."""

    url: str
    status: int
    location: str


@dataclass(frozen=True, kw_only=True)
class Response:
    """An answer. `url` is where it came from at last, `body` is decoded (content coding), `elapsed` is in seconds.

    `body_read` is False where the caller did not want the body, which is then empty.
    """

    url: str
    status: int
    headers: Headers
    body: bytes = b""
    hops: tuple[Hop, ...] = ()
    elapsed: float = 0.0
    body_read: bool = True
