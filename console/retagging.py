"""Tagging kept articles again after a change of rules. The pipeline decides; here they are found and queued."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, cast

from shared.article import Article
from shared.messages import ArticleExtracted
from shared.retractions import standing
from shared.stores import blobs
from shared.stores.articles import ArticleStore
from shared.stores.work import WorkStore
from workers.classify.core.changes import event_for, material
from workers.classify.core.verdict import PASSING
from workers.classify.judging import judge, thresholds_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from shared.events import EventType
    from shared.settings import Settings
    from shared.stores.connection import Database
    from workers.classify.core.ruleset import Ruleset


@dataclass(frozen=True, kw_only=True)
class Kept:
    """An article whose text is kept, and its record."""

    article_id: str
    record: Mapping[str, str]


def kept_articles(database: Database) -> Iterator[Kept]:
    """All articles that have been classified and whose text is kept."""
    articles = ArticleStore(database)
    for article_id in articles.with_text():
        record = articles.get(article_id)
        if "decision" in record:
            yield Kept(article_id=article_id, record=record)


def text_of(database: Database, article_id: str) -> Article | None:
    """An article's kept text, or None when its lifetime is over."""
    kept = blobs.texts(database).read(article_id)
    return Article.model_validate_json(kept) if kept else None


def would_tell(
    database: Database, kept: Kept, rulesets: Sequence[Ruleset], settings: Settings
) -> tuple[EventType, ...]:
    """The events that tagging it again by these rules leads to: one a topic at most."""
    article = text_of(database, kept.article_id)
    if article is None:
        return ()
    told = (_event(article, kept.record, rules, settings) for rules in rulesets)
    return tuple(event for event in told if event)


def _event(article: Article, record: Mapping[str, str], rules: Ruleset, settings: Settings) -> EventType | None:
    verdict = judge(article, rules, thresholds_of(settings))
    before = standing(record, verdict.topic)
    wanted = verdict.decision == verdict.topic or (settings.publish_passing and verdict.decision == PASSING)
    after = material(article.title, article.paragraphs, verdict.tags)
    return event_for(standing=before.stands, on_topic=wanted, before=before.material, after=after)


def queue_again(database: Database, kept: Kept) -> int:
    """Queue an article for classification; 1 if it was not queued yet. What its page reserved stays reserved."""
    record = kept.record
    message = ArticleExtracted(
        article_id=kept.article_id,
        url=record.get("final_url") or record.get("url", ""),
        feed_id=record.get("feed", ""),
        found_at=float(record.get("found_at") or 0.0),
        fetched_at=float(record.get("fetched_at") or record.get("found_at") or 0.0),
        article_key=kept.article_id,
        content_source=cast("Literal['page', 'feed']", record.get("content_source", "page")),
        rights=record.get("rights", ""),
        why="operator",
    )
    return WorkStore(database).add([message])
