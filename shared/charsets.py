"""Which character encoding a page's or feed's bytes are in, and their text. Pure.

A label from the network never reaches Python's codec registry by itself: among its codecs are `hex`, `idna` and
`punycode`, on which other libraries crash or stall. Labels are looked up in the WHATWG table; the rest is sniffed.
"""

from __future__ import annotations

import re
import tomllib
from functools import lru_cache
from importlib import resources

FALLBACK = "cp1252"
PRESCAN = 4_096  # bytes in which a page must declare its encoding; the standard asks for 1,024, pages for more
SNIFFED = 65_536  # bytes that are tried against a language's encodings
BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
LABEL = re.compile(r"charset\s{0,20}=\s{0,20}[\"']?\s{0,20}([\w.:+-]{1,40})", re.IGNORECASE | re.ASCII)
DECLARED = re.compile(rb"<meta\b[^<>]{0,400}?\bcharset\s{0,20}=\s{0,20}[\"']?\s{0,20}([\w.:+-]{1,40})", re.IGNORECASE)
XML_DECLARED = re.compile(rb"\A\s{0,20}<\?xml\b[^<>]{0,200}?\bencoding\s{0,20}=\s{0,20}[\"']([\w.:+-]{1,40})")
LANGUAGE = re.compile(rb"<html\b[^<>]{0,600}?\blang\s{0,20}=\s{0,20}[\"']?([a-z]{2})", re.IGNORECASE)
# Tried in this order when nothing declares the encoding; the first that reads the bytes without an error is taken.
BY_LANGUAGE = {
    b"ja": ("cp932", "euc_jp"),
    b"zh": ("gb18030", "big5hkscs"),
    b"ko": ("cp949",),
    b"ru": ("cp1251",),
    b"uk": ("cp1251",),
    b"bg": ("cp1251",),
    b"el": ("cp1253",),
    b"tr": ("cp1254",),
    b"he": ("cp1255",),
    b"ar": ("cp1256",),
    b"pl": ("cp1250",),
    b"cs": ("cp1250",),
    b"hu": ("cp1250",),
    b"th": ("cp874",),
}


@lru_cache(maxsize=1)
def _codecs() -> dict[str, str]:
    table = tomllib.loads(resources.files("shared").joinpath("data/encodings.toml").read_text("utf-8"))
    return {label: codec for codec, labels in table.items() for label in labels}


def codec_of_label(label: str) -> str:
    """The Python codec for a label of the WHATWG standard, or the empty string for any other."""
    return _codecs().get(label.strip().lower(), "")


def charset_of(body: bytes, content_type: str = "") -> str:
    """The Python codec to read `body` with; `content_type` is the whole header value.

    A byte order mark decides first. Bytes beyond ASCII that are valid UTF-8 are UTF-8 whatever is claimed: no other
    encoding hits that by chance, and a server's default label is a common lie. Then come the header, the page's own
    declaration, the encodings of the page's language, and windows-1252.
    """
    for mark, codec in BOMS:
        if body.startswith(mark):
            return codec
    if not body.isascii() and _reads(body, "utf-8"):
        return "utf-8"
    declared = _from_header(content_type) or _from_page(body)
    if declared and (declared != "utf-8" or body.isascii()):
        return declared
    return _sniffed(body) or declared or FALLBACK


def decode(body: bytes, codec: str) -> str:
    """The text of `body`; what the codec cannot read becomes U+FFFD, a byte order mark is left out."""
    return body.decode(codec, "replace").removeprefix("\ufeff")


def _from_header(content_type: str) -> str:
    found = LABEL.search(content_type[:500])
    return codec_of_label(found[1]) if found else ""


def _from_page(body: bytes) -> str:
    """What the page says of itself. Bytes in which that can be read as ASCII are not UTF-16, whatever they say."""
    head = body[:PRESCAN]
    found = DECLARED.search(head) or XML_DECLARED.search(head)
    codec = codec_of_label(found[1].decode("ascii")) if found else ""
    return "utf-8" if codec.startswith("utf-16") else codec


def _sniffed(body: bytes) -> str:
    if body.isascii():
        return "utf-8"
    language = LANGUAGE.search(body[:PRESCAN])
    candidates = BY_LANGUAGE.get(language[1].lower(), ()) if language else ()
    return next((codec for codec in candidates if _reads(body[:SNIFFED], codec)), "")


def _reads(body: bytes, codec: str) -> bool:
    """Whether the codec reads the bytes; the last character may be cut off."""
    try:
        body.decode(codec)
    except UnicodeDecodeError as error:
        return error.start >= len(body) - 4 and error.end == len(body)
    return True
