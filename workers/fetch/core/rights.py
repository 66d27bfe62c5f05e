"""What a page's owner allows to be passed on. Pure.

`noarchive` asks that no copy be shown, a TDM reservation (EU 2019/790, article 4; the W3C group's TDMRep) that the text
not be mined. Both are honoured the same way: the event keeps URL, title, tags and hash, and carries no full text.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from workers.fetch.core.markup import Markup

NOARCHIVE = "noarchive"
RESERVED = "tdm-reservation"
AGENT = re.compile(r"\s*([\w.-]+)\s*:")
# Directives that take a value, which makes them look like an agent's name.
VALUED = frozenset({"unavailable_after", "max-snippet", "max-image-preview", "max-video-preview"})


def rights(headers: Mapping[str, str], page: Markup, *, agent: str = "rarewire") -> str:
    """`tdm-reservation`, `noarchive` or the empty string; the first is the wider reservation and goes before."""
    if headers.get("tdm-reservation", "").strip() == "1" or "1" in page.metas("tdm-reservation"):
        return RESERVED
    if _header_forbids(headers.get("x-robots-tag", ""), agent):
        return NOARCHIVE
    wishes = (content for name in ("robots", agent) for content in page.metas(name))
    return NOARCHIVE if any(NOARCHIVE in _words(wish) for wish in wishes) else ""


def _words(text: str) -> set[str]:
    return {word.strip().lower() for word in text.split(",")}


def _header_forbids(value: str, agent: str) -> bool:
    """Whether an X-Robots-Tag forbids archiving to us: `noarchive`, or `rarewire: noarchive`; others' names are not us.

    A name holds for the directives after it until the next name.
    """
    addressed = True
    for part in value[:2_000].lower().split(","):
        named = AGENT.match(part)
        directive = part
        if named and named[1] not in VALUED:
            addressed = named[1] == agent
            directive = part[named.end() :]
        if addressed and directive.strip() == NOARCHIVE:
            return True
    return False
