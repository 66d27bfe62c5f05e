"""The public event of a classified article. Pure; what it means to consumers is `shared.events`' business."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from shared.events import DATASCHEMA, ArticleEvent, Sighting, event_id, rfc3339, stream_of, type_of
from shared.messages import ArticleTagged
from shared.urls import site

if TYPE_CHECKING:
    from shared.article import Article
    from shared.events import EventType, TextReference
    from shared.messages import ArticleExtracted
    from shared.tags import Verdict


@dataclass(frozen=True, kw_only=True)
class Classified:
    """All that an event is made of. `text_ref` stands for a text that is too long to travel in it."""

    message: ArticleExtracted
    article: Article
    verdict: Verdict
    first_seen: float
    content_hash: str
    text_ref: TextReference | None = None
    cluster: str = ""
    others: tuple[Sighting, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Ways:
    """Where an event goes beside its topic's stream: filtered streams, a list of so many, a pub/sub channel."""

    streams: tuple[str, ...] = ()
    list_most: int = 0
    announce: bool = False


def publication(made: Classified, *, version: int, kind: EventType, ways: Ways) -> ArticleTagged:
    """Return the message that puts a classified article on its topic's stream and wherever else it goes."""
    topic, article = made.verdict.topic, made.message.article_id
    event = _event(made, version)
    return ArticleTagged(
        article_id=article,
        event_id=event_id(article, version, kind, topic),
        topic=topic,
        stream=stream_of(topic),
        also=ways.streams,
        list_most=ways.list_most,
        announce=ways.announce,
        version=version,
        type=type_of(kind),
        subject=article,
        time=event.fetched_at,
        dataschema=DATASCHEMA,
        data=event.model_dump_json(exclude_defaults=True),
    )


def _event(made: Classified, version: int) -> ArticleEvent:
    message, article, verdict = made.message, made.article, made.verdict
    inline = not message.rights and made.text_ref is None
    return ArticleEvent(
        article_id=message.article_id,
        version=version,
        topic=verdict.topic,
        decision=verdict.decision,
        probability=round(verdict.probability, 4),
        ruleset=verdict.ruleset,
        url=message.url,
        canonical_url=article.canonical_url or message.url,
        site=site(message.url),
        site_name=article.site_name,
        feed=message.feed_id,
        title=article.title,
        paragraphs=article.paragraphs if inline else (),
        text=article.text if inline else "",
        text_ref=None if message.rights else made.text_ref,
        summary=article.summary,
        authors=article.authors,
        language=article.language,
        image=article.image,
        published_at=rfc3339(article.published_at),
        published_at_source=article.published_at_source,
        first_seen_at=rfc3339(made.first_seen) or "",
        fetched_at=rfc3339(message.fetched_at) or "",
        content_source=message.content_source,
        content_hash=made.content_hash,
        rights=message.rights,
        paywalled=article.paywalled,
        quality=article.quality,
        extractor=article.extractor,
        cluster_id=made.cluster,
        role="copy" if made.cluster not in {"", message.article_id} else "original",
        also_seen=made.others,
        tags=verdict.tags,
    )
