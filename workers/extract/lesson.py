"""A page as a lesson on its site: the memory and the drift alarm as what the store of sites keeps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from shared.lessons import SiteAfter, SiteBefore
from shared.stores.sites import SiteView
from workers.extract.core import memory
from workers.extract.core.drift import Drift, observe
from workers.extract.core.memory import Mark, PageBlocks, SiteMemory

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

NEWS = {
    "fires": "pages are not read as they were: {}",
    "heals": "pages are read as before again; it was: {}",
    "accepted": "what was strange has become the site's way: {}",
}


@dataclass(frozen=True, kw_only=True)
class PageLesson:
    """A page, and how many characters its article has (0: none was found)."""

    page: PageBlocks
    chars: int

    @property
    def article(self) -> str:
        """The article's id: it is learnt once."""
        return self.page.article

    @property
    def keys(self) -> Sequence[str]:
        """The fingerprints whose marks the lesson reads."""
        return list(dict.fromkeys(block.key for block in self.page.blocks if block.key))

    def taught(self, before: SiteBefore) -> SiteAfter:
        """Return what the page changes of its site."""
        known = memory_of(SiteView(pages=before.pages, marks=before.marks))
        learnt = memory.learn(known, self.page)
        changed = {key: mark for key, mark in learnt.marks.items() if known.marks.get(key) != mark}
        count = before.count + sum(key not in known.marks for key in changed)
        order = ((place, key) for place, key in enumerate(before.oldest) if key not in changed)
        old = drift_of(before.drift)
        drift, verdict = observe(old, self.chars)
        return SiteAfter(
            pages=learnt.pages,
            marks={key: vars(mark) for key, mark in changed.items()},
            gone=memory.overflow(order, count),
            drift=vars(drift),
            news=NEWS[verdict].format(drift.alarm or old.alarm) if verdict else "",
        )


def memory_of(view: SiteView) -> SiteMemory:
    """What extraction takes of a site."""
    return SiteMemory(pages=view.pages, marks={key: _mark(mark) for key, mark in view.marks.items()})


def drift_of(kept: Mapping[str, Any]) -> Drift:
    """A site's drift as it was kept."""
    return Drift(
        before=tuple(kept.get("before", ())),
        recent=tuple(kept.get("recent", ())),
        alarm=kept.get("alarm", ""),
        since=kept.get("since", 0),
    )


def _mark(kept: Mapping[str, Any]) -> Mark:
    return Mark(**{**kept, "pages": tuple(kept.get("pages", ()))})
