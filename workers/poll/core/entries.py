"""From what a format's parser read to entries with identity, canonical URL and a date that can be true."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from shared.urls import BadURLError, canonical
from workers.poll.core.dates import believable
from workers.poll.core.identity import digest, keys
from workers.poll.core.text import primary_language
from workers.poll.core.values import Draft, Entry

if TYPE_CHECKING:
    from collections.abc import Sequence


def finish(drafts: Sequence[Draft], *, base: str, now: float, language: str = "") -> tuple[Entry, ...]:
    """One entry for each draft, in document order; repeats stay, `workers.poll.core.seen` takes the first of them."""
    urls = [absolute(draft.link, base) for draft in drafts]
    named = [replace(draft, link=_named(draft.link, url)) for draft, url in zip(drafts, urls, strict=True)]
    return tuple(
        Entry(
            key=key,
            digest=digest(draft),
            entry_id=draft.entry_id,
            url=url,
            title=draft.title,
            summary=draft.summary,
            content=draft.content,
            published_at=believable(draft.published_at, now=now),
            authors=draft.authors,
            language=primary_language(draft.language) or language,
        )
        for key, draft, url in zip(keys(named), named, urls, strict=True)
    )


def absolute(link: str, base: str) -> str:
    """The canonical form of a link in a feed, or empty for one that we could not ask for."""
    if not link.strip():
        return ""
    try:
        return canonical(link, base)
    except BadURLError:
        return ""


def _named(link: str, url: str) -> str:
    """What a link says of identity: its address and its fragment, which tells the parts of one page apart."""
    if not url:
        return link
    _, mark, fragment = link.strip().partition("#")
    return url + mark + fragment
