"""The page's JSON-LD: the one object that describes the article, out of whatever graph the page declares. Pure."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from shared.surrogates import sound

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from lxml.html import HtmlElement

ARTICLE = re.compile(r"(article|posting|report|webpage)$", re.IGNORECASE)
MOST_CHARS = 400_000
MOST_NODES = 2_000
TRAILING_COMMA = re.compile(r",\s*(?=[}\]])")
SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")  # rare; a lone one could not be written with the article
# What scripts wrap JSON into: a comment of HTML or of a script, a CDATA section.
WRAPPING = re.compile(
    r"^\s*(?:<!--|/\*.{0,200}?\*/|(?://|/\*)?\s*<!\[CDATA\[\s*(?:\*/)?)|(?:-->|(?://|/\*)?\s*\]\]>\s*(?:\*/)?)\s*$",
    re.DOTALL,
)
BETWEEN = " \t\r\n,;"
KIND = re.compile(r"\"@type\"\s*:\s*\[?\s*\"(\w*(?:Article|Posting|Report))\"")
FIELD = re.compile(r"\"(headline|datePublished|dateModified|inLanguage)\"\s*:\s*\"([^\n]{1,300}?)\"\s*[,}\]\n]")
AUTHOR = re.compile(r"\"author\"\s*:\s*\[?\s*\{[^{}]{0,300}?\"name\"\s*:\s*\"([^\"]{2,80})\"")
REFERRING = frozenset(("author", "creator", "publisher", "image"))
Node = dict[str, Any]


def article_node(root: HtmlElement, url: str = "", title: str = "") -> Node:
    """The JSON-LD node of the article, WebPage only for want of a better one; an empty dict when there is none.

    Of several articles the one at the page's address is meant, or that whose headline is in the document's title.
    """
    nodes = list(_all_nodes(root))
    articles = [node for node in nodes if any(ARTICLE.search(kind) for kind in types(node))]
    best = max(articles, key=lambda node: _merit(node, url, title), default={})
    named = {str(node["@id"]): node for node in nodes if "@id" in node and len(node) > 1}
    return {key: _resolved(value, named) if key in REFERRING else value for key, value in best.items()}


def _resolved(value: object, named: Mapping[str, Node]) -> object:
    """A value whose references to other nodes of the graph are those nodes."""
    if isinstance(value, list):
        return [_resolved(one, named) for one in value]
    return (
        named.get(str(value["@id"]), value)
        if isinstance(value, dict) and set(value) <= {"@id", "@type"} and "@id" in value
        else value
    )


def types(node: Node) -> list[str]:
    """The node's types without their vocabulary."""
    kinds = node.get("@type")
    return [str(kind).rsplit("/", 1)[-1] for kind in (kinds if isinstance(kinds, list) else [kinds]) if kind]


def text(value: object) -> str:
    """A value that ought to be a text: of a list its first, of an object its name or address."""
    for _ in range(4):
        if isinstance(value, list):
            value = value[0] if value else ""
        elif isinstance(value, dict):
            value = value.get("name") or value.get("url") or value.get("@id") or value.get("@value") or ""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return " ".join(value.split()) if isinstance(value, str) else ""


def name(value: object) -> str:
    """The name of a person or an organisation; an address is none."""
    found = text(value)
    return "" if found.startswith(("http:", "https:", "#", "/")) else found


def address(value: object) -> str:
    """The address of an image: of a list its first."""
    while isinstance(value, list):
        value = value[0] if value else ""
    if isinstance(value, dict):
        value = value.get("url") or value.get("contentUrl") or ("" if "@type" in value else value.get("@id"))
    return text(value)


def _merit(node: Node, url: str, title: str) -> tuple[bool, bool, bool, int]:
    is_page = all(kind.lower().endswith("webpage") for kind in types(node))
    wanted = ("headline", "datePublished", "author", "articleBody", "image", "publisher")
    here = bool(url) and url.split("#", maxsplit=1)[0] in {
        address(node.get(key)) for key in ("url", "mainEntityOfPage", "@id")
    }
    headline = text(node.get("headline"))
    titled = bool(headline) and headline.lower() in title.lower()
    return not is_page, here or titled, titled, sum(bool(node.get(key)) for key in wanted)


def _all_nodes(root: HtmlElement) -> Iterator[Node]:
    count = 0
    for script in root.iter("script"):
        if "ld+json" not in (script.get("type") or "").lower():
            continue
        waiting: list[object] = [_loaded(script.text or "")]
        while waiting and count < MOST_NODES:
            value = waiting.pop(0)
            count += 1
            if isinstance(value, list):
                waiting.extend(value)
            elif isinstance(value, dict):
                yield value
                waiting.extend(value[key] for key in ("@graph", "mainEntity", "mainEntityOfPage") if key in value)


def _loaded(source: str) -> object:
    """A script's value; of several one after the other a list, of a broken one what can be read off it."""
    if len(source) > MOST_CHARS:
        return None
    source = WRAPPING.sub("", source).strip().rstrip(";")
    for attempt in (source, TRAILING_COMMA.sub("", source)):
        try:
            return _sound(_values(attempt), attempt)
        except (ValueError, RecursionError):
            continue
    return _sound(_salvaged(source), source)


def _values(source: str) -> list[object]:
    decoder, at = json.JSONDecoder(strict=False), 0
    found: list[object] = []
    while at < len(source):
        value, at = decoder.raw_decode(source, at)
        found.append(value)
        at += len(source[at:]) - len(source[at:].lstrip(BETWEEN))
    return found


def _sound(value: object, source: str) -> object:
    return json.loads(sound(json.dumps(value, ensure_ascii=False))) if SURROGATE.search(source) else value


def _salvaged(source: str) -> Node:
    """The plain texts of an article in JSON that no parser takes: an unescaped quotation mark, an end that is missing."""
    kind = KIND.search(source)
    if kind is None:
        return {}
    found: Node = {"@type": kind[1]}
    for key, value in FIELD.findall(source):
        found.setdefault(key, value)
    if author := AUTHOR.search(source):
        found["author"] = author[1]
    return found
