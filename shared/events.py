"""The public events: what consumers read from the streams. A contract with other teams; its JSON Schema is committed.

An entry of a stream is a CloudEvents 1.0 event as flat fields beside one `data` field of JSON. Only optional fields are
ever added to a model here; a breaking change is a new `type` on a new stream. Not the internal messages
(`shared.messages`), which no consumer sees.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from shared.tags import Decision, Tag

MAJOR = 1
SPECVERSION = "1.0"
SOURCE = "rarewire"
CONTENT_TYPE = "application/json"
TYPE_PREFIX = "rarewire.article"
CANARY_TYPE = f"rarewire.canary.v{MAJOR}"
SCHEMAS = "https://rarewire.example/schemas"
DATASCHEMA = f"{SCHEMAS}/article.v{MAJOR}.json"
RETRACTION_SCHEMA = f"{SCHEMAS}/retraction.v{MAJOR}.json"
CANARY_SCHEMA = f"{SCHEMAS}/canary.v{MAJOR}.json"

EventType = Literal["published", "updated", "retracted"]


def stream_of(topic: str, facet_stream: str = "") -> str:
    """Return the name of a topic's stream, e.g. `rarewire:rare-earth:v1`, or of one of its filtered streams."""
    name = f"rarewire:{topic.replace('_', '-')}:v{MAJOR}"
    return f"{name}:only:{facet_stream}" if facet_stream else name


def type_of(kind: EventType) -> str:
    """Return the CloudEvents type, e.g. `rarewire.article.published.v1`."""
    return f"{TYPE_PREFIX}.{kind}.v{MAJOR}"


PUBLISHED, UPDATED, RETRACTED = type_of("published"), type_of("updated"), type_of("retracted")


def event_id(article_id: str, version: int, kind: EventType, topic: str) -> str:
    """Return the deterministic id: equal ids are duplicates, whatever crashed and whoever published again."""
    return hashlib.sha256(f"{topic}/{article_id}/{version}/{kind}".encode()).hexdigest()[:32]


def rfc3339(epoch: float | None) -> str | None:
    """Return a time in UTC as RFC 3339 with seconds, or None."""
    if epoch is None:
        return None
    return datetime.fromtimestamp(epoch, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


class TextReference(BaseModel):
    """Where a text lies that is too long to travel in the event: a Redis string of UTF-8 on the same server."""

    model_config = ConfigDict(frozen=True)

    key: str = Field(description="Key of a Redis string that holds the text, UTF-8; GET it.")
    sha256: str = Field(description="SHA-256 of those bytes, hexadecimal.")
    characters: int = Field(ge=0, description="Length in Unicode code points.")
    expires_at: str = Field(description="When the key is gone.")


class Sighting(BaseModel):
    """The same story, seen before at another address."""

    model_config = ConfigDict(frozen=True)

    article_id: str
    url: str
    site: str


class ArticleEvent(BaseModel):
    """The `data` of a published or updated article.

    Times are UTC, RFC 3339. Offsets in a tag's evidence count Unicode code points, the end excluded. A field that is
    missing has its default value.
    """

    model_config = ConfigDict(frozen=True)

    article_id: str = Field(description="The article, across versions and whatever its tracking parameters.")
    version: int = Field(ge=1, description="Grows with every event on this article; a lower one is older news.")
    topic: str
    decision: Decision = Field(description="The topic's id, or `passing_mention` where those are published, too.")
    probability: float = Field(ge=0, le=1)
    ruleset: str = Field(description="The rules and the model that tagged it.")
    url: str
    canonical_url: str = Field(description="The address that the page calls its own, else `url`.")
    site: str = Field(description="Registrable domain.")
    site_name: str = ""
    feed: str = Field(description="Id of the feed that announced it.")
    title: str
    paragraphs: tuple[str, ...] = Field(default=(), description="The body in reading order; evidence points into it.")
    text: str = Field(default="", description="The paragraphs, joined by a blank line.")
    text_ref: TextReference | None = Field(default=None, description="Where the text lies if it is not in here.")
    summary: str = ""
    authors: tuple[str, ...] = ()
    language: str = Field(default="", description="BCP 47 primary tag.")
    image: str = ""
    published_at: str | None = Field(default=None, description="When the site says it appeared; no order goes by it.")
    published_at_source: str = Field(default="", description="Which part of the page or feed said so.")
    first_seen_at: str = Field(description="When a feed first showed it to us.")
    fetched_at: str = Field(description="When this version was fetched.")
    content_source: Literal["page", "feed"] = "page"
    content_hash: str = Field(description="Of title and text, white space folded; equal hashes are equal words.")
    rights: str = Field(default="", description="Why the full text is withheld: a reservation of its publisher's.")
    paywalled: bool = False
    quality: float = Field(default=0.0, ge=0, le=1)
    extractor: str = ""
    cluster_id: str = Field(default="", description="Equal for near-equal texts: one wire story is one story.")
    role: Literal["original", "copy"] = Field(default="original", description="Whether it was its cluster's first.")
    also_seen: tuple[Sighting, ...] = Field(default=(), description="The cluster's other members known then.")
    tags: tuple[Tag, ...] = ()


class Retraction(BaseModel):
    """The `data` of a retracted article: it stood on the stream and no longer does."""

    model_config = ConfigDict(frozen=True)

    article_id: str
    version: int = Field(ge=1)
    topic: str
    reason: Literal["gone", "no_longer_matches"] = Field(
        description="Its page is gone, or it was changed and is no longer about the topic."
    )
    url: str = ""
    title: str = ""
    first_seen_at: str = ""


class Canary(BaseModel):
    """The `data` of a canary: nothing happened, and the stream works. One a minute; clients skip it."""

    model_config = ConfigDict(frozen=True)

    minute: str = Field(description="The minute it stands for.")
    articles: int = Field(ge=0, description="How many article events this stream has carried so far.")


def content_hash(title: str, text: str) -> str:
    """Return the SHA-256 of title and text, white space folded, as 32 hexadecimal characters."""
    folded = " ".join(f"{title}\n{text}".split())
    return hashlib.sha256(folded.encode()).hexdigest()[:32]


def attributes(*, event: str, kind: str, subject: str, time: str, dataschema: str) -> dict[str, str]:
    """Return the CloudEvents attributes of an entry, all but `data` and the `sequence` that the stream gives it."""
    return {
        "specversion": SPECVERSION,
        "id": event,
        "source": SOURCE,
        "type": kind,
        "subject": subject,
        "time": time,
        "datacontenttype": CONTENT_TYPE,
        "dataschema": dataschema,
    }


def envelope(fields: Mapping[str, str]) -> str:
    """Return an entry as one JSON object, CloudEvents' structured mode: attributes beside `data` as an object.

    Data that is no JSON is passed on as the text it is.
    """
    try:
        data = json.loads(fields.get("data", "null"))
    except ValueError:
        data = fields["data"]
    return json.dumps({**fields, "data": data}, ensure_ascii=False, separators=(",", ":"))


class UnreadableEventError(ValueError):
    """An entry that is no event of ours, or whose data does not fit its schema."""


class Event(BaseModel):
    """One entry as a consumer reads it. `data` is None for a type that this version does not know."""

    model_config = ConfigDict(frozen=True)

    id: str
    type: str
    source: str = SOURCE
    subject: str = ""
    time: str = ""
    sequence: int = 0  # how many article events the stream carried up to this one
    data: ArticleEvent | Retraction | Canary | None = None
    raw: str = ""  # the data as it came, with fields that this version does not know


DATA_OF: dict[str, type[ArticleEvent | Retraction | Canary]] = {
    PUBLISHED: ArticleEvent,
    UPDATED: ArticleEvent,
    RETRACTED: Retraction,
    CANARY_TYPE: Canary,
}


def parse(fields: Mapping[str, str]) -> Event:
    """Read a stream entry's fields. Raises UnreadableEventError; unknown fields and types are no error."""
    model = DATA_OF.get(fields.get("type", ""))
    try:
        data = model.model_validate_json(fields.get("data", "")) if model else None
        return Event(
            id=fields["id"],
            type=fields["type"],
            source=fields.get("source", SOURCE),
            subject=fields.get("subject", ""),
            time=fields.get("time", ""),
            sequence=int(fields.get("sequence") or 0),
            data=data,
            raw=fields.get("data", ""),
        )
    except KeyError as error:
        raise UnreadableEventError(f"the entry has no field {error}") from error
    except (ValidationError, ValueError) as error:
        raise UnreadableEventError(f"the entry's data does not fit its type: {str(error)[:300]}") from error
