"""The page as a row of text blocks, each in the box that holds it. Pure; decides nothing about what is worth keeping.

A block is what a reader would call a paragraph, a heading, a list item or a table row. A box is the element around
blocks; its marks (what kind of element, and what its authors called it) hold for all that is in it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lxml.html import HtmlElement

    from shared.article import BlockKind

SKIPPED = frozenset(
    ("script", "style", "noscript", "template", "svg", "iframe", "button", "select", "option", "textarea", "input", "canvas")
    + ("video", "audio", "object", "embed", "head", "link", "meta", "map", "math", "dialog", "progress", "meter", "source", "img")
)  # fmt: skip
UNCLOSED = frozenset(("button", "dialog", "svg", "symbol", "select", "option"))
INLINE = frozenset(
    ("a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em", "font", "i", "ins", "kbd")
    + ("label", "mark", "q", "ruby", "rt", "rp", "s", "samp", "small", "span", "strike", "strong", "sub", "sup", "time", "tt")
    + ("u", "var", "wbr", "nobr", "picture")
)  # fmt: skip
BOLD = frozenset(("b", "strong", "em", "i", "mark", "u"))
HEADINGS = {"h1": 1, "h2": 2, "h3": 3, "h4": 4, "h5": 5, "h6": 6}
KINDS: dict[str, BlockKind] = {
    **dict.fromkeys(HEADINGS, "heading"), "li": "list_item", "dt": "list_item", "dd": "list_item", "td": "table_row", "th": "table_row",
    "blockquote": "quote", "pre": "code",
}  # fmt: skip
# What holds for everything in a box, one bit each.
(ARTICLE, MAIN, ASIDE, FOOTER, HEADER, NAV, FORM, FIGURE, TABLE, LIST, HIDDEN, BODY_PROPERTY, QUOTE, SECTION, LINKED, EMBED) = (
    1 << bit for bit in range(16)
)  # fmt: skip
TAG_MARKS = {
    "article": ARTICLE, "main": MAIN, "aside": ASIDE, "footer": FOOTER, "header": HEADER, "nav": NAV, "form": FORM, "figure": FIGURE,
    "figcaption": FIGURE, "table": TABLE, "ul": LIST, "ol": LIST, "dl": LIST, "blockquote": QUOTE, "section": SECTION, "address": FOOTER,
}  # fmt: skip
ROLE_MARKS = {
    "navigation": NAV, "complementary": ASIDE, "contentinfo": FOOTER, "banner": HEADER, "search": FORM, "main": MAIN, "article": ARTICLE,
    "dialog": HIDDEN, "alertdialog": HIDDEN,
}  # fmt: skip
# What other services leave on a page so that their script may set a post in its place: its text, in a quotation.
EMBEDDED = re.compile(
    r"twitter-tweet|instagram-media|tiktok-embed|text-post-media|(?:bluesky|mastodon|reddit|fb)-(?:embed|post)"
)
# Inline text that shows when the reader points at it, or to a screen reader only.
UNSHOWN = re.compile(r"(?:^|[\s_-])(?:rollover|tooltip|popover|popup|sr-only|visually-?hidden|screen-reader)")
INVISIBLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
DEEPEST = 120
# More blocks than the longest article and its page have; a page of nothing but crumbs ends here.
MOST_BLOCKS = 4_000
# Two sides of a lone line break that are as long as this are paragraphs of their own.
LONG_LINE = 80
BREAK = "\x0b"
DOUBLE_BREAK = re.compile(r"\x0b[^\S\x0b]*\x0b")
ROW_CHARS = 600


class Box:
    """An element around blocks. `names` are its class, id and the like, as written; `marks` include its ancestors'."""

    __slots__ = ("marks", "names", "number", "parent", "tag")

    def __init__(self, number: int, tag: str, parent: Box | None, marks: int, names: str) -> None:
        self.number = number
        self.tag = tag
        self.parent = parent
        self.marks = marks
        self.names = names


@dataclass(slots=True)
class Block:
    """A block's text (white space folded) and what its markup says of it; counts are in characters."""

    text: str
    box: Box
    tag: str
    linked: int = 0
    links: int = 0
    bold: int = 0
    level: int = 0

    @property
    def kind(self) -> BlockKind:
        """What the block is to a reader."""
        kind = KINDS.get(self.tag)
        if kind is None and self.box.marks & QUOTE:
            return "quote"
        return kind or "paragraph"


class _Walk:
    """One walk over a tree: gathers text until an element's edge ends the block."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self._boxes = 0
        self._pieces: list[str] = []
        self._linked = self._links = self._bold = 0

    def enter(self, element: HtmlElement, parent: Box | None, depth: int) -> None:
        """Walk a block-level element."""
        box = self._box(element, parent)
        if (text := element.text) and not text.isspace():
            self._pieces.append(text)
        if len(element):
            self._children(element, box, depth)
        self._flush(box)

    def _children(self, element: HtmlElement, box: Box, depth: int) -> None:
        for child in element:
            tag = child.tag
            if tag in INLINE:
                if tag != "span" or not _is_unshown(child):
                    self._inline(child, box, depth + 1)
            elif tag == "br":
                self._pieces.append(BREAK)
            elif tag == "hr":
                self._flush(box)
            elif (tag not in SKIPPED or _swallows(child)) and depth < DEEPEST and len(self.blocks) < MOST_BLOCKS:
                self._flush(box)
                self.enter(child, box, depth + 1)
            # White space at a block's beginning says nothing, and most of a page's is there.
            if (tail := child.tail) and (self._pieces or not tail.isspace()):
                self._pieces.append(tail)

    def _inline(self, element: HtmlElement, box: Box, depth: int) -> None:
        before, blocks = len(self._pieces), len(self.blocks)
        tag = element.tag
        if element.text:
            self._pieces.append(element.text)
        if len(element) and depth < DEEPEST:
            if tag == "a":
                # A link around whole blocks: a teaser.
                box = (
                    Box(box.number, box.tag, box.parent, box.marks | LINKED, box.names)
                    if _holds_blocks(element)
                    else box
                )
            self._children(element, box, depth)
        if tag == "a":
            self._links += 1
        if blocks == len(self.blocks) and (tag == "a" or tag in BOLD):
            gained = sum([len(piece.strip()) for piece in self._pieces[before:]])
            if tag == "a":
                self._linked += gained
            else:
                self._bold += gained
        elif tag == "a" and blocks != len(self.blocks):
            self._flush(box)

    def _box(self, element: HtmlElement, parent: Box | None) -> Box:
        tag = str(element.tag)
        marks = (parent.marks if parent else 0) | TAG_MARKS.get(tag, 0)
        names = ""
        if attributes := element.items():
            names, own = _described(attributes)
            marks |= own
            if tag == "blockquote" and EMBEDDED.search(names):
                marks |= EMBED
        self._boxes += 1
        return Box(self._boxes - 1, tag, parent, marks, names)

    def _flush(self, box: Box) -> None:
        pieces = self._pieces
        if not pieces:
            self._links = 0
            return
        text = "".join(pieces)
        linked, links, bold = self._linked, self._links, self._bold
        self._pieces = []
        self._linked = self._links = self._bold = 0
        whole, tag, level = box.marks & LINKED, box.tag, HEADINGS.get(box.tag, 0)
        for line in _lines(text, has_breaks=BREAK in pieces):
            size = len(line)
            its_linked = size if whole else _linked_part(linked, size, len(text)) if linked else 0
            self.blocks.append(Block(line, box, tag, its_linked, links, min(size, bold) if bold else 0, level))


def _linked_part(linked: int, size: int, whole: int) -> int:
    """The linked characters of a line of a block, all of them where the line is nearly all of it."""
    share = size / whole
    return min(size, round(linked * share) if share < 0.9 else linked)


def segment(root: HtmlElement) -> list[Block]:
    """The page's blocks in reading order."""
    walk = _Walk()
    body = root.find("body")
    walk.enter(body if body is not None else root, None, 0)
    return _with_rows(walk.blocks)


def _described(attributes: list[tuple[str, str]]) -> tuple[str, int]:
    """What an element's authors call it (class, id, property), and what its attributes mark it as."""
    marks, named, called, prop = 0, "", "", ""
    for name, value in attributes:
        if name == "class":
            named = value
        elif name == "id":
            called = value
        elif name == "style":
            marks |= HIDDEN if INVISIBLE.search(value) else 0
        elif name == "role":
            marks |= ROLE_MARKS.get(value, 0)
        elif name == "itemprop":
            prop = value
            marks |= BODY_PROPERTY if "articlebody" in value.lower() else 0
        elif name == "hidden" or (name == "aria-hidden" and value == "true"):
            marks |= HIDDEN
    return f"{named} {called} {prop}".strip(), marks


def _is_unshown(span: HtmlElement) -> bool:
    return any(
        (name == "class" and UNSHOWN.search(value)) or (name == "style" and INVISIBLE.search(value))
        for name, value in span.items()
    )


def _swallows(element: HtmlElement) -> bool:
    """Whether an unclosed control has become the parent of the article."""
    return element.tag in UNCLOSED and next(element.iter("article", "main", "h1"), None) is not None


def _holds_blocks(element: HtmlElement) -> bool:
    return any(child.tag not in INLINE and child.tag not in SKIPPED and child.tag != "br" for child in element)


def _lines(text: str, *, has_breaks: bool) -> list[str]:
    """A block's text as lines: split at double breaks, and at single ones between long lines."""
    if not has_breaks:
        folded = " ".join(text.split())
        return [folded] if folded else []
    return _broken(text)


def _broken(text: str) -> list[str]:
    paragraphs: list[str] = []
    for part in DOUBLE_BREAK.split(text):
        lines = [folded for line in part.split(BREAK) if (folded := " ".join(line.split()))]
        if len(lines) > 1 and sum(map(len, lines)) < LONG_LINE * len(lines):
            lines = [" ".join(lines)]
        paragraphs.extend(lines)
    return paragraphs


def _with_rows(blocks: list[Block]) -> list[Block]:
    """The cells of a table's row joined into one block; cells that hold more than a line stay as they are."""
    joined: list[Block] = []
    at = 0
    while at < len(blocks):
        end = at + 1
        row = _row(blocks[at])
        if row is not None:
            while end < len(blocks) and _row(blocks[end]) is row:
                end += 1
        cells = blocks[at:end]
        if (
            len(cells) > 1
            and len({id(cell.box) for cell in cells}) == len(cells)
            and sum(len(c.text) for c in cells) <= ROW_CHARS
        ):
            joined.append(_joined(cells))
        else:
            joined.extend(cells)
        at = end
    return joined


def _row(block: Block) -> Box | None:
    box = block.box
    return box.parent if box.tag in {"td", "th"} else None


def _joined(cells: list[Block]) -> Block:
    return Block(
        " | ".join(cell.text for cell in cells),
        cells[0].box,
        "td",
        sum(cell.linked for cell in cells),
        sum(cell.links for cell in cells),
        sum(cell.bold for cell in cells),
    )
