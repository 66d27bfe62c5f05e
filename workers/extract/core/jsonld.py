"""The page's JSON-LD: the one object that describes the article, out of whatever graph the page declares. Pure."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from shared.surrogates import sound

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.html import HtmlElement

ARTICLE = re.compile(r"(article|posting|report|webpage)$", re.IGNORECASE)
MOST_CHARS = 400_000
MOST_NODES = 2_000
TRAILING_COMMA = re.compile(r",\s*(?=[}\]])")
SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")  # rare; a lone one could not be written with the article
Node = dict[str, Any]


def article_node(root: HtmlElement) -> Node:
    """The JSON-LD node of the article, WebPage only for want of a better one; an empty dict when there is none."""
    nodes = [node for node in _all_nodes(root) if any(ARTICLE.search(kind) for kind in types(node))]
    return max(nodes, key=_merit, default={})


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
    return " ".join(value.split()) if isinstance(value, str) else ""


def _merit(node: Node) -> tuple[bool, int]:
    is_page = all(kind.lower().endswith("webpage") for kind in types(node))
    wanted = ("headline", "datePublished", "author", "articleBody", "image", "publisher")
    return not is_page, sum(bool(node.get(key)) for key in wanted)


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
    if len(source) > MOST_CHARS:
        return None
    source = source.strip().removeprefix("<!--").removesuffix("-->").strip().rstrip(";")
    for attempt in (source, TRAILING_COMMA.sub("", source)):
        try:
            value: object = json.loads(attempt, strict=False)
            if SURROGATE.search(attempt):
                value = json.loads(sound(json.dumps(value, ensure_ascii=False)))
        except (ValueError, RecursionError):
            continue
        return value
    return None
