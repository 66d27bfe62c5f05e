"""The gate before the parser: markup that is built to exhaust it is recognised from the text alone, in linear time.

libxml2 compares each attribute of a tag with all those before it: 40,000 attributes in one tag (350 KB) cost 1.7 s. Not
a proof of harmlessness: the caller still runs extraction in a process it can kill.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

# The most of an ordinary article page (largest of 1,193 labelled pages: 9,770) with room for long tables and live blogs.
MOST_TAGS = 60_000
MOST_CHARS = 5_000_000
# One tag this size costs 4 ms; 5 MB of them about a second.
MOST_ATTRIBUTES = 2_000
# A `<` in a script looks like a tag to us and not to the parser; only the absurd is believed there.
MOST_ATTRIBUTES_IN_SCRIPT = 10_000
REACH = 8193
SUSPECT = re.compile(rf"<[a-zA-Z][^<]{{{REACH - 1}}}")
# A tag as HTML reads it: a quote is a delimiter only after an equals sign, and `>` within quotes does not end the tag.
QUOTED = r"=\s*+(?>\"[^\"]*+\"|'[^']*+')"
EXTENT = re.compile(rf"<[a-zA-Z](?>{QUOTED}|[^>=]++|=)*+")
VALUE = re.compile(QUOTED)
GAP = re.compile(r"[\s/]+")


def hostility(text: str) -> str:
    """Why this markup must not reach a parser; empty when it may."""
    if len(text) > MOST_CHARS:
        return f"{len(text)} characters"
    if (tags := text.count("<")) > MOST_TAGS:
        return f"{tags} tags"
    for start in suspects(text):
        extent = EXTENT.match(text, start)
        if extent and (found := len(GAP.findall(VALUE.sub("= ", extent[0])))) > _bound(text, start):
            return f"a tag with {found} attributes"
    return ""


def suspects(text: str) -> Iterator[int]:
    """Where tags begin that no other `<` follows within reach.

    Goes by leaps to the last `<` within reach, so that a page costs a look every few thousand characters.
    """
    at = text.find("<")
    while at >= 0:
        if SUSPECT.match(text, at):
            yield at
        last = text.rfind("<", at + 1, at + 1 + REACH)
        at = last if last >= 0 else text.find("<", at + REACH)


def _bound(text: str, start: int) -> int:
    in_script = text.rfind("<script", 0, start) > text.rfind("</script", 0, start)
    return MOST_ATTRIBUTES_IN_SCRIPT if in_script else MOST_ATTRIBUTES
