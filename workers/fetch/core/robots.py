"""robots.txt: what it says to us (RFC 9309). Pure; protego reads the rules.

protego hands each rule to each agent named above it, so half a megabyte of names over rules costs it gigabytes. It is
therefore given only the groups that speak to us, which also makes what is cached small.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from protego import Protego

if TYPE_CHECKING:
    from collections.abc import Iterator

READ = 500_000  # bytes; RFC 9309 asks for at least 500 kibibytes, what lies beyond is not there
LONGEST_DELAY = 60.0  # seconds
AGENT_LINE = re.compile(r"\s*user[- ]?agent\s*[:\s]\s*([^\s#/*]*)(\*?)", re.IGNORECASE)
SITE_LINE = re.compile(r"\s*(?:sitemaps?|site-map|host)\s*:", re.IGNORECASE)
KEEP_RULES = 86_400.0  # seconds
KEEP_DENIAL = 600.0

Kind = Literal["rules", "open", "closed"]


@dataclass(frozen=True, kw_only=True)
class Robots:
    """What a host's robots.txt means to us. `closed` is for now: the host did not answer properly."""

    kind: Kind
    rules: str = ""  # the groups that speak to us, where kind is "rules"

    @property
    def lifetime(self) -> float:
        """Seconds this may be believed."""
        return KEEP_DENIAL if self.kind == "closed" else KEEP_RULES


@dataclass(frozen=True, kw_only=True)
class RobotsVerdict:
    """Whether a URL may be fetched, seconds between requests if the host asks for any, and a note for the operator."""

    allowed: bool
    for_now: bool = False
    delay: float | None = None
    note: str = ""


UNREACHABLE = Robots(kind="closed")


def as_text(robots: Robots) -> str:
    """How robots are kept: their kind on a line, then the rules."""
    return f"{robots.kind}\n{robots.rules}"


def from_text(text: str) -> Robots:
    """What `as_text` wrote; anything else is closed."""
    kind, _, rules = text.partition("\n")
    if kind == "rules":
        return Robots(kind="rules", rules=rules)
    return Robots(kind="open") if kind == "open" else UNREACHABLE


def robots_from(status: int, body: bytes, *, agent: str = "rarewire") -> Robots:
    """What an answer to /robots.txt means: none there (4xx) is open, a host in trouble (5xx, 429) is closed for now."""
    if 200 <= status < 300:  # noqa: PLR2004
        return Robots(kind="rules", rules="\n".join(_for_us(body[:READ].decode("utf-8", "replace"), agent)))
    if status == 429 or status >= 500:  # noqa: PLR2004
        return UNREACHABLE
    return Robots(kind="open")


def judge_robots(robots: Robots, url: str, *, agent: str = "rarewire") -> RobotsVerdict:
    """What the rules say to `agent` about `url`, which is canonical."""
    if robots.kind != "rules":
        return RobotsVerdict(allowed=robots.kind == "open", for_now=robots.kind == "closed")
    rules = _parsed(robots.rules)
    asked = rules.crawl_delay(agent)
    if asked is None or asked <= LONGEST_DELAY:
        return RobotsVerdict(allowed=rules.can_fetch(url, agent), delay=asked)
    note = f"robots.txt asks for {asked:g} s between requests; {LONGEST_DELAY:g} s are kept"
    return RobotsVerdict(allowed=rules.can_fetch(url, agent), delay=LONGEST_DELAY, note=note)


@lru_cache(maxsize=256)
def _parsed(rules: str) -> Protego:
    """The rules, read once while their host's pages are fetched."""
    return Protego.parse(rules)


def _for_us(text: str, agent: str) -> Iterator[str]:
    """The lines of the groups that name `agent` or everyone; a group is a run of names and the rules under it."""
    naming = ours = False
    for line in text.lstrip("\ufeff").splitlines():
        named = AGENT_LINE.match(line)
        if named:
            ours = ours and naming
            naming = True
            if (everyone := not named[1] and named[2] == "*") or named[1].lower() == agent:
                ours = True
                yield "User-agent: *" if everyone else f"User-agent: {agent}"
        elif line.partition("#")[0].strip() and not SITE_LINE.match(line):
            naming = False
            if ours:
                yield line.strip()
