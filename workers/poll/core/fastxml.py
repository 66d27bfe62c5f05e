"""The fast way through the feeds that most of the web serves: well-formed UTF-8 RSS 2.0 and Atom 1.0, by lxml.

It reads only what it is certain to read as feedparser does and answers None for all the rest: another encoding, a
DOCTYPE, `xml:base`, an element that feedparser would give a meaning to and this does not. Agreement is a property test
(`tests/unit/workers/poll/test_fastxml.py`) and a benchmark over other projects' test feeds (`benchmarks/feeds.py`).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lxml import etree

from workers.poll.core.certain import ATOM, NotSureError
from workers.poll.core.fastatom import read_atom
from workers.poll.core.fastrss import read_rss

if TYPE_CHECKING:
    from workers.poll.core.certain import Outline

START = 2_000
CHARSET = re.compile(r"charset\s*=\s*[\"']?([^\s;\"']+)", re.IGNORECASE)
DECLARED = re.compile(rb"\s{0,20}<\?xml[^>]{0,200}?encoding=[\"']([\w.:-]{1,40})[\"']")
UTF_8 = frozenset({"utf-8", "utf8"})


def outline(body: bytes, *, content_type: str = "") -> Outline | None:
    """The feed, or None if only feedparser can tell."""
    if not _plainly_utf8(body, content_type) or b"<!DOCTYPE" in body[:START] or b"xml:base" in body:
        return None
    parser = etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True)
    try:
        root = etree.fromstring(body, parser)
        if root.tag == "rss":
            return read_rss(root)
        return read_atom(root) if root.tag == ATOM + "feed" else None
    except (etree.XMLSyntaxError, ValueError, NotSureError):
        return None


def _plainly_utf8(body: bytes, content_type: str) -> bool:
    """Whether header, declaration and bytes agree on UTF-8, so that no guess of feedparser's comes into play."""
    charset = CHARSET.search(content_type)
    declared = DECLARED.match(body.removeprefix(b"\xef\xbb\xbf")[:400])
    if charset and charset.group(1).lower() not in UTF_8:
        return False
    if declared and declared.group(1).decode().lower() not in UTF_8:
        return False
    if body.isascii():
        return True
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return False
    # Without a word on it, `text/…` means ASCII to feedparser, and then a guess.
    return bool(charset or declared) or not content_type.lower().startswith("text/")
