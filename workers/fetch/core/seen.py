"""A page as the wall judge sees it, without parsing it: each look is made once, and only if it is asked for. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from workers.fetch.core import phrases
from workers.fetch.core.prose import Block, blocks, size

if TYPE_CHECKING:
    from workers.fetch.core.markup import Markup

# Runs of text after the tags that stand in texts. Other tags begin runs too, but of menus and teasers.
RUN = re.compile(r"<(?:[pP]|br ?/?|BR|div|/a|/b|/strong|/em|span|td)\b[^<>]{0,500}>\s{0,80}([^<]{60,5000})")
PLENTY = 1_500  # letters of such runs with which a page passes unless its title names a wall
ARTICLE_SIGNS = ('content="article"', "article:published_time", "datePublished", "<article", "NewsArticle")
BODY_IN_DATA = re.compile(r'"articleBody"\s{0,5}:\s{0,5}"((?:[^"\\]|\\.){0,3000})')
WORDS_IN_TITLE = 4  # fewer say too little to compare
SAME_TITLE = 0.6


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
        """The kinds of wall that the title or the main heading names."""
        return phrases.title_kinds(self.page.title) | phrases.title_kinds(self.page.heading)

    @cached_property
    def running_text(self) -> int:
        """Letters in the first long runs of text, by a glance that stops at plenty."""
        total = 0
        for found in RUN.finditer(self.page.text):
            total += size(found[1])
            if total >= PLENTY:
                break
        return total

    @cached_property
    def article_signs(self) -> int:
        """How many of five signs in the markup say that this is an article."""
        return sum(sign in self.page.text for sign in ARTICLE_SIGNS)

    @property
    def is_signed(self) -> bool:
        """Whether any of them does; mostly the first one that is looked for."""
        return any(sign in self.page.text for sign in ARTICLE_SIGNS)

    @cached_property
    def blocks(self) -> list[Block]:
        """The visible text."""
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
