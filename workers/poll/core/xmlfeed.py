"""RSS, RDF, Atom and CDF: by lxml where that is certain to agree with feedparser, else by feedparser, the reference.

feedparser opens files and URLs when it is given text or bytes that look like them, so it is only ever given a stream.
"""

from __future__ import annotations

import io
from typing import Any

import feedparser

from shared.errors import PermanentError
from shared.outcomes import Reason
from shared.surrogates import sound
from workers.poll.core import wishes
from workers.poll.core.afford import MOST_SECONDS, seconds
from workers.poll.core.certain import Outline
from workers.poll.core.dates import from_struct
from workers.poll.core.entries import absolute, finish
from workers.poll.core.fastxml import outline
from workers.poll.core.text import looks_like_markup, plain, primary_language
from workers.poll.core.values import Draft, ParsedFeed


def parse_xml(body: bytes, *, url: str, now: float, content_type: str = "") -> ParsedFeed:
    """The feed in a document; raises PermanentError(NOT_A_FEED) when there is no entry and no format is recognised."""
    certain = outline(body, content_type=content_type)
    feed = certain or read_with_feedparser(body, url=url, content_type=content_type)
    language = primary_language(feed.language)
    links = [(rel, address) for rel, href in feed.links if (address := absolute(href, url))]
    return ParsedFeed(
        version=feed.version,
        entries=finish(feed.drafts, base=url, now=now, language=language),
        title=feed.title,
        link=absolute(feed.link, url),
        language=language,
        ttl=wishes.longest(feed.ttl, feed.period, feed.frequency),
        skip_hours=wishes.skipped_hours(body),
        skip_days=wishes.skipped_days(body),
        hubs=tuple(dict.fromkeys(address for rel, address in links if rel == "hub")),
        self_url=next((address for rel, address in links if rel == "self"), ""),
        parser="lxml" if certain else "feedparser",
    )


def read_with_feedparser(body: bytes, *, url: str, content_type: str = "") -> Outline:
    """The feed as the reference reads it; raises PermanentError(NOT_A_FEED or HOSTILE_PAGE)."""
    price = seconds(body)
    if price > MOST_SECONDS:
        raise PermanentError(Reason.HOSTILE_PAGE, f"parsing would take about {price:.0f} s")
    parsed = _feedparser(body, url=url, content_type=content_type)
    feed, version = parsed["feed"], _text(parsed.get("version"))
    if not parsed["entries"] and not version:
        raise PermanentError(Reason.NOT_A_FEED, "no feed format is recognised and there is no entry")
    return Outline(
        version=version or "unknown",
        title=_title(feed, version),
        link=_text(feed.get("link")),
        language=_text(feed.get("language")),
        ttl=_text(feed.get("ttl")),
        period=_text(feed.get("sy_updateperiod")),
        frequency=_text(feed.get("sy_updatefrequency")),
        links=_links(feed),
        drafts=[_draft(entry, version) for entry in parsed["entries"]],
    )


def _feedparser(body: bytes, *, url: str, content_type: str) -> Any:
    """What feedparser makes of the bytes. Its handlers raise whatever hostile input makes them raise."""
    headers = {"content-location": url, "content-type": content_type or "application/xml"}
    try:
        return feedparser.parse(
            io.BytesIO(body), response_headers=headers, sanitize_html=False, resolve_relative_uris=False
        )
    except Exception as error:
        raise PermanentError(Reason.NOT_A_FEED, f"feedparser gave up: {type(error).__name__}: {error}"[:300]) from error


def _draft(entry: Any, version: str) -> Draft:
    contents = entry.get("content") or ()
    content = max((_text(part.get("value")) for part in contents), key=len, default="")
    return Draft(
        entry_id=_text(entry.get("id")),
        link=_text(entry.get("link")) or _enclosed(entry),
        title=_title(entry, version),
        summary=_text(entry.get("summary")),
        content=content,
        published_at=_date(entry),
        authors=_authors(entry),
        language=(entry.get("title_detail") or {}).get("language") or "",
    )


def _date(entry: Any) -> float | None:
    """When it was published, else last updated, else created."""
    for name in ("published", "updated", "created"):
        # Not `entry.get`, which makes one date of another; and a year before Christ is read as one of ours.
        at = from_struct(dict.get(entry, f"{name}_parsed"))
        if at is not None and not _text(dict.get(entry, name)).startswith("-"):
            return at
    return None


def _enclosed(entry: Any) -> str:
    """The page that an entry names otherwise than by a link to HTML: the first that is no attachment."""
    return next((href for rel, href in _links(entry) if rel in {"alternate", "via", "related"} and href), "")


def _authors(entry: Any) -> tuple[str, ...]:
    people = entry.get("authors") or ()
    names = (plain(_text(person.get("name") or person.get("email"))) for person in people)
    return tuple(dict.fromkeys(name for name in names if name))


def _links(holder: Any) -> list[tuple[str, str]]:
    links = holder.get("links") or ()
    return [(_text(link.get("rel")).lower(), _text(link.get("href"))) for link in links]


def _title(holder: Any, version: str) -> str:
    """Atom says what a title is made of; RSS does not, so its text has to."""
    text = _text(holder.get("title"))
    kind = (holder.get("title_detail") or {}).get("type")
    return plain(text, markup=kind != "text/plain" if version.startswith("atom") else looks_like_markup(text))


def _text(value: object) -> str:
    return sound(value) if isinstance(value, str) else ""
