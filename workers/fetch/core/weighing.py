"""The second look at a page with little prose or a doubtful title: what speaks for each kind of wall. Pure.

A sign weighs what it weighs because of three corpora: walls and articles in our own words, many of them about what
walls are made of (`tests/hostile/walls`), and real articles, of which none may be taken for a wall.
"""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING

from shared import urls
from workers.fetch.core import phrases
from workers.fetch.core.prose import SENTENCE, size
from workers.fetch.core.seen import PLENTY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from workers.fetch.core.seen import Seen

# A string of a script's data that reads like a piece of a text: pages of some frameworks carry their article so.
TEXT_IN_DATA = re.compile(r'"((?:[^"\\<>{}]|\\.){200,4000})"')
SCRIPT = re.compile(r"<script\b", re.IGNORECASE)
MARKED = 200_000  # characters in which markers are looked for
READ = 400  # blocks in which phrases are looked for

# What a sign weighs, and what is needed.
TITLE, STRONG, WEAK, MARKER, PATH, NOINDEX = 3.0, 2.0, 0.5, 1.0, 2.0, 0.5
MOST_STRONG, MOST_WEAK, MOST_MARKERS = 3, 3, 2
NEEDED = 3.0
SIGN, ENTRY = 0.5, 1.5  # more, for each sign of an article past the first, and for the title that was announced
NO_CASE = -9.0
# The stretch under the heading, what a notice there weighs, and how long it may be (letters).
ZONE, MOSTLY, NOTICED, SHORT_NOTICE, CONSENT_NOTICE = 600, 0.5, 3.0, 300, 450
BESIDE_NOTICE = 150  # letters in that stretch that may speak of something else
FEW_BLOCKS = 40  # of a page whose heading is not found, and that is therefore looked at from its start
OFFER, SHORT_TEASER = 250, 700
# Letters of prose that do not speak of the wall, and how much more is needed past each step.
OTHER_PROSE = ((200, 1.0), (400, 1.5), (800, 2.0), (1_500, 4.0))
# The same for prose that does: notices are short, all but those that ask for consent.
OWN_PROSE = ((350, 1.5), (700, 2.0))
# Where no title names the wall: letters of prose past which its case is weaker, or is none if it is about consent.
NOTICE, UNNAMED, BESIDE_CONSENT = 400, 1.5, 250
DOMINATED = 0.25  # share of the text outside links that a wall's own words must have where no title names it
TEASER = 1_500  # letters of prose that a paywall may leave to read
AFTER_PAYWALL = 250  # letters of prose after it that show that there is none
SHELL_TEXT = 250  # visible letters below which a page with scripts is a shell


class Weighing:
    """The case of each kind of wall against one page."""

    def __init__(self, seen: Seen) -> None:
        self._seen = seen
        self._blocks = seen.blocks[:READ]
        self._hits = [phrases.hits(block.text) for block in self._blocks]
        self._strong = {hit for hits in self._hits for hit in hits.strong}
        self._weak = {hit for hits in self._hits for hit in hits.weak}
        self._visible = sum(block.size for block in seen.blocks)
        self._unlinked = sum(block.size * (1 - block.linked) for block in self._blocks) or 1.0
        self._marked = seen.page.text[:MARKED].lower()
        self._noindex = any("noindex" in wish.lower() for wish in seen.page.metas("robots"))

    @cached_property
    def _zone(self) -> list[int]:
        """The blocks under the main heading, up to the first links that follow them: where a notice stands."""
        opening = self._seen.page.heading[:60]
        start = next((at for at, block in enumerate(self._blocks) if opening and block.text.startswith(opening)), -1)
        if start < 0 and len(self._blocks) > FEW_BLOCKS:
            return []
        zone: list[int] = []
        letters = 0
        for at in range(start + 1, len(self._blocks)):
            block = self._blocks[at]
            if block.linked > MOSTLY:
                if zone and start >= 0:
                    break
                continue
            zone.append(at)
            letters += block.size
            if letters > ZONE:
                break
        return zone

    def _in_zone(self, kind: str) -> bool:
        """Whether what stands under the heading speaks of the kind, and of little else."""
        else_said = sum(self._blocks[at].size for at in self._zone if kind not in self._hits[at].kinds)
        return else_said <= BESIDE_NOTICE and any(kind in self._hits[at].kinds for at in self._zone)

    @cached_property
    def _noticed(self) -> set[str]:
        """The kinds whose ideas are put together in the title, the heading and what stands under it."""
        said = " \n ".join(self._blocks[at].text for at in self._zone)
        return phrases.noticed(f"{self._seen.page.title} \n {self._seen.page.heading} \n {said}")

    @property
    def kind(self) -> str:
        """The kind of wall with the clearest case, or the empty string."""
        if self._seen.body_in_data >= PLENTY:
            return ""
        cases = {kind: self._case(kind) for kind in phrases.KINDS}
        best = max(phrases.KINDS, key=lambda kind: cases[kind])
        if cases[best] >= 0:
            return best
        return "shell" if self._is_shell() else ""

    def _case(self, kind: str) -> float:
        """What speaks for a kind less what is needed; a case stands from 0."""
        if kind == "paywall":
            return self._paywall_case()
        own, other = self._prose(kind, own=True), self._prose(kind, own=False)
        if kind in self._noticed and own + other <= (CONSENT_NOTICE if kind == "consent" else SHORT_NOTICE):
            return NOTICED + self._signs(kind) - self._needed(kind, own, other)
        if kind in self._seen.title_kinds or self._path(kind):
            return self._signs(kind) - self._needed(kind, own, other)
        # A banner that asks for consent stands on most articles too, and is all there is on a short one.
        dominated = self._share(kind) >= DOMINATED or (kind != "consent" and (own > other or self._in_zone(kind)))
        if not dominated or (kind == "consent" and other > min(BESIDE_CONSENT, own / 2)):
            return NO_CASE
        return self._signs(kind) - self._needed(kind, own, other) - UNNAMED * (own + other > NOTICE)

    def _signs(self, kind: str) -> float:
        strong = min(MOST_STRONG, sum(found == kind for found, _ in self._strong))
        weak = min(MOST_WEAK, sum(found == kind for found, _ in self._weak))
        markers = min(MOST_MARKERS, sum(marker in self._marked for marker in phrases.lexicon().markers[kind]))
        score = STRONG * strong + WEAK * weak + MARKER * markers
        score += TITLE * (kind in self._seen.title_kinds) + PATH * self._path(kind)
        return score + NOINDEX * (self._noindex and score > 0)

    def _needed(self, kind: str, own: int, other: int) -> float:
        needed = NEEDED + sum(more for letters, more in OTHER_PROSE if other + self._seen.body_in_data > letters)
        if kind != "consent":
            needed += sum(more for letters, more in OWN_PROSE if own > letters)
        return needed + SIGN * max(0, self._seen.article_signs - 1) + ENTRY * self._seen.is_the_entry

    def _prose(self, kind: str, *, own: bool, after: int = -1) -> int:
        """Letters of the prose blocks past `after` that speak of the kind, or that do not; cookie banners left out."""
        later = zip(self._blocks[after + 1 :], self._hits[after + 1 :], strict=True)
        return sum(
            block.size
            for block, hits in later
            if (kind in hits.kinds) is own and block.is_prose and (kind == "consent" or "consent" not in hits.kinds)
        )

    def _offers(self) -> Iterator[tuple[int, str]]:
        """The short blocks under the heading, each with the one after it: a wall is often a line and a button."""
        short = {at: self._blocks[at].text for at in self._zone if self._blocks[at].size <= OFFER}
        for at, said in short.items():
            yield at, f"{said} \n {short.get(at + 1, '')}"

    def _prose_past(self, at: int) -> int:
        return self._prose("paywall", own=False, after=at)

    def _share(self, kind: str) -> float:
        """How much of what is to be read outside links is said by blocks that speak of this kind."""
        both = zip(self._blocks, self._hits, strict=True)
        return sum(block.size * (1 - block.linked) for block, hits in both if kind in hits.kinds) / self._unlinked

    def _path(self, kind: str) -> bool:
        host, path = urls.host(self._seen.url), "/" + self._seen.url.partition("://")[2].partition("/")[2].lower()
        return any(
            host.startswith(part.removeprefix("host:")) if part.startswith("host:") else path.startswith(part)
            for part in phrases.lexicon().paths[kind]
        )

    def _paywall_case(self) -> float:
        """A paywall stands after a teaser and before nothing. What only offers a subscription is no wall."""
        walls = [at for at, hits in enumerate(self._hits) if any(kind == "paywall" for kind, _ in hits.strong)]
        offered = [at for at, said in self._offers() if "paywall" in phrases.noticed(said)]
        if offered and not self._prose_past(offered[0]) and self._prose("paywall", own=False) < SHORT_TEASER:
            return NOTICED + self._signs("paywall") - NEEDED
        if not walls or self._prose("paywall", own=False) + self._seen.body_in_data >= TEASER:
            return NO_CASE
        if self._prose("paywall", own=False, after=walls[0]) > AFTER_PAYWALL:
            return NO_CASE
        return self._signs("paywall") - NEEDED

    def _is_shell(self) -> bool:
        """Next to nothing to read, and scripts that would bring it, not even as data."""
        page = self._seen.page.text
        prose = self._prose("shell", own=False)
        if self._visible >= SHELL_TEXT or prose or self._seen.body_in_data or not SCRIPT.search(page):
            return False
        strings = (found[1] for found in TEXT_IN_DATA.finditer(page))
        return (
            sum(size(text) for text in strings if SENTENCE.search(text) and text.count(" ") * 20 > len(text)) < PLENTY
        )
