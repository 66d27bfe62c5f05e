"""What was published, and what must come out of it. Pure data.

A `Publication` is what the press works with; a `Truth` is what a test compares with, with absolute URLs.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from demo.press.faults import Fault
    from demo.press.grammar import Story
    from demo.press.outlets import Outlet

MOVED = "full/"  # what a redirect adds to an article's path


@dataclass(frozen=True, kw_only=True)
class Publication:
    """One article at one outlet. `path` is below the outlet's address; times are epoch seconds UTC."""

    number: int
    outlet: Outlet
    story: Story
    path: str
    author: str
    published_at: float
    updated_at: float
    fault: Fault
    wire: str = ""
    earlier: tuple[Story, ...] = ()

    @property
    def revision(self) -> int:
        """1 for the first edition."""
        return len(self.earlier) + 1


@dataclass(frozen=True, kw_only=True)
class Edition:
    """A title and the paragraphs under it, as an earlier edition of an article had them."""

    title: str
    paragraphs: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Truth:
    """What must come out of one article.

    `url` is what the feed announces, `final_url` where it ends after redirects. `tags` maps a facet to ids. `arrives`
    says whether a patient reader gets the article; where not, `reason` is the `shared.outcomes.Reason` to expect.
    Articles with the same non-empty `wire` tell the same story. `earlier` holds former editions, oldest first.
    """

    number: int
    outlet: str
    feed_url: str
    url: str
    final_url: str
    title: str
    paragraphs: tuple[str, ...]
    language: str
    label: str
    family: str
    tags: Mapping[str, tuple[str, ...]] = field(hash=False)
    author: str
    published_at: float
    updated_at: float
    fault: str
    arrives: bool
    reason: str
    wire: str
    revision: int
    earlier: tuple[Edition, ...]

    def as_json(self) -> dict[str, Any]:
        """The same as plain values."""
        return asdict(self)


def truth_of(publication: Publication, *, base: str) -> Truth:
    """The truth of a publication whose outlet lives at `base` (no slash at its end)."""
    story, outlet = publication.story, publication.outlet
    url = base + publication.path
    return Truth(
        number=publication.number,
        outlet=outlet.slug,
        feed_url=base + outlet.announced_path,
        url=url,
        final_url=url + MOVED if publication.fault.redirect else url,
        title=story.title,
        paragraphs=story.paragraphs,
        language=story.language,
        label=story.label,
        family=story.family,
        tags=story.tags,
        author=publication.author,
        published_at=publication.published_at,
        updated_at=publication.updated_at,
        fault=publication.fault.name,
        arrives=publication.fault.arrives,
        reason=publication.fault.reason,
        wire=publication.wire,
        revision=publication.revision,
        earlier=tuple(Edition(title=former.title, paragraphs=former.paragraphs) for former in publication.earlier),
    )
