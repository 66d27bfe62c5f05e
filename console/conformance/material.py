"""What the kit gives to a consumer: events as they are published, and the odd ones that the contract allows."""

from __future__ import annotations

import json

from shared.events import (
    CANARY_SCHEMA,
    CANARY_TYPE,
    DATASCHEMA,
    PUBLISHED,
    RETRACTED,
    RETRACTION_SCHEMA,
    UPDATED,
    ArticleEvent,
    Canary,
    Retraction,
    TextReference,
    attributes,
    event_id,
)
from shared.tags import Evidence, Tag

TIME = "2026-01-02T03:04:05Z"
TOPIC = "conformance"


def article(name: str, *, version: int = 1, updated: bool = False) -> dict[str, str]:
    """Return the entry of an ordinary article."""
    kind = UPDATED if updated else PUBLISHED
    event = event_id(name, version, "updated" if updated else "published", TOPIC)
    return _entry(event, kind, name, DATASCHEMA, _body(name, version).model_dump_json(exclude_defaults=True))


def without_text(name: str) -> dict[str, str]:
    """Return the entry of an article whose text is too long to travel, or withheld."""
    reference = TextReference(key="rarewire:text:0", sha256="0" * 64, characters=200_000, expires_at=TIME)
    body = _body(name, 1).model_copy(update={"text": "", "paragraphs": (), "text_ref": reference})
    event = event_id(name, 1, "published", TOPIC)
    return _entry(event, PUBLISHED, name, DATASCHEMA, body.model_dump_json(exclude_defaults=True))


def retraction(name: str, *, version: int) -> dict[str, str]:
    """Return the entry that takes an article back."""
    data = Retraction(article_id=name, version=version, topic=TOPIC, reason="gone", title="A plant", url=_url(name))
    event = event_id(name, version, "retracted", TOPIC)
    return _entry(event, RETRACTED, name, RETRACTION_SCHEMA, data.model_dump_json(exclude_defaults=True))


def with_unknown_fields(name: str) -> dict[str, str]:
    """Return an article's entry as a later minor version may write it: more attributes, more data."""
    fields = article(name)
    data = json.loads(fields["data"]) | {"mood": {"tone": 0.4, "words": ["calm"]}, "revision_of": None}
    return {**fields, "data": json.dumps(data), "traceparent": "00-1-2-01", "sampledrate": "1"}


def unknown_type(name: str) -> dict[str, str]:
    """Return the entry of a kind of event that no consumer of today knows."""
    return _entry(event_id(name, 1, "published", "unknown"), "rarewire.article.annotated.v1", name, "", '{"note": 1}')


def canary(number: int) -> dict[str, str]:
    """Return a canary's entry."""
    data = Canary(minute=TIME, articles=number).model_dump_json()
    return _entry(f"canary-{number}", CANARY_TYPE, TOPIC, CANARY_SCHEMA, data)


def poison(name: str) -> dict[str, str]:
    """Return an entry whose data is no JSON."""
    fields = article(name)
    return {**fields, "data": fields["data"][:40]}


def rubbish() -> dict[str, str]:
    """Return an entry that is no event at all."""
    return {"hello": "world"}


def _body(name: str, version: int) -> ArticleEvent:
    paragraphs = (
        "The plant’s owner said it would separate 5 kt of oxides a year.",
        "稀土 · редкоземельный · “quoted”\ttab",
    )
    return ArticleEvent(
        article_id=name,
        version=version,
        topic=TOPIC,
        decision="rare_earth",
        probability=0.93,
        ruleset="conformance",
        url=_url(name),
        canonical_url=_url(name),
        site="example.org",
        feed="feed",
        title='A "plant" opens \\ again',
        paragraphs=paragraphs,
        text="\n\n".join(paragraphs),
        first_seen_at=TIME,
        fetched_at=TIME,
        content_hash="0" * 32,
        tags=(
            Tag(
                facet="event",
                id="plant_opening",
                label="Plant opening",
                evidence=(Evidence(field="title", start=3, end=8, text="plant"),),
            ),
        ),
    )


def _url(name: str) -> str:
    return f"https://news.example.org/{name}"


def _entry(event: str, kind: str, subject: str, dataschema: str, data: str) -> dict[str, str]:
    named = attributes(event=event, kind=kind, subject=subject, time=TIME, dataschema=dataschema)
    return {**named, "data": data, "sequence": f"{1:016d}"}
