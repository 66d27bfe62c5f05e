"""What a page teaches of its site, as the store of sites and the extractor agree on it. Pure.

What a lesson means is the extractor's business (`Lesson.taught`); here several lessons are taken in turn, as if each
had been written before the next.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

MOST_ARTICLES = 300  # whose ids are kept, so that a second look at a page teaches nothing
Mark = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class SiteBefore:
    """A site before a lesson: page count, marks of the lesson's blocks, fingerprints in the order they leave, drift."""

    pages: int
    marks: Mapping[str, Mark]
    oldest: Sequence[str]
    count: int
    drift: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class SiteAfter:
    """What a lesson changes: page count, new and changed marks (`last` orders them), those that leave, drift, news."""

    pages: int
    marks: Mapping[str, Mark]
    gone: Sequence[str]
    drift: Mapping[str, Any]
    news: str = ""


class Lesson(Protocol):
    """One page as a lesson on its site. Pure; may be called again when another worker was faster."""

    @property
    def article(self) -> str: ...  # noqa: D102
    @property
    def keys(self) -> Sequence[str]: ...  # noqa: D102
    def taught(self, before: SiteBefore) -> SiteAfter: ...  # noqa: D102


@dataclass(frozen=True, kw_only=True)
class Teaching:
    """A lesson and the site that it is on."""

    site: str
    lesson: Lesson


@dataclass(kw_only=True)
class Pupil:
    """A site while it is taught: what is known of it, and what of that has changed."""

    pages: int
    marks: dict[str, Mark]  # of the lessons' blocks
    oldest: list[str]
    count: int  # of all its blocks
    drift: Mapping[str, Any]
    articles: list[str]
    known: dict[str, Mark]  # the blocks that came back
    changed: dict[str, Mark] = field(default_factory=dict)
    gone: dict[str, None] = field(default_factory=dict)
    learnt: bool = False

    def take(self, lesson: Lesson, *, comes_back: int) -> str:
        """Learn from a page, once for its article; returns the news on the site's drift, or ''.

        A block is known from its `comes_back`th page on.
        """
        if lesson.article in self.articles:
            return ""
        marks = {key: self.marks[key] for key in lesson.keys if key in self.marks}
        after = lesson.taught(
            SiteBefore(pages=self.pages, marks=marks, oldest=self.oldest, count=self.count, drift=self.drift)
        )
        self._change(after, comes_back)
        self.pages, self.drift, self.learnt = after.pages, after.drift, True
        self.articles = [*self.articles, lesson.article][-MOST_ARTICLES:]
        return after.news

    def _change(self, after: SiteAfter, comes_back: int) -> None:
        self.count += sum(key not in self.marks for key in after.marks) - len(after.gone)
        self.marks |= after.marks
        self.changed |= after.marks
        self.known |= {key: _short(mark) for key, mark in after.marks.items() if mark["seen"] >= comes_back}
        for key in after.marks:
            self.gone.pop(key, None)
        for key in after.gone:
            self.gone[key] = None
            for kept in (self.marks, self.changed, self.known):
                kept.pop(key, None)
        moved = {*after.marks, *after.gone}
        self.oldest = [key for key in self.oldest if key not in moved]
        self.oldest += [key for key in after.marks if key not in self.gone]


def _short(mark: Mark) -> Mark:
    """A mark without what only learning and people need."""
    return {name: value for name, value in mark.items() if name not in {"text", "pages"}}
