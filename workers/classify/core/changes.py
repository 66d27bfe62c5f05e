"""What changed in an article that was published before, and which event that makes. Pure."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from shared.events import EventType
    from shared.tags import Tag

WORD = re.compile(r"\w+")


def material(title: str, paragraphs: Sequence[str], tags: Iterable[Tag]) -> str:
    """Return a digest, 32 hexadecimal characters, of what a reader would call the article.

    Its words and numbers in their order, and which tags it has. White space, punctuation, letter case, images and
    scores are left out: a page that was only laid out anew is the same article; one changed digit is a correction.
    """
    text = unicodedata.normalize("NFKC", "\n".join((title, *paragraphs))).casefold()
    named = sorted({f"{tag.facet}:{tag.id}" for tag in tags})
    return hashlib.sha256(" ".join((*WORD.findall(text), "|", *named)).encode()).hexdigest()[:32]


def event_for(*, standing: bool, on_topic: bool, before: str, after: str) -> EventType | None:
    """Return the event that tells consumers of an article's present state; None: they know it already.

    `standing`: the last event on it was no retraction; `before` and `after` are `material` digests.
    """
    if not on_topic:
        return "retracted" if standing else None
    if not standing:
        return "published"
    return None if before == after else "updated"
