"""Plain text of the short HTML that feeds carry in titles. Linear in its input, and no sanitiser."""

from __future__ import annotations

import html
import re

TAG = re.compile(r"<(?:[a-zA-Z/][^<>]*|!--[^<>]*)>")
PRIMARY_TAG = re.compile(r"^[a-zA-Z]{2,3}(?=$|[-_])")


def plain(text: str, *, markup: bool = True) -> str:
    """The words on one line; with `markup`, tags are taken out and character references resolved."""
    if markup:
        text = html.unescape(TAG.sub("", text))
    return " ".join(text.split())


def primary_language(tag: object) -> str:
    """`de` of `de-AT`, `zh` of `zh_CN`; empty for what is no language tag."""
    match = PRIMARY_TAG.match(tag.strip()) if isinstance(tag, str) else None
    return match.group().lower() if match else ""


def sound(text: str) -> str:
    """The text with lone surrogates, which JSON can spell and nothing can encode, replaced by U+FFFD."""
    if text.isascii():
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
