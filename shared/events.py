"""The public event: what consumers read from the stream. A contract with other teams; its JSON Schema is committed.

CloudEvents 1.0 attributes as flat stream fields beside one `data` field of JSON. Only optional fields are ever added; a
breaking change is a new `type` on a new stream.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict

from shared.tags import Tag

MAJOR = 1
SOURCE = "rarewire"
TYPE_PREFIX = "rarewire.article"
DATASCHEMA = "https://rarewire.example/schemas/article.v1.json"

EventType = Literal["published", "updated", "retracted"]


def stream_of(topic: str) -> str:
    """Return the name of a topic's stream, e.g. `rarewire:rare-earth:v1`."""
    return f"rarewire:{topic.replace('_', '-')}:v{MAJOR}"


def type_of(kind: EventType) -> str:
    """Return the CloudEvents type, e.g. `rarewire.article.published.v1`."""
    return f"{TYPE_PREFIX}.{kind}.v{MAJOR}"


def event_id(article_id: str, version: int, kind: EventType, topic: str) -> str:
    """Return the deterministic id: equal ids are duplicates, whatever crashed and whoever published again."""
    return hashlib.sha256(f"{topic}/{article_id}/{version}/{kind}".encode()).hexdigest()[:32]


def rfc3339(epoch: float | None) -> str | None:
    """Return a time in UTC as RFC 3339 with seconds, or None."""
    if epoch is None:
        return None
    return datetime.fromtimestamp(epoch, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


class ArticleEvent(BaseModel):
    """The `data` of an event. Times are UTC, RFC 3339; offsets in evidence count Unicode code points."""

    model_config = ConfigDict(frozen=True)

    article_id: str
    version: int
    topic: str
    decision: Literal["rare_earth", "passing_mention", "not"]
    probability: float
    ruleset: str
    url: str
    canonical_url: str
    site: str
    site_name: str = ""
    feed: str
    title: str
    paragraphs: tuple[str, ...] = ()
    text: str = ""
    summary: str = ""
    authors: tuple[str, ...] = ()
    language: str = ""
    image: str = ""
    published_at: str | None = None
    published_at_source: str = ""
    first_seen_at: str
    fetched_at: str
    content_source: Literal["page", "feed"] = "page"
    content_hash: str
    rights: str = ""
    paywalled: bool = False
    quality: float = 0.0
    extractor: str = ""
    tags: tuple[Tag, ...] = ()


def content_hash(title: str, text: str) -> str:
    """Return the SHA-256 of title and text, white space folded, as 32 hexadecimal characters."""
    folded = " ".join(f"{title}\n{text}".split())
    return hashlib.sha256(folded.encode()).hexdigest()[:32]
