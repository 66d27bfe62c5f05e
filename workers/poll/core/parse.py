"""Which parser a document is for. The bytes decide, not what the server calls them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from shared.errors import PermanentError
from shared.outcomes import Reason
from workers.poll.core.jsonfeed import parse_json
from workers.poll.core.sitemap import parse_sitemap
from workers.poll.core.xmlfeed import parse_xml

if TYPE_CHECKING:
    from workers.poll.core.values import ParsedFeed

START = 4096
SITEMAP = re.compile(rb"<(?:\w{1,20}:)?(?:urlset|sitemapindex)[\s>]")
HTML = re.compile(rb"(?:<\?xml[^>]{0,200}>\s{0,50})?<(?:!doctype\s{1,20}html|html)\b", re.IGNORECASE)
BLANK = b" \t\r\n\xef\xbb\xbf\x00\xff\xfe"


def parse(body: bytes, *, url: str, now: float, content_type: str = "") -> ParsedFeed:
    """The feed in `body`, fetched from the canonical `url`; `content_type` is the response header as it came.

    Raises PermanentError: NOT_A_FEED for what no parser recognises, HOSTILE_PAGE for what would take too long to parse.
    Never opens a file or a connection.
    """
    start = body.lstrip(BLANK)[:START]
    if not start:
        raise PermanentError(Reason.NOT_A_FEED, "the document is empty")
    if start[:1] == b"{":
        return parse_json(body, url=url, now=now)
    if HTML.match(start):
        raise PermanentError(Reason.NOT_A_FEED, "the document is an HTML page")
    if SITEMAP.search(start):
        return parse_sitemap(body, url=url, now=now)
    return parse_xml(body, url=url, now=now, content_type=content_type)
