"""The verdict on a fetched page: one call for the step, in the order in which the questions make sense. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from shared.charsets import charset_of, decode
from workers.fetch.core.content import judge_content
from workers.fetch.core.markup import Markup
from workers.fetch.core.onward import canonical_url, lesser_copy_of, refresh_target
from workers.fetch.core.rights import rights
from workers.fetch.core.seen import Seen
from workers.fetch.core.walls import judge_wall

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shared.outcomes import Drop


@dataclass(frozen=True, kw_only=True)
class Fetched:
    """An answer with a good status. `asked` is the URL that was asked for, `url` where the answer came from."""

    asked: str
    url: str
    headers: Mapping[str, str]
    body: bytes
    entry_title: str = ""


@dataclass(frozen=True, kw_only=True)
class PageVerdict:
    """What to do with a page: `drop` it, or `follow` another URL first, or pass it on.

    `charset` is the Python codec of its bytes, `rights` why its full text may not be passed on (or empty), `canonical`
    the URL it calls its own (or empty).
    """

    drop: Drop | None = None
    follow: str = ""
    charset: str = ""
    rights: str = ""
    canonical: str = ""


def judge_page(fetched: Fetched) -> PageVerdict:
    """The verdict. A page that sends its reader on is not judged for what it says meanwhile."""
    dropped = judge_content(fetched.headers, fetched.body)
    if dropped:
        return PageVerdict(drop=dropped)
    charset = charset_of(fetched.body, fetched.headers.get("content-type", ""))
    page = Markup(decode(fetched.body, charset))
    refresh = refresh_target(page, fetched.url, fetched.headers.get("refresh", ""))
    onward = refresh or lesser_copy_of(page, fetched.url)
    seen = Seen(page=page, url=fetched.url, asked=fetched.asked, entry_title=fetched.entry_title)
    return PageVerdict(
        drop=None if onward else judge_wall(seen),
        follow=onward,
        charset=charset,
        rights=rights(fetched.headers, page),
        canonical=canonical_url(page, fetched.url),
    )
