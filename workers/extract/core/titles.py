"""The headline of an article, out of what the page's markup, its meta tags, its JSON-LD and the feed call it. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from lxml.html import HtmlElement

# What stands between a headline and the site's name; a dash and a colon stand in headlines too.
SEPARATOR = re.compile(
    r"\s+[|•·»«:—–-]+\s+|\s*[|｜_]\s*|(?<=[\u3040-\u9fff\uac00-\ud7af])-(?=[\u3040-\u9fff\uac00-\ud7af])"
)
BARS = re.compile(r"\s*[|｜_]\s*")
COLON = re.compile(r"[:：]\s+")
TRIMMED = " |｜_•·»«:：—–-"
WORD = re.compile(r"\w+")
SQUEEZED = re.compile(r"[\W_]+")
VOUCHED = 0.6
LONGEST = 300
# A site's name is rarely longer, nor what is left of a headline shorter.
SITE_WORDS = 4
HEADLINE_WORDS = 3
SHORT_CHARS = 8  # of a piece in a script without spaces
SHOWN_TAGS = ("h2", "h3", "b", "strong", "font")
MOST_SHOWN = 60


def title(root: HtmlElement, told: Sequence[str], sites: Sequence[str]) -> str:
    """The headline as the reader sees it: the `h1` that the page's other titles vouch for, else the best of those.

    `told` are the titles that others give, best first; `sites` the site's names. A site's name is no headline.
    """
    names = {key for one in sites if (key := _squeezed(one))}
    document = text_of(next(root.iter("title"), None))
    titles = [one for one in told if one and _squeezed(one) not in names]
    headings = [text for h1 in root.iter("h1") if 0 < len(text := text_of(h1)) <= LONGEST]
    vouched = [
        (max(likeness(heading, one) for one in (*titles, document, "")), -at, heading)
        for at, heading in enumerate(headings)
        if _squeezed(heading) not in names or len(headings) == 1
    ]
    if vouched and max(vouched)[0] >= VOUCHED:
        return max(vouched)[2]
    if not titles and document and (shown := _shown(root, document)):
        return shown
    for candidate in (*titles, document):
        if bare := without_site(candidate, names):
            return bare
    return headings[0] if headings else ""


def text_of(element: HtmlElement | None) -> str:
    """An element's text, white space folded; empty for none."""
    return " ".join("".join(element.itertext()).split()) if element is not None else ""


def likeness(left: str, right: str) -> float:
    """How much of the two texts' words they share: 0..1, and high when the shorter one is the longer one's beginning."""
    mine, yours = WORD.findall(left.lower()), WORD.findall(right.lower())
    if not mine or not yours:
        return 0.0
    shared = len(set(mine) & set(yours))
    return max(shared / len(set(mine) | set(yours)), 0.95 * (yours[: len(mine)] == mine and len(mine) > 2))


def without_site(text: str, names: Iterable[str]) -> str:
    """A title without the site's name before or after it; `names` are squeezed (letters and digits, lower case)."""
    found, known = text, set(names)
    while (cut := _cut(found, known)) and cut != found:
        found = cut
    return found


def _cut(text: str, names: set[str]) -> str:
    pieces = SEPARATOR.split(text)
    first = COLON.split(text, maxsplit=1)
    if len(first) > 1 and _squeezed(first[0]) in names:
        return first[1].strip(TRIMMED)
    if len(pieces) < 2:
        return text
    if _squeezed(pieces[0]) in names:
        return text[text.find(pieces[0]) + len(pieces[0]) :].strip(TRIMMED)
    head = text[: text.rfind(pieces[-1])].rstrip(TRIMMED)
    if _squeezed(pieces[-1]) in names or _is_a_sites_name(pieces[-1], head):
        return head
    return _longest_between_bars(text)


def _is_a_sites_name(last: str, first: str) -> bool:
    """Whether the last piece of a title is short beside the first and begins as names do."""
    if not last[:1].isascii() and " " not in first:
        return len(last) <= SHORT_CHARS <= len(first)
    return len(last.split()) <= SITE_WORDS and len(first.split()) >= HEADLINE_WORDS and not last[:1].islower()


def _longest_between_bars(text: str) -> str:
    """Of "Name | A headline of several words" the headline; a bar stands in no headline."""
    pieces = [piece for piece in BARS.split(text) if piece]
    longest = max(pieces, key=len, default=text)
    return longest if len(longest.split()) > SITE_WORDS else text


def _shown(root: HtmlElement, document: str) -> str:
    """The part of the document's title that the page shows as a heading, for want of an `h1`."""
    wanted = {
        _squeezed(part): part
        for pattern in (SEPARATOR, COLON)
        for part in pattern.split(document, maxsplit=1)
        if len(part.split()) >= HEADLINE_WORDS or len(part) > 2 * SHORT_CHARS
    }
    for at, element in enumerate(root.iter(*SHOWN_TAGS)):
        if at >= MOST_SHOWN:
            break
        if found := wanted.get(_squeezed(text_of(element)[:LONGEST])):
            return found
    return ""


def _squeezed(text: str) -> str:
    return SQUEEZED.sub("", text.lower())
