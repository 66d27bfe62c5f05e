"""The memory of a site: blocks that keep coming back are boilerplate; and the alarm when a site is built anew. Pure.

State and a page's fingerprints in, the next state out; bounded, deterministic, and kept as JSON by whoever stores it.
What protects an article's body from being learnt away:

- a page that brings next to nothing new (a wire text run again, an update) teaches nothing;
- between two fresh paragraphs only what is on a third of all pages is dropped, so a background paragraph that an agency
  uses again and again stays;
- a page of which little would remain is left alone but for what is on half of the site's pages.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

from workers.extract.core.extraction import Fingerprint, SiteMemory

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST_KEYS = 1_500
# At so many pages all counts are halved, so that what a site no longer shows fades.
WINDOW = 400
LONG = 80
FRESH_SHARE = 0.25
LEFT_SHARE = 0.4
DIGITS = re.compile(r"\d+")
NOT_TEXT = re.compile(r"[\W_]+")
HISTORY = 70
RECENT = 10
BASELINE = 20


def fingerprint(text: str) -> str:
    """A block's key: the same for texts that differ in case, punctuation or numbers only."""
    bare = NOT_TEXT.sub("", DIGITS.sub("0", text.lower()))
    return hashlib.blake2b(bare.encode(), digest_size=6).hexdigest()


def learn(memory: SiteMemory, page: Sequence[Fingerprint]) -> SiteMemory:
    """The memory after a page. A page that is mostly known already is counted nowhere."""
    if is_rerun(memory, page):
        return memory
    seen = dict(memory.seen)
    for key in sorted({mark.key for mark in page}):
        seen[key] = seen.get(key, 0) + 1
    pages = memory.pages + 1
    if pages >= WINDOW:
        pages, seen = pages // 2, {key: count // 2 for key, count in seen.items() if count > 1}
    if len(seen) > MOST_KEYS:
        newest = {mark.key for mark in page}
        ranked = sorted(seen, key=lambda key: (-seen[key], key not in newest, key))
        seen = {key: seen[key] for key in ranked[:MOST_KEYS]}
    return SiteMemory(pages=pages, seen=seen)


def is_rerun(memory: SiteMemory, page: Sequence[Fingerprint]) -> bool:
    """Whether the page's long kept blocks were nearly all seen before: the same article under another address."""
    long = [mark for mark in page if mark.kept and mark.chars >= LONG]
    fresh = sum(mark.chars for mark in long if mark.key not in memory.seen)
    return bool(long) and fresh < FRESH_SHARE * sum(mark.chars for mark in long)


def repeated(memory: SiteMemory, kept: Sequence[Fingerprint]) -> dict[int, int]:
    """Which of a page's kept blocks (by place) are the site's and not the article's, with the pages each was seen on."""
    counts = [memory.seen.get(mark.key, 0) for mark in kept]
    fresh = [at for at, mark in enumerate(kept) if counts[at] < 2 and mark.chars >= LONG]  # noqa: PLR2004
    first, last = (fresh[0], fresh[-1]) if fresh else (len(kept), -1)
    found = {
        at: counts[at]
        for at, mark in enumerate(kept)
        if counts[at] >= _needed(memory.pages, inside=first < at < last, short=mark.chars < LONG)
    }
    if sum(kept[at].chars for at in range(len(kept)) if at not in found) < LEFT_SHARE * sum(
        mark.chars for mark in kept
    ):
        found = {at: count for at, count in found.items() if count >= max(5, memory.pages / 2)}
    return found


def _needed(pages: int, *, inside: bool, short: bool) -> float:
    if not inside:
        return max(3, 0.05 * pages)
    return max(3, 0.1 * pages) if short else max(5, pages / 3)


@dataclass(frozen=True, kw_only=True)
class SiteState:
    """All that is kept of a site: its memory and the length of its last articles (0: none was found), oldest first."""

    memory: SiteMemory
    lengths: tuple[int, ...] = ()

    def after(self, page: Sequence[Fingerprint], length: int) -> SiteState:
        """The state after one more page."""
        return SiteState(memory=learn(self.memory, page), lengths=(*self.lengths, length)[-HISTORY:])

    @property
    def drift(self) -> str:
        """Why the site seems to have been built anew; empty while it yields what it used to. Known after 10 articles."""
        before, now = self.lengths[:-RECENT], self.lengths[-RECENT:]
        if len(before) < BASELINE:
            return ""
        was, rate = (sum(length > 0 for length in part) / len(part) for part in (before, now))
        if rate < was - 0.4:
            return f"articles found on {rate:.0%} of the last {RECENT} pages, before on {was:.0%}"
        lengths = [median([length for length in part if length > 0] or [0]) for part in (before, now)]
        if lengths[1] < 0.4 * lengths[0] or lengths[1] > 2.5 * lengths[0] > 0:
            return f"median length {lengths[1]:.0f} characters, before {lengths[0]:.0f}"
        return ""

    def dumps(self) -> str:
        """As JSON."""
        return json.dumps(
            {"pages": self.memory.pages, "seen": dict(self.memory.seen), "lengths": self.lengths}, separators=(",", ":")
        )


def loads(text: str | None) -> SiteState:
    """The state of a site from its JSON; a new one for a site that nothing is kept of."""
    kept = json.loads(text) if text else {}
    memory = SiteMemory(pages=int(kept.get("pages", 0)), seen={str(k): int(v) for k, v in kept.get("seen", {}).items()})
    return SiteState(memory=memory, lengths=tuple(int(length) for length in kept.get("lengths", ())))
