"""What a document would cost feedparser, estimated in one linear pass, so that a hostile one is refused unread.

A poll runs in a thread that nobody can kill, so the cost has to be known before. feedparser 6.0.14 is linear in
ordinary markup and quadratic in four things; the rates below were measured on one core and rounded up:

    the length of one tag              attributes are looked up one by one
    a run of address characters        the author e-mail pattern is tried at each of them (feedparser#562)
    the depth of open elements         bases and languages are stacked, and bases joined, at each level
    the tags of one entry              each is compared with all before it
"""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_SECONDS = 8.0
A_BYTE = 2.5e-6
A_TAG_BYTE_SQUARED = 3e-10
A_RUN_BYTE_SQUARED = 6e-9
A_LEVEL_SQUARED = 2.5e-9
A_BASED_LEVEL_SQUARED = 1.2e-7
A_LABEL_SQUARED = 3e-8

LONG_TAG = re.compile(rb"<[^<>]{512,}")
LONG_RUN = re.compile(rb"(?<![A-Za-z0-9_.+@-])[A-Za-z0-9_.+@-]{256,}")
TAG = re.compile(rb"<(/?)[A-Za-z][^<>]*")
ENTRY = re.compile(rb"<(?:[A-Za-z]{1,10}:)?(?:item|entry)\b")
LABEL = re.compile(rb"<(?:[A-Za-z]{1,10}:)?(?:category|keywords|subject|tags)\b")
LISTS = re.compile(rb"<(?:[A-Za-z]{1,10}:)?(?:keywords|tags)\b")
BASE = re.compile(rb"\bbase\s*=")


def seconds(body: bytes) -> float:
    """About how long feedparser would take, at most; linear in the body."""
    markup = b"".join(_outside_cdata(body))
    depth = _depth(markup)
    rate = A_BASED_LEVEL_SQUARED if BASE.search(markup) else A_LEVEL_SQUARED
    return (
        len(body) * A_BYTE
        + sum(len(match.group()) ** 2 for match in LONG_TAG.finditer(markup)) * A_TAG_BYTE_SQUARED
        + sum(len(match.group()) ** 2 for match in LONG_RUN.finditer(body)) * A_RUN_BYTE_SQUARED
        + depth**2 * rate
        + sum(count**2 for count in _labels(body)) * A_LABEL_SQUARED
    )


def _outside_cdata(body: bytes) -> Iterator[bytes]:
    """What a parser takes for markup; a section that never ends is taken for markup too."""
    start = 0
    while (opened := body.find(b"<![CDATA[", start)) >= 0 and (closed := body.find(b"]]>", opened)) >= 0:
        yield body[start:opened]
        start = closed
    yield body[start:]


def _depth(markup: bytes) -> int:
    """The most elements that are open at once, counting those that nobody closes."""
    depth = deepest = 0
    for match in TAG.finditer(markup):
        if match.group(1):
            depth = max(depth - 1, 0)
        elif not match.group().endswith(b"/"):
            depth += 1
            deepest = max(deepest, depth)
    return deepest


def _labels(body: bytes) -> Iterator[int]:
    """How many categories and keywords each entry has, at most."""
    starts = [0, *(match.start() for match in ENTRY.finditer(body)), len(body)]
    for start, end in itertools.pairwise(starts):
        part = body[start:end]
        yield len(LABEL.findall(part)) + (part.count(b",") if LISTS.search(part) else 0)
