"""The people who wrote an article, out of what its page says of them. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from workers.extract.core import jsonld
from workers.extract.core.titles import text_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from lxml.html import HtmlElement

NOT_A_NAME = re.compile(
    r"https?:|www\.|@|\d{3}|^#|^(admin|administrator|webmaster|staff|unknown|none|null|author|jr|sr|ii|iii|phd|md|esq)$",
    re.IGNORECASE,
)
# What a person is, and not who; counts only beside a name.
ROLE = re.compile(
    r"\b(correspondent|reporter|editor|writer|columnist|contributor|journalist|producer|analyst|bureau|chief|staff|freelance\w*|"
    r"redakteur\w*|korrespondent\w*|journaliste|correspondant\w*|rédact\w+|corresponsal|periodista|редактор|корреспондент)\b",
    re.IGNORECASE,
)
ADDRESS = re.compile(r"https?:|www\.|@")
BY = re.compile(
    r"^(by|von|par|por|da|di|door|av|af|written by|text|autor|author|auteur|автор|文|作者|記者|记者|编辑|編輯|撰文|기자)\s*[:：]?\s+",
    re.IGNORECASE,
)
BYLINE = re.compile(r"^(?:by|von|par|por|door|written by|автор)\s*:?\s+(?=[^\W\d_])", re.IGNORECASE)
BYLINE_ENDS = re.compile(r"\s*(?:[|•·/–—]|\d|\s-\s|\bupdated\b|\bpublished\b|\bon\b|\bam\b)", re.IGNORECASE)
BETWEEN_NAMES = re.compile(r"\s*(?:,|;|/|\||、|\s&\s|\sand\s|\sund\s|\set\s|\sen\s|\soch\s)\s*")
# "y" and "e" stand between two people only where each of them has two names: José Ortega y Gasset is one.
SPANISH_AND = re.compile(r"^(\S+ \S+(?: \S+)?) (?:y|e) (\S+ \S+(?: \S+)?)$")
ASIDE = re.compile(r"\s*\([^()]{1,40}\)")
AUTHOR_METAS = (
    "author",
    "parsely-author",
    "sailthru.author",
    "article:author",
    "dc.creator",
    "dcterms.creator",
    "byl",
    "citation_author",
    "cxenseparse:author",
)
MOST_AUTHORS = 12


def authors(root: HtmlElement, node: jsonld.Node, metas: Mapping[str, str]) -> tuple[str, ...]:
    """Who wrote it, in the order of the first witness that names anybody; no addresses, no accounts."""
    told = node.get("author") or node.get("creator")
    for names in (list(_people(told)), *([metas.get(key, "")] for key in AUTHOR_METAS)):
        if found := _names(names):
            return found
    return _names(_marked(root)) or _names(_bylines(root))


def _people(told: object) -> Iterator[str]:
    for one in told if isinstance(told, list) else [told]:
        name = one.get("name") if isinstance(one, dict) else None
        yield from (jsonld.text(each) for each in (name if isinstance(name, list) else [one]))


def _marked(root: HtmlElement) -> list[str]:
    marked = root.xpath(
        "//*[@rel='author' or @itemprop='author' or contains(@class,'author-name') or contains(@class,'byline__name')"
        " or contains(@class,'byline-name')][not(ancestor::aside or ancestor::footer)]"
    )
    return [text for element in marked[:4] if len(text := text_of(element)) <= 80]


def _bylines(root: HtmlElement) -> list[str]:
    """What follows "By" in the first element that is called a byline."""
    called = root.xpath(
        "//*[contains(@class,'byline') or contains(@class,'author')][not(ancestor::aside or ancestor::footer)]"
    )
    for element in called[:8]:
        text = text_of(element)
        if len(text) <= 160 and (by := BYLINE.match(text)):
            return [BYLINE_ENDS.split(text[by.end() :], maxsplit=1)[0]]
    return []


def _names(texts: Iterable[str]) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for text in texts:
        if ADDRESS.search(text):
            continue
        parts = list(_parts(ASIDE.sub("", BY.sub("", text))))
        people = [part for part in parts if not ROLE.search(part)] or parts
        for part in people:
            if 2 <= len(part) <= 60 and not NOT_A_NAME.search(part) and len(part.split()) <= 6:
                found.setdefault(part)
    return tuple(found)[:MOST_AUTHORS]


def _parts(text: str) -> Iterator[str]:
    for part in BETWEEN_NAMES.split(text):
        name = part.strip(" .,:-–—|\"'")
        both = SPANISH_AND.match(name)
        yield from (both[1], both[2]) if both else (name,)
