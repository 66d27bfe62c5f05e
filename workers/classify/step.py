"""Classify, the shell: reads an extracted article, asks the core for each topic, and hands events to the stream."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from shared.article import Article
from shared.errors import PermanentError
from shared.events import DATASCHEMA, ArticleEvent, content_hash, event_id, rfc3339, stream_of, type_of
from shared.messages import ArticleTagged
from shared.outcomes import Drop, Forward, Outcome, Reason, Save
from shared.urls import site
from workers.classify.core import classify as classify_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shared.messages import ArticleExtracted
    from shared.settings import Settings
    from shared.stores.articles import ArticleStore
    from shared.stores.blobs import BlobStore
    from shared.tags import Verdict
    from workers.classify.core import Ruleset


class Ports(Protocol):
    """What classification needs of the world."""

    @property
    def texts(self) -> BlobStore: ...  # noqa: D102
    @property
    def articles(self) -> ArticleStore: ...  # noqa: D102
    @property
    def settings(self) -> Settings: ...  # noqa: D102


def classify(message: ArticleExtracted, ports: Ports, rulesets: Sequence[Ruleset]) -> Outcome:
    """Tag an article for every topic; what is on a topic becomes an event on its stream."""
    kept = ports.texts.read(message.article_key)
    if kept is None:
        raise PermanentError(Reason.PAGE_EXPIRED, "the article's text is no longer kept; retry the fetch instead")
    article = Article.model_validate_json(kept)
    verdicts = [
        classify_text(rules, title=article.title, paragraphs=article.paragraphs, language=article.language)
        for rules in rulesets
    ]
    record = ports.articles.get(message.article_id)
    wanted = {"rare_earth", "passing_mention"} if ports.settings.publish_passing else {"rare_earth"}
    published = [verdict for verdict in verdicts if verdict.decision in wanted]
    best = max(verdicts, key=lambda verdict: verdict.probability)
    note = {"decision": best.decision, "probability": f"{best.probability:.3f}", "tags": str(len(best.tags))}
    digest = content_hash(article.title, article.text)
    if not published:
        reason = Reason.PASSING_MENTION if best.decision == "passing_mention" else Reason.NOT_RARE_EARTH
        return Drop(reason=reason, note=note, saves=(_saved(message, article, best, digest),))
    version = int(record.get("version", "0")) + 1
    if version > 1 and record.get("content_hash") == digest:
        return Drop(reason=Reason.UNCHANGED, note=note)
    events = tuple(_event(message, article, verdict, version=version, digest=digest) for verdict in published)
    return Forward(messages=events, note=note, saves=(_saved(message, article, best, digest),))


def _saved(message: ArticleExtracted, article: Article, verdict: Verdict, digest: str) -> Save:
    fields: dict[str, str | None] = {
        "title": article.title[:300],
        "decision": verdict.decision,
        "probability": f"{verdict.probability:.4f}",
        "content_hash": digest,
    }
    return Save(record="article", id=message.article_id, fields=fields)


def _event(
    message: ArticleExtracted, article: Article, verdict: Verdict, *, version: int, digest: str
) -> ArticleTagged:
    kind = "published" if version == 1 else "updated"
    withheld = bool(message.rights)
    event = ArticleEvent(
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
        paragraphs=() if withheld else article.paragraphs,
        text="" if withheld else article.text,
        summary=article.summary,
        authors=article.authors,
        language=article.language,
        image=article.image,
        published_at=rfc3339(article.published_at),
        published_at_source=article.published_at_source,
        first_seen_at=rfc3339(message.found_at) or "",
        fetched_at=rfc3339(message.fetched_at) or "",
        content_source=message.content_source,
        content_hash=digest,
        rights=message.rights,
        paywalled=article.paywalled,
        quality=article.quality,
        extractor=article.extractor,
        tags=verdict.tags,
    )
    return ArticleTagged(
        article_id=message.article_id,
        event_id=event_id(message.article_id, version, kind, verdict.topic),
        stream=stream_of(verdict.topic),
        version=version,
        type=type_of(kind),
        subject=message.article_id,
        time=event.fetched_at,
        dataschema=DATASCHEMA,
        data=event.model_dump_json(exclude_defaults=True),
    )
