"""The full text that a feed carries, as a page for extraction: used where the site's own page is walled. Pure."""

from __future__ import annotations

from html import escape


def feed_page(content: str, *, title: str, language: str = "") -> bytes:
    """A plain page in UTF-8 with the entry's HTML as its article."""
    lang = f' lang="{escape(language)}"' if language else ""
    return (
        f'<!doctype html><html{lang}><head><meta charset="utf-8"><title>{escape(title)}</title></head>'
        f"<body><article><h1>{escape(title)}</h1>{content}</article></body></html>"
    ).encode()
