"""RSS, RDF, Atom and CDF by feedparser, the reference; always from memory, with its HTML options off.

feedparser opens files and URLs when it is given text or bytes that look like them, so it is only ever given a stream.
"""

from __future__ import annotations

import io
from typing import Any

import feedparser

from shared.errors import PermanentError
from shared.outcomes import Reason
from workers.poll.core import wishes
from workers.poll.core.dates import from_struct
from workers.poll.core.entries import absolute, finish
from workers.poll.core.text import plain, primary_language, sound
from workers.poll.core.values import Draft, ParsedFeed


def parse_xml(body: bytes, *, url: str, now: float, content_type: str = "") -> ParsedFeed:
    """The feed in a document; raises PermanentError(NOT_A_FEED) when there is no entry and no format is recognised."""
    parsed = _feedparser(body, url=url, content_type=content_type)
    if not parsed["entries"] and not parsed.get("version"):
        raise PermanentError(Reason.NOT_A_FEED, "no feed format is recognised and there is no entry")
    feed = parsed["feed"]
    language = primary_language(feed.get("language"))
    links = _links(feed)
    drafts = [_draft(entry) for entry in parsed["entries"]]
    return ParsedFeed(
        version=parsed.get("version") or "unknown",
        entries=finish(drafts, base=url, now=now, language=language),
        title=_plain(feed, "title"),
        link=absolute(_text(feed.get("link")), url),
        language=language,
        ttl=wishes.longest(feed.get("ttl"), feed.get("sy_updateperiod"), feed.get("sy_updatefrequency")),
        skip_hours=wishes.skipped_hours(body),
        skip_days=wishes.skipped_days(body),
        hubs=tuple(dict.fromkeys(hub for rel, href in links if rel == "hub" and (hub := absolute(href, url)))),
        self_url=next((address for rel, href in links if rel == "self" and (address := absolute(href, url))), ""),
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


def _draft(entry: Any) -> Draft:
    contents = entry.get("content") or ()
    content = max((_text(part.get("value")) for part in contents), key=len, default="")
    return Draft(
        entry_id=_text(entry.get("id")),
        link=_text(entry.get("link")) or _enclosed(entry),
        title=_plain(entry, "title"),
        summary=_text(entry.get("summary")),
        content=content,
        published_at=_date(entry),
        authors=_authors(entry),
        language=(entry.get("title_detail") or {}).get("language") or "",
    )


def _date(entry: Any) -> float | None:
    """When it was published, else last updated. Asked in this order, feedparser invents neither from the other."""
    for name in ("published_parsed", "updated_parsed", "created_parsed"):
        if (at := from_struct(entry.get(name))) is not None:
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


def _plain(holder: Any, name: str) -> str:
    detail = holder.get(f"{name}_detail") or {}
    return plain(_text(holder.get(name)), markup=detail.get("type") != "text/plain")


def _text(value: object) -> str:
    return sound(value) if isinstance(value, str) else ""
