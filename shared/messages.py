"""The messages, in pipeline order. Small and frozen: keys travel, bodies do not.

Each arrow of the flow is one class here and one row in `shared.topology`. A message carries its own `id`, which is the
work id at the stage that receives it: the same work queued twice is one piece of work.
"""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, StringConstraints

from shared.events import attributes

Key = Annotated[str, StringConstraints(min_length=1, max_length=300)]


class Message(BaseModel):
    """What one stage hands to the next. Unknown fields are ignored, so that an older worker reads a newer message."""

    model_config = ConfigDict(frozen=True, extra="ignore")
    kind: ClassVar[str]

    @property
    def id(self) -> str:
        """The work id at the receiving stage."""
        raise NotImplementedError


class FeedDue(Message):
    """A feed's time has come."""

    kind: ClassVar[str] = "FeedDue"
    feed_id: Key

    @property
    def id(self) -> str:
        """A feed has one poll at a time."""
        return self.feed_id


class FeedEntry(BaseModel):
    """What a feed says of one of its items: a witness for the extractor, and the text where the page is walled."""

    model_config = ConfigDict(frozen=True, extra="ignore")
    entry_id: str = ""
    title: str = ""
    summary: str = ""
    published_at: float | None = None
    authors: tuple[str, ...] = ()
    language: str = ""
    content_key: str = ""  # where the full text that the feed carries is kept, if it does


class PageFound(Message):
    """A feed announced a page that has not been seen."""

    kind: ClassVar[str] = "PageFound"
    article_id: Key
    url: str
    feed_id: str
    found_at: float
    entry: FeedEntry = FeedEntry()
    why: Literal["new", "recheck", "operator"] = "new"
    missing: int = 0  # how many looks in a row found the page not there

    @property
    def id(self) -> str:
        """An article is fetched once at a time."""
        return self.article_id


class PageFetched(Message):
    """A page's bytes lie under `page_key`."""

    kind: ClassVar[str] = "PageFetched"
    article_id: Key
    url: str
    final_url: str
    feed_id: str
    found_at: float
    fetched_at: float
    page_key: str
    content_type: str = ""
    charset: str = ""
    entry: FeedEntry = FeedEntry()
    content_source: Literal["page", "feed"] = "page"
    rights: str = ""  # why no full text may be passed on: "noarchive", "tdm-reservation" or empty
    why: Literal["new", "recheck", "operator"] = "new"

    @property
    def id(self) -> str:
        """An article is extracted once at a time."""
        return self.article_id


class ArticleExtracted(Message):
    """A clean article lies under `article_key` (a `shared.article.Article` as JSON)."""

    kind: ClassVar[str] = "ArticleExtracted"
    article_id: Key
    url: str
    feed_id: str
    found_at: float
    fetched_at: float
    article_key: str
    content_source: Literal["page", "feed"] = "page"
    rights: str = ""
    why: Literal["new", "recheck", "operator"] = "new"
    entry: FeedEntry = FeedEntry()  # for the next look at the page

    @property
    def id(self) -> str:
        """An article is classified once at a time."""
        return self.article_id


class ArticleTagged(Message):
    """An event for the stream: `data` is a public event (`shared.events`) as JSON, `event_id` is deterministic."""

    kind: ClassVar[str] = "ArticleTagged"
    article_id: Key
    event_id: Key
    topic: str = ""
    stream: str
    also: tuple[str, ...] = ()  # filtered streams that it goes to as well
    list_most: int = 0  # above 0: push it onto the stream's list, too, which holds so many
    announce: bool = False  # say it on the stream's pub/sub channel, too
    version: int
    type: str
    subject: str
    time: str
    dataschema: str
    data: str

    @property
    def id(self) -> str:
        """The event's own id: equal ids are duplicates."""
        return self.event_id

    def fields(self) -> dict[str, str]:
        """Return the flat fields of the stream entry; the stream adds its `sequence`."""
        named = attributes(
            event=self.event_id, kind=self.type, subject=self.subject, time=self.time, dataschema=self.dataschema
        )
        return {**named, "data": self.data}


ALL: tuple[type[Message], ...] = (FeedDue, PageFound, PageFetched, ArticleExtracted, ArticleTagged)
