"""What consumers are told of a classified article, topic by topic: published, updated, retracted, or nothing.

Decides by what the article's record says they were told before (`shared.retractions.Standing`). Not the sending: the
script that completes the work does that.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from shared.events import Sighting, content_hash, stream_of
from shared.messages import ArticleTagged, PageFound
from shared.outcomes import Later
from shared.retractions import Standing, retract, standing
from shared.urls import site
from workers.classify.core.changes import event_for, material
from workers.classify.core.publication import Classified, Ways, publication
from workers.classify.core.routing import filtered_streams, next_recheck
from workers.classify.core.sketch import sketch

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from shared.article import Article
    from shared.messages import ArticleExtracted
    from shared.settings import Settings
    from shared.stores.clusters import Cluster, ClusterStore
    from shared.stores.streams import StreamStore
    from shared.tags import Verdict


class Ports(Protocol):
    """What telling needs of the world."""

    @property
    def clusters(self) -> ClusterStore: ...  # noqa: D102
    @property
    def streams(self) -> StreamStore: ...  # noqa: D102
    @property
    def settings(self) -> Settings: ...  # noqa: D102


@dataclass(frozen=True, kw_only=True)
class Case:
    """One article as it is now, and the record of what it was."""

    message: ArticleExtracted
    article: Article
    news: Callable[[], Sequence[str]]  # the paragraphs without boilerplate, by which copies are known
    record: Mapping[str, str]

    @property
    def first_seen(self) -> float:
        """An article that a feed shows again was found again, not seen first."""
        return float(self.record.get("found_at") or self.message.found_at)


@dataclass(frozen=True, kw_only=True)
class Told:
    """What one topic's verdict leads to: an event or none, and the standing afterwards."""

    event: ArticleTagged | None
    after: Standing
    cluster: str = ""


def tell(case: Case, verdict: Verdict, ports: Ports) -> Told:
    """Return the event that brings consumers up to date on one topic, if they are not."""
    before = standing(case.record, verdict.topic)
    wanted = {verdict.topic, "passing_mention"} if ports.settings.publish_passing else {verdict.topic}
    on_topic = verdict.decision in wanted
    digest = material(case.article.title, case.article.paragraphs, verdict.tags) if on_topic else ""
    kind = event_for(standing=before.stands, on_topic=on_topic, before=before.material, after=digest)
    if kind is None:
        return Told(event=None, after=before)
    if kind == "retracted":
        at, article_id = case.message.fetched_at, case.message.article_id
        event, gone = retract(article_id, case.record, verdict.topic, reason="no_longer_matches", at=at)
        return Told(event=event, after=gone)
    made, ways = _made(case, verdict, ports), _ways(verdict, before, ports.settings)
    event = publication(made, version=before.version + 1, kind=kind, ways=ways)
    after = Standing(topic=verdict.topic, version=event.version, stands=True, material=digest, streams=ways.streams)
    return Told(event=event, after=after, cluster=made.cluster)


def next_look(case: Case, settings: Settings) -> tuple[Later, ...]:
    """Return the next fetch of a published article, if the settings want one."""
    message = case.message
    at = next_recheck(case.first_seen, message.fetched_at, settings.recheck_after)
    if at is None:
        return ()
    again = PageFound(
        article_id=message.article_id,
        url=message.url,
        feed_id=message.feed_id,
        found_at=case.first_seen,
        entry=message.entry,
        why="recheck",
    )
    return (Later(message=again, at=at),)


def _ways(verdict: Verdict, before: Standing, settings: Settings) -> Ways:
    """Say where an event goes: also to filtered streams that it no longer matches, whose readers must learn of it."""
    names = filtered_streams(verdict.tags, settings.facet_streams)
    streams = (*(stream_of(verdict.topic, name) for name in names), *before.streams)
    return Ways(
        streams=tuple(dict.fromkeys(streams)), list_most=settings.list_fan_out, announce=settings.pubsub_fan_out
    )


def _made(case: Case, verdict: Verdict, ports: Ports) -> Classified:
    message, text, settings = case.message, case.article.text, ports.settings
    cluster = _cluster(case, ports)
    text_ref = None
    if len(text) > settings.inline_text and not message.rights:
        lifetime = (settings.retention_days + 7) * 86_400
        text_ref = ports.streams.keep_text(text, at=message.fetched_at, lifetime=lifetime)
    return Classified(
        message=message,
        article=case.article,
        verdict=verdict,
        first_seen=case.first_seen,
        content_hash=content_hash(case.article.title, text),
        text_ref=text_ref,
        cluster=cluster.id,
        others=cluster.others,
    )


def _cluster(case: Case, ports: Ports) -> Cluster:
    message = case.message
    sighting = Sighting(article_id=message.article_id, url=message.url, site=site(message.url))
    return ports.clusters.join(sighting, sketch(case.news()), known=case.record.get("cluster", ""))
