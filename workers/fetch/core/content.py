"""Whether an answer is a page at all: by its declared type, and by its first bytes, which lie less. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from shared.outcomes import Drop, Reason
from workers.fetch.core.statuses import GOOD

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

PAGES = frozenset({"text/html", "application/xhtml+xml", "application/vnd.wap.xhtml+xml"})
# Types under which servers also send pages; their bytes must look like one.
UNCERTAIN = frozenset({"", "text/plain", "text/xml", "application/xml", "application/octet-stream", "unknown/unknown"})
MAGIC = (
    (b"%PDF-", "PDF"),
    (b"\xff\xd8\xff", "JPEG image"),
    (b"\x89PNG\r\n", "PNG image"),
    (b"GIF8", "GIF image"),
    (b"BM", "BMP image"),
    (b"II*\x00", "TIFF image"),
    (b"MM\x00*", "TIFF image"),
    (b"\x00\x00\x01\x00", "icon"),
    (b"PK\x03\x04", "ZIP or office document"),
    (b"\x1f\x8b", "gzip"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ\x00", "xz"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"Rar!", "RAR"),
    (b"\xd0\xcf\x11\xe0", "office document"),
    (b"{\\rtf", "RTF"),
    (b"%!PS", "PostScript"),
    (b"ID3", "MP3 audio"),
    (b"OggS", "Ogg media"),
    (b"fLaC", "FLAC audio"),
    (b"RIFF", "RIFF media"),
    (b"\x1aE\xdf\xa3", "Matroska video"),
    (b"FLV\x01", "FLV video"),
    (b"\x7fELF", "program"),
    (b"MZ", "program"),
    (b"\xca\xfe\xba\xbe", "program"),
    (b"\x00asm", "program"),
    (b"SQLite format 3", "database"),
    (b"wOF", "font"),
    (b"OTTO", "font"),
)
MEDIA_BOX = re.compile(rb"....ftyp", re.DOTALL)
LOOKED_AT = 4_096  # bytes
PAGE_START = re.compile(
    rb"<(?:!doctype\s{1,20}html|html|head|body|title|meta|div|p|h1|article|script|table)\b", re.IGNORECASE
)
FEED_START = re.compile(
    rb"\s{0,200}(?:<\?xml[^<>]{0,300}>|<!--[^<>]{0,500}-->|\s){0,5}<(rss|feed|rdf:rdf|urlset|sitemapindex|svg)\b",
    re.IGNORECASE,
)
JSON_START = re.compile(rb"\s*(?:\{\s*\"|\[\s*[\[{\"])")
ANY_TAG = re.compile(rb"<[a-z!/]", re.IGNORECASE)
CONTROLS = bytes(set(range(32)) - {9, 10, 12, 13, 27}) + b"\x7f"
BOMS = (b"\xff\xfe", b"\xfe\xff")
TOO_MANY_CONTROLS = 0.01  # of the bytes looked at


def media_type(headers: Mapping[str, str]) -> str:
    """The declared type, lower case, without parameters; of a repeated header the last counts (WHATWG)."""
    return headers.get("content-type", "").rpartition(",")[2].partition(";")[0].strip().lower()


def judge_type(headers: Mapping[str, str]) -> Drop | None:
    """A Drop if the headers alone say that this is no page, so that a download is not even read."""
    disposition = headers.get("content-disposition", "").partition(";")[0].strip().lower()
    if disposition == "attachment":
        return Drop(reason=Reason.NOT_HTML, detail="a download")
    kind = media_type(headers)
    if kind in PAGES | UNCERTAIN or not _is_type(kind):
        return None
    return Drop(reason=Reason.NOT_HTML, detail=kind[:100])


def wants_page(status: int, headers: Mapping[str, str]) -> bool:
    """Whether an answer's body is worth reading: for `HTTPClient.get(wants_body=…)`."""
    return status in GOOD and judge_type(headers) is None


def judge_content(headers: Mapping[str, str], body: bytes) -> Drop | None:
    """None if the body is a page, else a Drop that says what it is. Looks at the first 4 KB."""
    declared = judge_type(headers)
    if declared:
        return declared
    if not body.strip():
        return Drop(reason=Reason.NO_ARTICLE, detail="an empty page")
    return next((Drop(reason=Reason.NOT_HTML, detail=name) for name in _what_else(headers, body)), None)


def _what_else(headers: Mapping[str, str], body: bytes) -> Iterator[str]:
    """Every name of something that is no page under which the bytes could go."""
    start = body[:LOOKED_AT]
    yield from (name for magic, name in MAGIC if start.startswith(magic))
    if MEDIA_BOX.match(start):
        yield "MP4 media"
    if start.startswith(BOMS):
        return
    if len(start.translate(None, CONTROLS)) < len(start) * (1 - TOO_MANY_CONTROLS):
        yield "binary"
    if FEED_START.match(start):
        yield "a feed or other XML"
    if JSON_START.match(start):
        yield "JSON"
    if not (PAGE_START if media_type(headers) in UNCERTAIN else ANY_TAG).search(start):
        yield "no markup"


def _is_type(kind: str) -> bool:
    """Whether a Content-Type says anything: `text/html` does, `html`, `-` and `charset=utf-8` do not."""
    return bool(re.fullmatch(r"[\w.+-]+/[\w.+*-]+", kind, re.ASCII))
