"""What the page says of its article beside the text: title, authors, date, language, site, image, wall. Pure.

Reads the tree that the text is taken from. Every witness is asked in the order of how often it is right, and the feed's
entry is one of them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from shared.urls import BadURLError, canonical, site
from workers.extract.core import jsonld
from workers.extract.core.dates import human_date, machine_date, url_date

if TYPE_CHECKING:
    from lxml.html import HtmlElement

    from workers.extract.core.extraction import Witness
    from workers.extract.core.page import Page

SEPARATOR = re.compile(r"\s+[|•·»«:—–-]+\s+")
WORD = re.compile(r"\w+")
NOT_A_NAME = re.compile(
    r"https?:|www\.|@|\d{3}|^(admin|administrator|webmaster|staff|unknown|none|null|author)$", re.IGNORECASE
)
ADDRESS = re.compile(r"https?:|www\.|@")
BY = re.compile(
    r"^(by|von|par|por|da|di|door|av|af|written by|text|autor|author|auteur|автор|文|作者|記者|기자)\s*[:：]?\s+",
    re.IGNORECASE,
)
BETWEEN_NAMES = re.compile(r"\s*(?:,|;|/|\||、|\s&\s|\sand\s|\sund\s|\set\s|\sy\s|\se\s|\sen\s|\soch\s)\s*")
DATE_METAS = (
    "article:published_time", "og:article:published_time", "datepublished", "parsely-pub-date", "sailthru.date", "cxenseparse:recs:publishtime",
    "publish-date", "publishdate", "pubdate", "publication_date", "article.published", "dc.date.issued", "dcterms.created", "dc.date", "dcterms.date",
    "dc.date.created", "citation_publication_date", "citation_date", "article:published", "published_time", "date", "last-modified-date",
)  # fmt: skip
AUTHOR_METAS = (
    "author",
    "parsely-author",
    "sailthru.author",
    "article:author",
    "dc.creator",
    "dcterms.creator",
    "byl",
    "citation_author",
    "cxenseparse:author",
)
MOST_AUTHORS = 12
DAY = 86_400.0


@dataclass(frozen=True, kw_only=True)
class Published:
    """When the article appeared (epoch seconds UTC), which witness says so, and how far it is to be believed (0..1)."""

    at: float | None = None
    source: str = ""
    confidence: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Metadata:
    """What the page says of its article beside the text; see `shared.article.Article` for the fields."""

    title: str = ""
    authors: tuple[str, ...] = ()
    published: Published = field(default_factory=Published)
    language: str = ""
    canonical_url: str = ""
    site_name: str = ""
    image: str = ""
    summary: str = ""
    paywalled: bool = False
    article_body: str = ""


def read(page: Page, witness: Witness) -> Metadata:
    """All of it, from the page's JSON-LD, its meta tags, its markup and the feed's entry."""
    node, metas = jsonld.article_node(page.root), _metas(page.root)
    return Metadata(
        title=title(page.root, node, metas, witness.title),
        authors=authors(page.root, node, metas) or witness.authors,
        published=published(page, node, metas, witness.published_at),
        language=_declared_language(page.root, node, metas) or _primary(witness.language),
        canonical_url=_canonical(page, metas),
        site_name=metas.get("og:site_name", "") or jsonld.text(node.get("publisher")),
        image=_address(metas.get("og:image") or metas.get("twitter:image") or jsonld.text(node.get("image")), page.url),
        summary=_summary(node, metas, witness),
        paywalled=_paywalled(page, node, metas),
        article_body=_plain(node.get("articleBody")),
    )


def _metas(root: HtmlElement) -> dict[str, str]:
    found: dict[str, str] = {}
    for meta in root.iter("meta"):
        attributes = meta.attrib
        name = attributes.get("property") or attributes.get("name") or attributes.get("itemprop")
        if name and (content := attributes.get("content")):
            found.setdefault(name.lower(), " ".join(content.split()))
    return found


# Title


def title(root: HtmlElement, node: jsonld.Node, metas: dict[str, str], from_feed: str) -> str:
    """The headline as the reader sees it: the `h1` that the page's other titles vouch for, else the best of those."""
    document = _text(next(root.iter("title"), None))
    told = [
        t
        for t in (
            jsonld.text(node.get("headline")),
            metas.get("og:title", ""),
            metas.get("twitter:title", ""),
            from_feed,
        )
        if t
    ]
    headings = [text for h1 in root.iter("h1") if 0 < len(text := _text(h1)) <= 300]
    vouched = [
        (max(likeness(heading, t) for t in (*told, document, "")), -at, heading) for at, heading in enumerate(headings)
    ]
    if vouched and max(vouched)[0] >= 0.6:
        return max(vouched)[2]
    site_name = metas.get("og:site_name", "")
    for candidate in (*told, document):
        if bare := _without_site(candidate, site_name):
            return bare
    return headings[0] if headings else ""


def likeness(left: str, right: str) -> float:
    """How much of the two texts' words they share: 0..1, and high when the shorter one is the longer one's beginning."""
    mine, yours = WORD.findall(left.lower()), WORD.findall(right.lower())
    if not mine or not yours:
        return 0.0
    shared = len(set(mine) & set(yours))
    return max(shared / len(set(mine) | set(yours)), 0.95 * (yours[: len(mine)] == mine and len(mine) > 2))


def _without_site(text: str, site_name: str) -> str:
    parts = SEPARATOR.split(text)
    if len(parts) < 2:
        return text
    if site_name and parts[-1].lower() == site_name.lower():
        return text[: -len(parts[-1])].rstrip(" |•·»«:—–-")
    last_cut = text.rfind(parts[-1])
    return text[:last_cut].rstrip(" |•·»«:—–-") if len(parts[-1].split()) <= 4 and len(parts[0].split()) >= 3 else text


# Authors


def authors(root: HtmlElement, node: jsonld.Node, metas: dict[str, str]) -> tuple[str, ...]:
    """The people who wrote it, in the order of the first witness that names any; no addresses, no accounts."""
    told = node.get("author") or node.get("creator")
    people = [jsonld.text(one) for one in (told if isinstance(told, list) else [told])]
    for names in (people, *([metas.get(key, "")] for key in AUTHOR_METAS)):
        if found := _names(names):
            return found
    return _names(_bylines(root))


def _bylines(root: HtmlElement) -> list[str]:
    marked = root.xpath(
        "//*[@rel='author' or @itemprop='author' or contains(@class,'author-name') or contains(@class,'byline__name')"
        " or contains(@class,'byline-name')][not(ancestor::aside or ancestor::footer)]"
    )
    return [text for element in marked[:4] if len(text := _text(element)) <= 80]


def _names(texts: list[str]) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for text in texts:
        if ADDRESS.search(text):
            continue
        for part in BETWEEN_NAMES.split(BY.sub("", text)):
            name = part.strip(" .,:-–—|\"'")
            if 2 <= len(name) <= 60 and not NOT_A_NAME.search(name) and len(name.split()) <= 6:
                found.setdefault(name)
    return tuple(found)[:MOST_AUTHORS]


# Date


def published(page: Page, node: jsonld.Node, metas: dict[str, str], from_feed: float | None) -> Published:
    """The first witness that gives a date; a feed's date within two days of it raises the confidence."""
    best = _dated_by_page(page, node, metas)
    if from_feed is None:
        return best
    if best.at is None or (best.confidence < 0.6 and abs(best.at - from_feed) > 2 * DAY):
        return Published(at=from_feed, source="feed", confidence=0.8)
    if abs(best.at - from_feed) > 2 * DAY:
        return best
    # A bare day is refined by the feed's time of that day.
    if best.at % DAY == 0 and abs(best.at - from_feed) <= DAY:
        return Published(at=from_feed, source="feed", confidence=0.95)
    return Published(at=best.at, source=best.source, confidence=max(best.confidence, 0.97))


def _dated_by_page(page: Page, node: jsonld.Node, metas: dict[str, str]) -> Published:
    told = [("json-ld", 0.95, jsonld.text(node.get("datePublished")))]
    told += [("meta", 0.9 if ":" in key or "pub" in key else 0.75, metas[key]) for key in DATE_METAS if key in metas]
    for source, confidence, text in told:
        if text and (at := machine_date(text)) is not None:
            return Published(at=at, source=source, confidence=confidence)
    return _dated_by_markup(page)


def _dated_by_markup(page: Page) -> Published:
    for times in page.root.iter("time"):
        text = times.get("datetime") or times.get("content") or _text(times)
        if text and (at := machine_date(text)) is not None:
            return Published(at=at, source="time-tag", confidence=0.7)
    if (at := url_date(page.url)) is not None:
        return Published(at=at, source="url", confidence=0.65)
    for text in _dated_elements(page.root):
        if (at := human_date(text)) is not None:
            return Published(at=at, source="text", confidence=0.5)
    return Published()


def _dated_elements(root: HtmlElement) -> list[str]:
    marked = root.xpath(
        "//*[contains(@class,'date') or contains(@class,'time') or contains(@class,'publish') or contains(@class,'byline')"
        " or contains(@class,'meta') or @itemprop='datePublished'][not(ancestor::aside or ancestor::footer)]"
    )
    return [text for element in marked[:40] if 6 <= len(text := element.get("content") or _text(element)) <= 200]


# The rest


def _declared_language(root: HtmlElement, node: jsonld.Node, metas: dict[str, str]) -> str:
    for text in (root.get("lang", ""), root.get("{http://www.w3.org/XML/1998/namespace}lang", ""), jsonld.text(node.get("inLanguage")),
                 metas.get("og:locale", ""), metas.get("content-language", ""), metas.get("language", "")):  # fmt: skip
        if found := _primary(text):
            return found
    return ""


def _primary(tag: str) -> str:
    primary = re.split(r"[-_]", tag.strip().lower(), maxsplit=1)[0]
    return primary if 2 <= len(primary) <= 3 and primary.isascii() and primary.isalpha() else ""


def _canonical(page: Page, metas: dict[str, str]) -> str:
    link = next((a.get("href") for a in page.root.iter("link") if (a.get("rel") or "").lower() == "canonical"), None)
    for candidate in (link, metas.get("og:url")):
        address = _address(candidate or "", page.url)
        # A canonical link to another site or to the front page is a mistake or a syndication, never this page's name.
        if address and _same_site(address, page.url) and not re.fullmatch(r"https?://[^/]+/?", address):
            return address
    return _address(page.url, page.url)


def _same_site(address: str, url: str) -> bool:
    try:
        return site(address) == site(canonical(url))
    except BadURLError:
        return True


def _address(text: str, base: str) -> str:
    try:
        return canonical(text, base or None) if text else ""
    except BadURLError:
        return ""


def _summary(node: jsonld.Node, metas: dict[str, str], witness: Witness) -> str:
    for text in (
        metas.get("og:description", ""),
        metas.get("description", ""),
        jsonld.text(node.get("description")),
        witness.summary,
    ):
        if text:
            return text[:1000]
    return ""


def _paywalled(page: Page, node: jsonld.Node, metas: dict[str, str]) -> bool:
    if str(node.get("isAccessibleForFree", "")).lower() == "false":
        return True
    if metas.get("article:content_tier", "").lower() in {"locked", "metered"}:
        return True
    return "paywall" in page.text and bool(
        page.root.xpath(
            "boolean(//*[contains(@class,'paywall') and not(self::script or self::style or self::body or self::html)][normalize-space()])"
        )
    )


def _plain(value: object) -> str:
    body = value if isinstance(value, str) else ""
    return " ".join(re.sub(r"<[^<>]{0,500}>", " ", body).split()) if len(body) <= 300_000 else ""


def _text(element: HtmlElement | None) -> str:
    return " ".join("".join(element.itertext()).split()) if element is not None else ""
