"""Events and streams for tests: made as the pipeline makes them, and in bulk."""

from __future__ import annotations

from typing import Any

from shared.article import Article
from shared.events import DATASCHEMA, PUBLISHED, EventType, attributes, content_hash, event_id
from shared.messages import ArticleExtracted, ArticleTagged
from shared.outcomes import Disposition, Later, Save
from shared.stores import keys
from shared.stores.connection import Database
from shared.stores.work import Completion, WorkStore
from shared.tags import Evidence, Tag, Verdict
from shared.topology import Stage
from workers.classify.core.publication import Classified, Ways, publication

STREAM = "rarewire:rare-earth:v1"
SEEN = 1_790_000_000.0

ARTICLE = Article(
    title="Separation plant for dysprosium opens in the north",
    paragraphs=(
        "The plant will separate dysprosium and terbium from concentrate of its own mine, its owner said.",
        "It is to reach its full output within two years.",
    ),
    authors=("A. Writer",),
    language="en",
    canonical_url="https://news.example.org/plant",
    site_name="News of the North",
    published_at=SEEN - 600,
    published_at_source="json-ld",
    quality=0.9,
    extractor="1",
)
TAGS = (
    Tag(
        facet="element", id="dysprosium", label="Dysprosium", weight=1.0,
        evidence=(Evidence(field="title", start=21, end=31, text="dysprosium"),),
    ),
    Tag(facet="event", id="plant_opening", label="Plant opening", weight=0.8),
)  # fmt: skip


def extracted(article_id: str = "a1", **changes: Any) -> ArticleExtracted:
    fields = {
        "article_id": article_id, "url": "https://news.example.org/plant", "feed_id": "f1", "found_at": SEEN,
        "fetched_at": SEEN + 60, "article_key": article_id,
    }  # fmt: skip
    return ArticleExtracted(**(fields | changes))


def verdict(*, decision: str = "rare_earth", tags: tuple[Tag, ...] = TAGS, probability: float = 0.97) -> Verdict:
    return Verdict(topic="rare_earth", decision=decision, probability=probability, tags=tags, ruleset="r1")


def tagged(
    article_id: str = "a1", *, version: int = 1, kind: EventType = "published", ways: Ways | None = None
) -> ArticleTagged:
    made = Classified(
        message=extracted(article_id), article=ARTICLE, verdict=verdict(), first_seen=SEEN, cluster=article_id,
        content_hash=content_hash(ARTICLE.title, ARTICLE.text),
    )  # fmt: skip
    return publication(made, version=version, kind=kind, ways=ways or Ways())


def publish(
    database: Database, *events: ArticleTagged, saves: tuple[Save, ...] = (), later: tuple[Later, ...] = ()
) -> bool:
    """Publish events as the end of one article's classification."""
    work = WorkStore(database)
    work.add([extracted(events[0].article_id)])
    (claimed,) = work.claim(Stage.CLASSIFY, most=1, lease=30)
    return work.complete(
        claimed, Completion(disposition=Disposition.FORWARDED, messages=events, saves=saves, later=later)
    )


def fill(database: Database, number: int, *, stream: str = STREAM, first: int = 1, slim: bool = False) -> list[str]:
    """Append that many article events, numbered as publishing does; returns the entries' ids. `slim`: all but empty."""
    data = tagged("ARTICLE").data
    ids: list[str] = []
    for start in range(first, first + number, 5_000):
        pipe = database.redis.pipeline(transaction=False)
        for one in range(start, min(start + 5_000, first + number)):
            article = f"x{one}"
            named = attributes(
                event=event_id(article, 1, "published", "rare_earth"), kind=PUBLISHED, subject=article,
                time="2026-09-21T14:00:00Z", dataschema=DATASCHEMA,
            )  # fmt: skip
            fields = {"id": article} if slim else {**named, "data": data.replace("ARTICLE", article)}
            pipe.xadd(stream, {**fields, "sequence": f"{one:016d}"})
        ids += pipe.execute()
    database.redis.hset(keys.SEQUENCES(), stream, first + number - 1)
    return ids
