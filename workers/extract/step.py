"""Extract, the shell: reads a page's bytes, asks the core, keeps the article."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from shared.errors import PermanentError
from shared.messages import ArticleExtracted
from shared.outcomes import Drop, Forward, Keep, Outcome, Reason, Save
from workers.extract.core import Witness
from workers.extract.core import extract as extract_article

if TYPE_CHECKING:
    from shared.messages import FeedEntry, PageFetched
    from shared.stores.blobs import BlobStore


class Ports(Protocol):
    """What extraction needs of the world."""

    @property
    def pages(self) -> BlobStore: ...  # noqa: D102


def extract(message: PageFetched, ports: Ports) -> Outcome:
    """Make the clean article of a fetched page."""
    page = ports.pages.read(message.page_key)
    if page is None:
        raise PermanentError(Reason.PAGE_EXPIRED, "the page's bytes are no longer kept; retry the fetch instead")
    found = extract_article(page, message.final_url, charset=message.charset, witness=witness(message.entry))
    if found.article is None:
        return Drop(reason=found.drop or Reason.NO_ARTICLE, detail=found.detail)
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
        saves=(Save(record="article", id=message.article_id, fields={"title": article.title[:300]}),),
        note={"path": article.path, "paragraphs": str(len(article.paragraphs)), "quality": f"{article.quality:.2f}"},
    )


def witness(entry: FeedEntry) -> Witness:
    """Return what the feed says of the page, as the core takes it."""
    return Witness(
        title=entry.title,
        summary=entry.summary,
        published_at=entry.published_at,
        authors=entry.authors,
        language=entry.language,
    )
