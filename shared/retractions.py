"""What an article's record says of its events, and the retractions that follow when the article is gone. Pure.

Both ends of the pipeline need it: classification when an article no longer matches, fetching when its page is gone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from shared.events import RETRACTION_SCHEMA, Retraction, event_id, rfc3339, stream_of, type_of
from shared.messages import ArticleTagged
from shared.outcomes import Save


@dataclass(frozen=True, kw_only=True)
class Standing:
    """What consumers were told of an article on one topic. `version` 0: nothing yet."""

    topic: str
    version: int = 0
    stands: bool = False
    material: str = ""
    streams: tuple[str, ...] = ()

    def fields(self) -> dict[str, str | None]:
        """Return the fields of the article's record; the script that publishes writes `version` itself."""
        return {
            f"stands:{self.topic}": "1" if self.stands else "0",
            f"material:{self.topic}": self.material,
            f"streams:{self.topic}": " ".join(self.streams),
        }


def standing(record: Mapping[str, str], topic: str) -> Standing:
    """Read a topic's standing from an article's record."""
    return Standing(
        topic=topic,
        version=int(record.get(f"version:{topic}", "0")),
        stands=record.get(f"stands:{topic}") == "1",
        material=record.get(f"material:{topic}", ""),
        streams=tuple(record.get(f"streams:{topic}", "").split()),
    )


def retract(
    article_id: str,
    record: Mapping[str, str],
    topic: str,
    *,
    reason: Literal["gone", "no_longer_matches"],
    at: float,
) -> tuple[ArticleTagged, Standing]:
    """Return the event that takes an article back, and its standing afterwards; `at` is epoch seconds."""
    before = standing(record, topic)
    version = before.version + 1
    data = Retraction(
        article_id=article_id,
        version=version,
        topic=topic,
        reason=reason,
        url=record.get("url", ""),
        title=record.get("title", ""),
        first_seen_at=rfc3339(float(record.get("found_at") or at)) or "",
    )
    event = ArticleTagged(
        article_id=article_id,
        event_id=event_id(article_id, version, "retracted", topic),
        topic=topic,
        stream=stream_of(topic),
        also=before.streams,
        version=version,
        type=type_of("retracted"),
        subject=article_id,
        time=rfc3339(at) or "",
        dataschema=RETRACTION_SCHEMA,
        data=data.model_dump_json(exclude_defaults=True),
    )
    return event, Standing(topic=topic, version=version, stands=False, streams=before.streams)


def retract_gone(article_id: str, record: Mapping[str, str], *, at: float) -> tuple[tuple[ArticleTagged, ...], Save]:
    """Return the retractions of an article whose page is gone, on every topic it stands on, and what to remember."""
    topics = [
        name.removeprefix("stands:") for name, value in record.items() if name.startswith("stands:") and value == "1"
    ]
    taken_back = [retract(article_id, record, topic, reason="gone", at=at) for topic in sorted(topics)]
    fields = {name: text for _, after in taken_back for name, text in after.fields().items()}
    return tuple(event for event, _ in taken_back), Save(record="article", id=article_id, fields=fields)
