"""What parsing a feed gives: a feed and its entries as plain frozen values."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One item of a feed.

    `key` (8 characters) stands for the entry's identity and `digest` (4 characters) for what it says; both come from
    `workers.poll.core.identity`. `url` is canonical and absolute, or empty when the item names no page. `title` is
    plain text; `summary` and `content` are as the feed carries them, mostly HTML. `published_at` is epoch seconds, None
    where the feed gives no believable date. `language` is a BCP 47 primary tag.
    """

    key: str
    digest: str
    entry_id: str = ""
    url: str = ""
    title: str = ""
    summary: str = ""
    content: str = ""
    published_at: float | None = None
    authors: tuple[str, ...] = ()
    language: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class ParsedFeed:
    """A feed document.

    `version` is feedparser's name of the format, or `json1`, `json11`, `sitemap`, `sitemap-index`. `ttl` is the longest
    of the document's own wishes for the time between two polls, in seconds (RSS `ttl`, `sy:updatePeriod`); `skip_hours`
    (0..23, GMT) and `skip_days` (0 = Monday) are when it asks not to be polled. `hubs` and `self_url` are for WebSub.
    `children` are the news sitemaps that an index names. `parser` says which parser read it.
    """

    version: str
    entries: tuple[Entry, ...] = ()
    title: str = ""
    link: str = ""
    language: str = ""
    ttl: float | None = None
    skip_hours: frozenset[int] = frozenset()
    skip_days: frozenset[int] = frozenset()
    hubs: tuple[str, ...] = ()
    self_url: str = ""
    children: tuple[str, ...] = ()
    parser: str = "feedparser"


@dataclass(frozen=True, kw_only=True, slots=True)
class Draft:
    """An entry as a format's parser read it, before identity, canonical URL and clamped date are worked out."""

    entry_id: str = ""
    link: str = ""
    title: str = ""
    summary: str = ""
    content: str = ""
    published_at: float | None = None
    authors: tuple[str, ...] = ()
    language: str = ""
