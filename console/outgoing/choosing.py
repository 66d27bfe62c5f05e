"""Which articles an outgoing feed shows: those that stand, by the newest event of each, filtered. Pure."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

from shared.events import SCHEMAS, ArticleEvent, UnreadableEventError, parse

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from shared.tags import Tag

TAG = re.compile(r"\w+:(\*|[\w.-]+)")
EXCERPT = 280  # characters of a text that stand in for a summary


class FilterError(ValueError):
    """A query that no feed can be made of; the text says what it may be."""


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What a reader asks for. Of several `tags` (`facet:id` or `facet:*`) one suffices; empty: no condition."""

    topic: str
    tags: tuple[str, ...] = ()
    language: str = ""

    def __post_init__(self) -> None:
        for tag in self.tags:
            if not TAG.fullmatch(tag):
                raise FilterError(f"tag={tag} is no facet:id or facet:*, for example tag=event:export_control")

    @property
    def words(self) -> str:
        """The conditions for people, empty where there are none."""
        return ", ".join((*self.tags, *((self.language,) if self.language else ())))

    @property
    def query(self) -> tuple[tuple[str, str], ...]:
        """The conditions as a URL's query has them, in one order."""
        return (
            ("topic", self.topic),
            *(("tag", tag) for tag in self.tags),
            *((("language", self.language),) if self.language else ()),
        )

    def takes(self, article: ArticleEvent) -> bool:
        """Whether an article fulfils the conditions."""
        present = {pattern for tag in article.tags for pattern in (f"{tag.facet}:{tag.id}", f"{tag.facet}:*")}
        return (not self.language or article.language == self.language) and (
            not self.tags or not present.isdisjoint(self.tags)
        )


@dataclass(frozen=True, kw_only=True)
class Item:
    """An article in a feed. `id` never changes; `updated` is when its newest event came (RFC 3339)."""

    id: str
    updated: str
    article: ArticleEvent

    @property
    def published(self) -> str:
        """When the site says that it appeared, else when a feed first showed it."""
        return self.article.published_at or self.article.first_seen_at or self.updated

    @property
    def tags(self) -> tuple[Tag, ...]:
        """Its tags, but for the one that every article has: that it is about the topic."""
        return tuple(tag for tag in self.article.tags if tag.facet != "relevance")

    @property
    def authors(self) -> tuple[str, ...]:
        """Its authors, else its site."""
        return self.article.authors or (self.article.site_name or self.article.site,)

    @property
    def summary(self) -> str:
        """The page's own summary, else the beginning of the text, as far as a quotation goes."""
        own = " ".join(self.article.summary.split())
        text = own or " ".join((self.article.paragraphs or ("",))[0].split())
        if len(text) <= EXCERPT or own:
            return text[: 4 * EXCERPT]
        return text[:EXCERPT].rsplit(" ", 1)[0] + " …"


def choose(entries: Iterable[Mapping[str, str]], wanted: Wanted, *, most: int) -> list[Item]:
    """Return the newest articles that stand, newest first, from a stream's entries in the same order.

    Of an article's events the newest counts: a retracted one is not shown, an updated one once, as it is now.
    """
    known: set[str] = set()
    found: list[Item] = []
    for fields in entries:
        subject = fields.get("subject") or fields.get("id", "")
        if subject in known:
            continue
        known.add(subject)
        article = _article(fields)
        if article and wanted.takes(article):
            found.append(
                Item(id=_id(wanted.topic, article.article_id), updated=fields.get("time", ""), article=article)
            )
            if len(found) == most:
                break
    return found


def _article(fields: Mapping[str, str]) -> ArticleEvent | None:
    """Return the article of an event, None for what is none or cannot be read."""
    try:
        data = parse(fields).data
    except UnreadableEventError:
        return None
    return data if isinstance(data, ArticleEvent) else None


def _id(topic: str, article_id: str) -> str:
    return uuid.uuid5(uuid.NAMESPACE_URL, f"{SCHEMAS}/feed/{topic}/{article_id}").urn


def feed_id(wanted: Wanted) -> str:
    """Return the feed's own id, the same wherever it is served from."""
    query = "&".join(f"{name}={value}" for name, value in wanted.query)
    return uuid.uuid5(uuid.NAMESPACE_URL, f"{SCHEMAS}/feed?{query}").urn
