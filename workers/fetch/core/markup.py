"""What can be read off a page's markup without parsing it. Pure.

Fetching runs in threads that nobody can kill, and an HTML parser can be held up for minutes by a page made for it. So
nothing here builds a tree: each look is one pass over a bounded stretch of text with patterns that cannot backtrack
far. A page that hides its tags from these patterns only fails to be recognised here; extraction, in a process that can
be killed, sees it again.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from functools import cached_property

HEAD = 300_000  # characters in which head elements are looked for; some sites inline their whole style sheet first
TAGS = 300  # of one name that are read at most
TAG = re.compile(r"<(meta|link|base)\b([^<>]{0,2000})>", re.IGNORECASE)
# A name is never entered in its middle, and no quantifier gives back, so a tag is read in one pass.
ATTRIBUTE = re.compile(
    r"""(?<![\w:-])([a-zA-Z][\w:-]{0,40})\s{0,10}+=\s{0,10}+(?:"([^"]{0,1500})"|'([^']{0,1500})'|([^\s"'>]{1,1500}+))"""
)
TITLE = re.compile(r"<title\b[^<>]{0,300}>([^<]{0,600})", re.IGNORECASE)
HEADING = re.compile(r"<h1\b[^<>]{0,1000}>", re.IGNORECASE)
ANY_TAG = re.compile(r"<[^<>]{0,500}>")
ENDLESS_REFERENCE = re.compile(r"&#[xX]?[0-9a-fA-F]{9,}")
SPACE = re.compile(r"\s+")
HEADING_SIZE = 1_000


def unescaped(text: str) -> str:
    """Text with character references undone. One of endless digits, on which Python's own gives up, means nothing."""
    return html.unescape(ENDLESS_REFERENCE.sub("\ufffd", text)) if "&" in text else text


def attributes(tag: str) -> dict[str, str]:
    """The attributes of a tag's inside by lower-case name; the first of a name counts."""
    found: dict[str, str] = {}
    for match in ATTRIBUTE.finditer(tag[:2_000]):
        value = match[2] if match[2] is not None else match[3] if match[3] is not None else match[4]
        found.setdefault(match[1].lower(), unescaped(value).strip())
    return found


def squeezed(text: str) -> str:
    """Text with entities undone and each run of white space made one space."""
    return SPACE.sub(" ", unescaped(text)).strip()


@dataclass(frozen=True)
class Markup:
    """A page's decoded text, and what can be read off it."""

    text: str

    @cached_property
    def head(self) -> str:
        """The stretch in which head elements are looked for."""
        return self.text[:HEAD]

    @cached_property
    def _tags(self) -> list[tuple[str, dict[str, str]]]:
        tags = []
        for count, match in enumerate(TAG.finditer(self.head)):
            if count == TAGS:
                break
            tags.append((match[1].lower(), attributes(match[2])))
        return tags

    def metas(self, name: str) -> list[str]:
        """The contents of the meta elements with that `name`, `property` or `http-equiv`, in order."""
        return [
            found.get("content", "")
            for tag, found in self._tags
            if tag == "meta" and name in {found.get(key, "").lower() for key in ("name", "property", "http-equiv")}
        ]

    def link(self, relation: str) -> str:
        """The address in the first link element with that relation, or the empty string."""
        for tag, found in self._tags:
            if tag == "link" and relation in found.get("rel", "").lower().split():
                return found.get("href", "")
        return ""

    @cached_property
    def title(self) -> str:
        """The text of the title element."""
        found = TITLE.search(self.head)
        return squeezed(found[1]) if found else ""

    @cached_property
    def heading(self) -> str:
        """The text of the first h1."""
        found = HEADING.search(self.text)
        if not found:
            return ""
        inside = self.text[found.end() : found.end() + HEADING_SIZE]
        end = inside.lower().find("</h1")
        return squeezed(ANY_TAG.sub(" ", inside[: end if end >= 0 else 300]))
