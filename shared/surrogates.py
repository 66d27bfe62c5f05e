"""Texts that cannot be encoded: JSON can spell half of a surrogate pair, and nothing can write it anywhere. Pure."""

from __future__ import annotations


def sound(text: str) -> str:
    """The text with lone surrogates replaced by U+FFFD; two halves of one pair become the character they mean."""
    if text.isascii():
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
