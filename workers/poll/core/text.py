"""Plain text of the short HTML that feeds carry in titles. Linear in its input, and no sanitiser."""

from __future__ import annotations

import contextlib
import html
import re

TAG = re.compile(r"<(?:[a-zA-Z/][^<>]*|!--[^<>]*)>")
MARKUP = re.compile(r"</\w+\s*>|<\w[^<>]*/>|&(?:#\d{1,7}|#x[0-9a-f]{1,6}|\w{2,31});", re.IGNORECASE)
# The five codes that Windows-1252 leaves empty stay as they are.
WINDOWS_1252 = {
    code: bytes([code]).decode("cp1252") for code in range(0x80, 0xA0) if code not in {0x81, 0x8D, 0x8F, 0x90, 0x9D}
}
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


def looks_like_markup(text: str) -> bool:
    """Whether a title that should be plain text is HTML all the same: it closes a tag or has a character reference."""
    return MARKUP.search(text) is not None


def mended(text: str) -> str:
    """UTF-8 that was taken for Latin-1 and encoded again, and Windows-1252 given as C1 controls, set right."""
    if text.isascii():
        return text
    with contextlib.suppress(UnicodeError):
        text = text.encode("iso-8859-1").decode("utf-8")
    return text.translate(WINDOWS_1252)
