"""Validators of a feed (RFC 9110, 8.8 and 13): an ETag of its bytes, and when its stream last changed. Pure."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime


@dataclass(frozen=True, kw_only=True)
class Validators:
    """What an answer carries, and what a later request is judged by; times are epoch seconds by the server's clock."""

    etag: str
    changed: float
    now: float

    @property
    def fields(self) -> dict[str, str]:
        """The header fields.

        A date has whole seconds: what changed within this one may change again in it, so the second before is given,
        by which a reader is sure to ask for the rest.
        """
        whole = min(int(self.changed), int(self.now) - 1)
        date = format_datetime(datetime.fromtimestamp(max(whole, 0), UTC), usegmt=True)
        return {"etag": self.etag, "last-modified": date}

    def unchanged(self, *, if_none_match: str | None, if_modified_since: str | None) -> bool:
        """Whether the reader has it already. Where it sends an ETag, its date says nothing more."""
        if if_none_match is not None:
            named = {tag.strip().removeprefix("W/") for tag in if_none_match.split(",")}
            return "*" in named or self.etag in named
        since = _seconds(if_modified_since)
        return since is not None and int(self.changed) <= since


def validators(body: bytes, *, changed: float, now: float) -> Validators:
    """Return a document's validators; `changed` is when its stream last changed."""
    return Validators(etag=f'"{hashlib.sha256(body).hexdigest()[:32]}"', changed=changed, now=now)


def _seconds(date: str | None) -> float | None:
    if not date:
        return None
    try:
        return parsedate_to_datetime(date).timestamp()
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
