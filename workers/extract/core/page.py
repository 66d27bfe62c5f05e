"""From bytes to one parsed tree, which everything else shares."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from lxml import etree, html

from workers.extract.core.gate import hostility

# Deeper than any real page (most in 1,193 labelled ones: 53), and well within what recursive code stands.
DEEPEST = 250
# What no document may hold; deleted from the encoded text, which takes a third of the time that it takes in the text.
CONTROLS = bytes((*range(9), 11, 12, *range(14, 32), 127))
NONCHARACTERS = ("\ufffe".encode(), "\uffff".encode())
# One class for all elements, looked up in C; lxml.html's own lookup calls Python for each.
ELEMENTS = etree.ElementDefaultClassLookup(element=html.HtmlElement)
META_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]{2,40})", re.IGNORECASE)
XML_CHARSET = re.compile(rb"^\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([A-Za-z0-9_.:-]{2,40})", re.IGNORECASE)
# The Encoding Standard's encodings that Python has; what it calls Latin-1 and ASCII are read as windows-1252.
CHARSETS = {
    **{
        name: name
        for name in (
            "utf-8 utf-16-le utf-16-be cp1250 cp1251 cp1252 cp1253 cp1254 cp1255 cp1256 cp1257 cp1258 cp874 cp866 "
            "iso8859-2 iso8859-3 iso8859-4 iso8859-5 iso8859-6 iso8859-7 iso8859-8 iso8859-10 iso8859-13 iso8859-14 "
            "iso8859-15 iso8859-16 koi8-r koi8-u mac-roman gb18030 big5 big5hkscs euc_jp shift_jis cp932 iso2022_jp "
            "euc_kr cp949"
        ).split()
    },
    "iso8859-1": "cp1252",
    "ascii": "cp1252",
    "iso8859-9": "cp1254",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "utf-16": "utf-16-le",
}


# What a page of a language is in that is no UTF-8 and says nothing: the Encoding Standard's fallbacks, tried strictly in turn.
LEGACY = {
    "zh": ("gb18030", "big5"), "ja": ("cp932", "euc_jp"), "ko": ("cp949",), "ru": ("cp1251",), "uk": ("cp1251",), "bg": ("cp1251",),
    "be": ("cp1251",), "sr": ("cp1251",), "kk": ("cp1251",), "ar": ("cp1256",), "fa": ("cp1256",), "he": ("cp1255",), "el": ("cp1253",),
    "tr": ("cp1254",), "th": ("cp874",), "vi": ("cp1258",), "pl": ("iso8859-2", "cp1250"), "cs": ("cp1250",), "sk": ("cp1250",),
    "hu": ("iso8859-2", "cp1250"), "sl": ("cp1250",), "hr": ("cp1250",), "lt": ("cp1257",), "lv": ("cp1257",), "et": ("cp1257",),
}  # fmt: skip
LANGUAGE = re.compile(rb"<html\b[^>]{0,400}?\blang\s*=\s*[\"']?\s*([A-Za-z]{2,3})\b", re.IGNORECASE)
# A page's own label may stand below a long script; browsers look that far, too.
LABEL_WITHIN = 65_536
# How files begin that are no page, whatever their name or type says.
OTHER_FILES = (
    b"%PDF-",
    b"PK\x03\x04",
    b"\x89PNG",
    b"GIF8",
    b"\xff\xd8\xff",
    b"\x1f\x8b",
    b"\x7fELF",
    b"\xd0\xcf\x11\xe0",
)
BINARY = bytes((*range(1, 9), 11, *range(14, 27), *range(28, 32)))
SAMPLE = 2_048
MOST_BINARY = 0.05
# Share of a page's first bytes that are zeros at every second place when it is in UTF-16, those of its markup; and at the others.
WIDE, NARROW = 0.1, 0.02


class HostilePageError(ValueError):
    """The markup is built to exhaust whoever parses it."""


@dataclass(frozen=True, kw_only=True)
class Page:
    """A parsed page: the root of its tree, its address, and the markup. The tree is shared and must not be changed."""

    root: html.HtmlElement
    url: str
    text: str = ""

    @property
    def elements(self) -> int:
        """About how many elements the page has: half its tags."""
        return self.text.count("<") // 2


def charset_of(label: str) -> str | None:
    """Python's name of an encoding that pages may be in; None for any other label."""
    try:
        return CHARSETS.get(codecs.lookup(label.strip()).name)
    except (LookupError, UnicodeError, ValueError):
        return None


def decode(data: bytes, charset: str = "") -> str:
    """Bytes as text: byte order mark, then the label of the transport, then the page's own, then UTF-8 or windows-1252."""
    for mark, name in (
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
    ):
        if data.startswith(mark):
            return data[len(mark) :].decode(name, "replace")
    if wide := _wide(data[:SAMPLE]):
        return data.decode(wide, "replace")
    head = data[:LABEL_WITHIN]
    declared = META_CHARSET.search(head) or XML_CHARSET.search(head)
    for label in (charset, declared[1].decode("ascii") if declared else ""):
        known = charset_of(label) if label else None
        # A page whose label could be read as ASCII is not in a two-byte encoding, whatever it says.
        if known and not (declared and known.startswith("utf-16")):
            return _decode_as(data, known)
    return _decode_as(data, "utf-8")


def _decode_as(data: bytes, name: str) -> str:
    if name == "utf-8":
        try:
            return data.decode("utf-8")
        except UnicodeDecodeError as error:
            # One broken byte in a long page is a slip; an early one means that the label is wrong.
            if data[: error.start].isascii() and not _mostly_utf8(data):
                return _decode_unlabelled(data)
    return data.decode(name, "replace")


def _decode_unlabelled(data: bytes) -> str:
    language = LANGUAGE.search(data[:SAMPLE])
    for name in LEGACY.get(language[1].decode("ascii").lower(), ()) if language else ():
        try:
            return data.decode(name)
        except UnicodeDecodeError:
            continue
    return data.decode("cp1252", "replace")


def _wide(head: bytes) -> str:
    """The encoding of a page in UTF-16 without a mark, by where its zeros are; empty for any other."""
    if len(head) < 4 or b"\0" not in head:
        return ""
    even, odd = head[::2].count(0) / len(head), head[1::2].count(0) / len(head)
    return "utf-16-le" if odd > WIDE and even < NARROW else "utf-16-be" if even > WIDE and odd < NARROW else ""


def is_binary(data: bytes) -> bool:
    """Whether bytes are a file of another kind: an image, a PDF, an archive."""
    if data.startswith(OTHER_FILES):
        return True
    head = data[:SAMPLE]
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or _wide(head):
        return False
    return len(head) - len(head.translate(None, BINARY)) > MOST_BINARY * len(head)


def _mostly_utf8(data: bytes) -> bool:
    text = data.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    return broken * 20 < sum(not c.isascii() for c in text)


def parse(source: bytes | str, url: str, *, charset: str = "") -> Page | None:
    """The page's tree, or None when there is no markup in it. Raises HostilePageError."""
    if isinstance(source, bytes) and is_binary(source):
        return None
    text = decode(source, charset) if isinstance(source, bytes) else source
    if why := hostility(text):
        raise HostilePageError(why)
    root = _tree(text)
    if root is None or len(root) == 0:
        return None
    if _too_deep(root):
        raise HostilePageError(f"tags nested more than {DEEPEST} deep")
    return Page(root=root, url=url, text=text)


def _tree(text: str) -> html.HtmlElement | None:
    parser = etree.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, collect_ids=False)
    parser.set_element_class_lookup(ELEMENTS)
    data = text.encode("utf-8", "replace").translate(None, CONTROLS)
    # One byte is sought a good thirty times as fast as three, and few pages have it.
    if NONCHARACTERS[0][:1] in data:
        for strange in NONCHARACTERS:
            data = data.replace(strange, b"")
    try:
        root = etree.fromstring(data, parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return None
    return root if isinstance(root, html.HtmlElement) else None


def _too_deep(root: html.HtmlElement) -> bool:
    return bool(root.xpath(f"boolean({'*/' * (DEEPEST - 2)}*)"))
