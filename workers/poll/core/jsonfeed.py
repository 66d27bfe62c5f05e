"""JSON Feed 1.0 and 1.1 (https://www.jsonfeed.org/version/1.1/). Lenient where publishers are sloppy."""

from __future__ import annotations

import json
from typing import Any

from shared.errors import PermanentError
from shared.outcomes import Reason
from shared.surrogates import sound
from workers.poll.core.dates import from_text
from workers.poll.core.entries import absolute, finish
from workers.poll.core.text import plain, primary_language
from workers.poll.core.values import Draft, ParsedFeed


def parse_json(body: bytes, *, url: str, now: float) -> ParsedFeed:
    """The feed in a JSON document; raises PermanentError(NOT_A_FEED) if it is none."""
    document = _load(body)
    items = document.get("items")
    version = _version(_text(document.get("version")))
    if not version and not isinstance(items, list):
        raise PermanentError(Reason.NOT_A_FEED, "JSON without a JSON Feed version or a list of items")
    language = primary_language(document.get("language"))
    authors = _authors(document)
    drafts = (
        [_draft(item, authors) for item in items or () if isinstance(item, dict)] if isinstance(items, list) else []
    )
    return ParsedFeed(
        version=version or "json1",
        entries=finish(drafts, base=url, now=now, language=language),
        title=plain(_text(document.get("title")), markup=False),
        link=absolute(_text(document.get("home_page_url")), url),
        language=language,
        hubs=_hubs(document, url),
        self_url=absolute(_text(document.get("feed_url")), url),
        parser="json",
    )


def _load(body: bytes) -> dict[str, Any]:
    try:
        document = json.loads(body.removeprefix(b"\xef\xbb\xbf"))
    except (ValueError, RecursionError) as error:
        raise PermanentError(Reason.NOT_A_FEED, f"broken JSON: {type(error).__name__}") from error
    if not isinstance(document, dict):
        raise PermanentError(Reason.NOT_A_FEED, "JSON, but not an object")
    return document


def _version(text: str) -> str:
    """`json1` or `json11` for a version URL, and for the bare number that some write; else empty."""
    number = text.rstrip("/").rpartition("/")[2]
    if "jsonfeed.org/version" not in text and text != number:
        return ""
    return {"1": "json1", "1.0": "json1", "1.1": "json11"}.get(number, "")


def _draft(item: dict[str, Any], feed_authors: tuple[str, ...]) -> Draft:
    return Draft(
        entry_id=_text(item.get("id")),
        link=_text(item.get("url")) or _text(item.get("external_url")),
        title=plain(_text(item.get("title")), markup=False),
        summary=_text(item.get("summary")),
        content=_text(item.get("content_html")) or _text(item.get("content_text")),
        published_at=_first(from_text(item.get("date_published")), from_text(item.get("date_modified"))),
        authors=_authors(item) or feed_authors,
        language=_text(item.get("language")),
    )


def _first(*times: float | None) -> float | None:
    return next((at for at in times if at is not None), None)


def _authors(holder: dict[str, Any]) -> tuple[str, ...]:
    """Names from `authors` (1.1) or the older `author`."""
    listed = holder.get("authors")
    people = listed if isinstance(listed, list) and listed else [holder.get("author")]
    names = (plain(_text(person.get("name")), markup=False) for person in people if isinstance(person, dict))
    return tuple(name for name in names if name)


def _hubs(document: dict[str, Any], url: str) -> tuple[str, ...]:
    listed = document.get("hubs")
    hubs = listed if isinstance(listed, list) else ()
    found = (
        absolute(_text(hub.get("url")), url)
        for hub in hubs
        if isinstance(hub, dict) and _text(hub.get("type")).lower() in {"websub", "pubsubhubbub"}
    )
    return tuple(hub for hub in found if hub)


def _text(value: object) -> str:
    """A string as it is; a number, which 1.0 feeds use as ids, as text; else empty."""
    if isinstance(value, str):
        return sound(value)
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""
