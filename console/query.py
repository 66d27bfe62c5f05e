"""A filter as people type it: `stage:fetch reason:timeout host:example.org`. Pure: text in, qualifiers out."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

LONGEST = 500
PAIR = re.compile(r'(?:([a-z_]+):)?("[^"]*"|\S+)', re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Query:
    """The qualifiers, the free words, and what could not be understood, as sentences for the person who typed it."""

    qualifiers: Mapping[str, str] = field(default_factory=dict)
    words: tuple[str, ...] = ()
    complaints: tuple[str, ...] = ()


def parse(text: str, known: Sequence[str], *, words: bool = False) -> Query:
    """Parse a filter with the `known` qualifiers; `words` says whether free words mean something here."""
    qualifiers: dict[str, str] = {}
    free: list[str] = []
    complaints: list[str] = []
    for name, raw in PAIR.findall(text[:LONGEST]):
        value, name_ = raw.strip('"'), name.lower()
        if not name_ or raw.startswith("//"):
            free.append(f"{name}:{value}" if name else value)
        elif name_ not in known:
            complaints.append(f"There is no qualifier “{name_}:” here; try {_list(known)}.")
        elif name_ in qualifiers and qualifiers[name_] != value:
            complaints.append(f"“{name_}:” was given twice; the last one counts.")
            qualifiers[name_] = value
        else:
            qualifiers[name_] = value
    if free and not words:
        complaints.append(f"“{' '.join(free)}” was left out: say what it is, with {_list(known)}.")
    return Query(qualifiers=qualifiers, words=tuple(free), complaints=tuple(complaints))


def _list(known: Sequence[str]) -> str:
    return ", ".join(f"{name}:" for name in known)
