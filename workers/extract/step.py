"""Extract, the shell: reads a page and its site's memory, asks the core; the article and the lesson are handed on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from shared.errors import PermanentError
from shared.lessons import Teaching
from shared.messages import ArticleExtracted
from shared.outcomes import Drop, Forward, Keep, Outcome, Reason, Save
from shared.urls import BadURLError, site
from workers.extract.core import Witness
from workers.extract.core import extract as extract_article
from workers.extract.core.memory import PageBlocks
from workers.extract.lesson import PageLesson, memory_of

if TYPE_CHECKING:
    from shared.messages import FeedEntry, PageFetched
    from shared.stores.blobs import BlobStore
    from shared.stores.sites import SiteStore
    from workers.extract.core import Extraction

# Ends that say how a site's pages are read; a hostile page says nothing of its site.
UNREAD = frozenset({Reason.NO_ARTICLE, Reason.TOO_SHORT})


class Ports(Protocol):
    """What extraction needs of the world."""

    @property
    def pages(self) -> BlobStore: ...  # noqa: D102
    @property
    def sites(self) -> SiteStore: ...  # noqa: D102


def extract(message: PageFetched, ports: Ports) -> Outcome:
    """Make the clean article of a fetched page."""
    page = ports.pages.read(message.page_key)
    if page is None:
        raise PermanentError(Reason.PAGE_EXPIRED, "the page's bytes are no longer kept; retry the fetch instead")
    name = site_of(message)
    found = extract_article(
        page, message.final_url, charset=message.charset, witness=witness(message.entry),
        memory=memory_of(ports.sites.view(name)) if name else None,
    )  # fmt: skip
    lesson = lesson_of(name, message, found)
    if found.article is None:
        return Drop(reason=found.drop or Reason.NO_ARTICLE, detail=found.detail, teaches=lesson)
    article = found.article
    kept = Keep(family="text", id=message.article_id, data=article.model_dump_json().encode())
    return Forward(
        messages=(
            ArticleExtracted(
                article_id=message.article_id,
                url=message.final_url,
                feed_id=message.feed_id,
                found_at=message.found_at,
                fetched_at=message.fetched_at,
                article_key=kept.id,
                content_source=message.content_source,
                rights=message.rights,
                why=message.why,
                entry=message.entry,
            ),
        ),
        keeps=(kept,),
        teaches=lesson,
        saves=(Save(record="article", id=message.article_id, fields={"title": article.title[:300]}),),
        note={"path": article.path, "paragraphs": str(len(article.paragraphs)), "quality": f"{article.quality:.2f}"},
    )


def site_of(message: PageFetched) -> str:
    """The site whose pages this one is like; none for a text that came in a feed."""
    if message.content_source != "page":
        return ""
    try:
        return site(message.final_url)
    except (BadURLError, ValueError):
        return ""


def lesson_of(name: str, message: PageFetched, found: Extraction) -> Teaching | None:
    """What the page teaches of its site, if anything."""
    if not name or not (found.article or found.drop in UNREAD):
        return None
    article = found.article
    blocks = PageBlocks(
        article=message.article_id,
        title=article.title if article else "",
        blocks=found.fingerprints if article else (),
    )
    return Teaching(site=name, lesson=PageLesson(page=blocks, chars=len(article.text) if article else 0))


def witness(entry: FeedEntry) -> Witness:
    """Return what the feed says of the page, as the core takes it."""
    return Witness(
        title=entry.title,
        summary=entry.summary,
        published_at=entry.published_at,
        authors=entry.authors,
        language=entry.language,
    )
