"""Kept articles are found and queued for tagging again; what their pages reserved stays reserved."""

from __future__ import annotations

import pytest

from console.retagging import kept_articles, queue_again, text_of, would_tell
from shared.article import Article
from shared.messages import ArticleExtracted
from shared.settings import Settings
from shared.stores import blobs, keys
from shared.stores.connection import Database
from shared.stores.work import WorkStore
from shared.topology import Stage
from workers.classify.core import classify
from workers.classify.core.changes import material
from workers.classify.rulesets import load_ruleset

pytestmark = pytest.mark.integration


def keep(database: Database, article_id: str, title: str, **record: str) -> None:
    article = Article(title=title, paragraphs=("Prices of rare earths rose.",))
    blobs.texts(database).keep(article_id, article.model_dump_json().encode())
    if record:
        database.redis.hset(keys.ARTICLE(article_id), mapping=record)


def test_a_kept_article_is_queued_once_with_what_its_record_knows(database: Database) -> None:
    keep(
        database, "a", "Rare earths rise", decision="rare_earth", url="https://press.example/a", feed="f", found_at="5.0",
        fetched_at="6.0", rights="noarchive", content_source="feed",
    )  # fmt: skip
    keep(database, "never-classified", "Rare earths rise")
    [kept] = kept_articles(database)
    assert text_of(database, kept.article_id) is not None
    assert (queue_again(database, kept), queue_again(database, kept)) == (1, 0)
    [claimed] = WorkStore(database).claim(Stage.CLASSIFY, most=5, lease=10.0)
    message = ArticleExtracted.model_validate_json(claimed.message)
    assert (message.article_id, message.url, message.why) == ("a", "https://press.example/a", "operator")
    assert (message.rights, message.content_source, message.fetched_at) == ("noarchive", "feed", 6.0)


def test_a_dry_run_tells_which_events_would_follow(database: Database) -> None:
    rules, settings = [load_ruleset("rare_earth")], Settings()
    known = classify(rules[0], title="Rare earths rise", paragraphs=("Prices of rare earths rose.",))
    told = material("Rare earths rise", ("Prices of rare earths rose.",), known.tags)
    stands = {"decision": "rare_earth", "stands:rare_earth": "1", "version:rare_earth": "1"}
    keep(database, "same", "Rare earths rise", **stands, **{"material:rare_earth": told})
    keep(database, "tagged otherwise", "Rare earths rise", **stands, **{"material:rare_earth": "before"})
    keep(database, "new", "Rare earths rise", decision="not")
    article = Article(title="Cheese", paragraphs=("It ripened.",))
    keep(database, "gone", "Cheese", **stands)
    blobs.texts(database).keep("gone", article.model_dump_json().encode())
    found = {kept.article_id: would_tell(database, kept, rules, settings) for kept in kept_articles(database)}
    assert found == {"same": (), "tagged otherwise": ("updated",), "new": ("published",), "gone": ("retracted",)}
    assert not WorkStore(database).claim(Stage.CLASSIFY, most=5, lease=10.0)
