"""An outgoing feed as JSON Feed 1.1 (https://www.jsonfeed.org/version/1.1/). Pure."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from console.outgoing.atom import Channel
    from console.outgoing.choosing import Item

VERSION = "https://jsonfeed.org/version/1.1"
CONTENT_TYPE = "application/feed+json; charset=utf-8"


def jsonfeed(channel: Channel, items: Sequence[Item]) -> bytes:
    """Return the document."""
    document = {
        "version": VERSION,
        "title": channel.title,
        "home_page_url": channel.home,
        "feed_url": channel.url,
        "authors": [{"name": "rarewire"}],
        "items": [_item(item, full_text=channel.full_text) for item in items],
    }
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def _item(item: Item, *, full_text: bool) -> dict[str, Any]:
    article = item.article
    text = "\n\n".join(article.paragraphs) if full_text else ""
    fields = {
        "id": item.id,
        "url": article.url,
        "title": article.title or article.url,
        "summary": item.summary,
        "date_published": item.published,
        "date_modified": item.updated,
        "authors": [{"name": name} for name in item.authors],
        "tags": [f"{tag.facet}:{tag.id}" for tag in item.tags],
        "language": article.language,
        "image": article.image,
    }
    # An item must have content, if only what stands for it.
    return {name: value for name, value in fields.items() if value} | {"content_text": text or item.summary}
