"""What makes two entries the same, and what makes one changed. Never its date.

Identity is the entry's id, else its link, else what it says. Two short digests travel and are kept instead of texts:
with 48 bits, a feed of 1,000 remembered and 10,000 new entries confuses two of them once in 30 million such feeds.
"""

from __future__ import annotations

import hashlib
import re
from base64 import urlsafe_b64encode
from collections import defaultdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from workers.poll.core.values import Draft

KEY_BYTES = 6
DIGEST_BYTES = 3
MARKUP = re.compile(r"<[a-zA-Z/!][^<>]*>")
# Feeds that move to https, or gain or lose a `www.`, keep their entries.
SCHEME = re.compile(r"^https?://(www\.)?", re.IGNORECASE)


def body_hash(body: bytes) -> str:
    """A digest of a whole document: an equal body needs no parse. 22 characters."""
    return urlsafe_b64encode(hashlib.blake2b(body, digest_size=16).digest()).decode().rstrip("=")


def short(text: str, size: int) -> str:
    """A digest of `size` bytes as URL-safe base64; `size` is a multiple of three, so there is no padding."""
    return urlsafe_b64encode(hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=size).digest()).decode()


def identities(drafts: Sequence[Draft]) -> list[str]:
    """The identity of each entry of a document, as text.

    Some feeds give all entries one id; such an id is joined with the link. Exact repeats stay equal.
    """
    links = defaultdict(set)
    for draft in drafts:
        if draft.entry_id:
            links[draft.entry_id].add(draft.link)
    return [_identity(draft, shared_id=len(links[draft.entry_id]) > 1) for draft in drafts]


def _identity(draft: Draft, *, shared_id: bool) -> str:
    if draft.entry_id and not shared_id:
        return SCHEME.sub("//", draft.entry_id.strip())
    if draft.link:
        return f"{draft.entry_id} {SCHEME.sub('//', draft.link.strip())}".strip()
    return f"{draft.entry_id}\n{draft.title}\n{draft.summary}\n{draft.content}"


def keys(drafts: Sequence[Draft]) -> list[str]:
    """The short key of each entry's identity, in document order."""
    return [short(text, KEY_BYTES) for text in identities(drafts)]


def digest(draft: Draft) -> str:
    """The short digest of what an entry says: its words, not its markup, links, dates or spacing."""
    words = " ".join(MARKUP.sub(" ", f"{draft.title} {draft.summary} {draft.content}").split())
    return short(words, DIGEST_BYTES)
