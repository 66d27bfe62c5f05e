"""Walls: pages that answer 200 and are no article. Pure.

A wall is told by what it says (`phrases`), where it stands and how it is made, weighed against the prose that is left
when what it says is taken out. Most pages are let through at a glance: they have paragraphs enough, and no title that
names a wall. Runs in the fetch stage, so it builds no tree; see `markup` and `prose`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from shared import urls
from shared.outcomes import Drop, Reason
from workers.fetch.core import phrases
from workers.fetch.core.markup import Markup
from workers.fetch.core.prose import SENTENCE, Block, blocks, size

REASONS = {
    "captcha": Reason.CAPTCHA,
    "consent": Reason.CONSENT_WALL,
    "login": Reason.LOGIN_WALL,
    "paywall": Reason.PAYWALL,
    "soft_404": Reason.SOFT_404,
    "error": Reason.ERROR_PAGE,
    "shell": Reason.JAVASCRIPT_SHELL,
}
# Where one of these stops the page, the full text that the feed itself carries may be used instead.
FEED_TEXT_SERVES = frozenset(
    {
        Reason.CAPTCHA,
        Reason.CONSENT_WALL,
        Reason.LOGIN_WALL,
        Reason.PAYWALL,
        Reason.JAVASCRIPT_SHELL,
        Reason.FORBIDDEN,
        Reason.ROBOTS,
    }
)

PARAGRAPH = re.compile(r"<[pP]\b[^<>]{0,500}>\s{0,80}([^<]{80,5000})")
PLENTY = 1_500  # letters of paragraphs with which a page passes unless its title names a wall
ARTICLE_SIGNS = ("NewsArticle", "article:published_time", "datePublished", "<article", 'content="article"')
BODY_IN_DATA = re.compile(r'"articleBody"\s{0,5}:\s{0,5}"((?:[^"\\]|\\.){0,3000})')
# A string of a script's data that reads like a piece of a text: pages of some frameworks carry their article so.
TEXT_IN_DATA = re.compile(r'"((?:[^"\\<>{}]|\\.){200,4000})"')
SCRIPT = re.compile(r"<script\b", re.IGNORECASE)
LINK = re.compile(r"<a\b", re.IGNORECASE)
PASSWORD = re.compile(r"type\s{0,3}=\s{0,3}[\"']?password", re.IGNORECASE)
WORDS_IN_TITLE = 4  # fewer say too little to compare
SAME_TITLE = 0.6
MARKED = 200_000  # characters in which markers are looked for
READ = 400  # blocks in which phrases are looked for

# What a sign weighs, and what is needed.
TITLE, STRONG, WEAK, MARKER, PATH, NOINDEX = 3.0, 2.0, 0.5, 1.0, 2.0, 0.5
MOST_STRONG, MOST_WEAK, MOST_MARKERS = 3, 3, 2
NEEDED = 3.0
PROSE_STEPS = ((300, 1.0), (700, 1.0), (1_500, 3.0))  # letters of prose beside the wall's own, and what each step adds
DOMINATED = 0.25  # share of the visible text that a wall's own words must have where no title names it
TEASER = 1_500  # letters of prose that a paywall may leave to read
AFTER_PAYWALL = 250  # letters of prose after it that show that there is none
SHELL_TEXT = 250  # visible letters below which a page with scripts is a shell


@dataclass(frozen=True, kw_only=True)
class Seen:
    """A page and how it was come by. `asked` is the URL that was asked for, `entry_title` what the feed calls it.

    `extracted` is the text that extraction found, where the judge is asked again after it.
    """

    page: Markup
    url: str
    asked: str = ""
    entry_title: str = ""
    extracted: str = ""

    @cached_property
    def title_kinds(self) -> set[str]:
        return phrases.title_kinds(self.page.title) | phrases.title_kinds(self.page.heading)

    @cached_property
    def paragraphs(self) -> int:
        """Letters in the first runs of long paragraphs, by a glance that stops at plenty."""
        total = 0
        for found in PARAGRAPH.finditer(self.page.text):
            total += size(found[1])
            if total >= PLENTY:
                break
        return total

    @cached_property
    def article_signs(self) -> int:
        return sum(sign in self.page.text for sign in ARTICLE_SIGNS)

    @cached_property
    def blocks(self) -> list[Block]:
        return blocks(self.page.text)

    @cached_property
    def body_in_data(self) -> int:
        """Letters of an article body in the page's structured data, which extraction can read without scripts."""
        return max((size(found[1]) for found in BODY_IN_DATA.finditer(self.page.text)), default=0)

    @cached_property
    def is_the_entry(self) -> bool:
        """Whether the page has the title that the feed announced."""
        announced = set(phrases.plain(self.entry_title).split())
        shown = set(phrases.plain(f"{self.page.title} {self.page.heading}").split())
        return len(announced) >= WORDS_IN_TITLE and len(announced & shown) / len(announced) >= SAME_TITLE


def judge_wall(seen: Seen) -> Drop | None:
    """A Drop with the kind of wall, or None if the page may hold an article. About 0.5 ms for an ordinary page."""
    if _sent_home(seen):
        return Drop(reason=Reason.SOFT_404, detail="the article's address leads to the front page")
    if not seen.title_kinds and max(seen.paragraphs, len(seen.extracted)) >= PLENTY:
        return None
    kind = _Weighing(seen).kind
    return Drop(reason=REASONS[kind], detail=f"the page is a wall: {kind}") if kind else None


def _sent_home(seen: Seen) -> bool:
    def is_home(url: str) -> bool:
        return url.partition("://")[2].partition("/")[2] in {"", "index.html", "index.php", "?"}

    return bool(seen.asked) and is_home(seen.url) and not is_home(seen.asked) and not seen.is_the_entry


class _Weighing:
    """The second look, at pages that have little prose or a title to doubt."""

    def __init__(self, seen: Seen) -> None:
        self._seen = seen
        self._hits = [phrases.hits(block.text) for block in seen.blocks[:READ]]
        self._strong = {(kind, phrase) for hits in self._hits for kind, phrase in hits.strong}
        self._weak = {(kind, phrase) for hits in self._hits for kind, phrase in hits.weak}
        self._visible = sum(block.size for block in seen.blocks) or 1
        self._marked = without_case = seen.page.text[:MARKED].lower()
        self._noindex = any("noindex" in wish.lower() for wish in seen.page.metas("robots"))
        self._scripts = len(SCRIPT.findall(without_case))
        self._prose = sum(
            block.size for block, hits in zip(seen.blocks, self._hits, strict=False) if block.is_prose and not hits.strong
        )

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
        named = kind in self._seen.title_kinds
        dominated = self._share(kind) >= DOMINATED
        if not (named or dominated or self._path(kind)):
            return -9.0
        return self._signs(kind) - self._needed()

    def _signs(self, kind: str) -> float:
        strong = min(MOST_STRONG, sum(found == kind for found, _ in self._strong))
        weak = min(MOST_WEAK, sum(found == kind for found, _ in self._weak))
        markers = min(MOST_MARKERS, sum(marker in self._marked for marker in phrases.lexicon().markers[kind]))
        score = STRONG * strong + WEAK * weak + MARKER * markers
        score += TITLE * (kind in self._seen.title_kinds) + PATH * self._path(kind)
        return score + NOINDEX * (self._noindex and score > 0)

    def _needed(self) -> float:
        seen = self._seen
        needed = NEEDED + sum(more for letters, more in PROSE_STEPS if self._prose + seen.body_in_data > letters)
        needed += 0.5 * max(0, seen.article_signs - 1)
        return needed + 1.5 * seen.is_the_entry

    def _share(self, kind: str) -> float:
        """How much of what is to be read is said by blocks that speak of this kind."""
        said = sum(
            block.size
            for block, hits in zip(self._seen.blocks, self._hits, strict=False)
            if any(found == kind for found, _ in hits.strong | hits.weak)
        )
        return said / self._visible

    def _path(self, kind: str) -> bool:
        host, path = urls.host(self._seen.url), "/" + self._seen.url.partition("://")[2].partition("/")[2].lower()
        return any(
            host.startswith(part.removeprefix("host:")) if part.startswith("host:") else path.startswith(part)
            for part in phrases.lexicon().paths[kind]
        )

    def _paywall_case(self) -> float:
        """A paywall stands after a teaser and before nothing."""
        walls = [index for index, hits in enumerate(self._hits) if any(kind == "paywall" for kind, _ in hits.strong)]
        if self._prose >= TEASER or self._seen.body_in_data >= PLENTY:
            return -9.0
        if walls and self._prose_after(walls[-1]) > AFTER_PAYWALL and self._prose_after(walls[0]) > AFTER_PAYWALL:
            return -9.0
        return self._signs("paywall") - NEEDED - (0.0 if walls else 1.0)

    def _prose_after(self, index: int) -> int:
        later = list(zip(self._seen.blocks, self._hits, strict=False))[index + 1 :]
        return sum(block.size for block, hits in later if block.is_prose and not hits.strong)

    def _is_shell(self) -> bool:
        """Next to nothing to read, and scripts that would bring it, not even as data."""
        if self._visible >= SHELL_TEXT or not self._scripts or self._seen.body_in_data:
            return False
        strings = (found[1] for found in TEXT_IN_DATA.finditer(self._seen.page.text))
        return sum(size(text) for text in strings if SENTENCE.search(text) and text.count(" ") * 20 > len(text)) < PLENTY
