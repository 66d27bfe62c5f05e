"""What the page says of its article beside the text: title, authors, date, language, site, image, wall. Pure.

Reads the tree that the text is taken from. Every witness is asked in the order of how often it is right, and the feed's
entry is one of them.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from shared.urls import BadURLError, canonical, site
from workers.extract.core import jsonld, people, titles
from workers.extract.core.dates import human_date, machine_date, url_date
from workers.extract.core.titles import text_of

if TYPE_CHECKING:
    from lxml.html import HtmlElement

    from workers.extract.core.extraction import Witness
    from workers.extract.core.page import Page

DATE_METAS = (
    "article:published_time", "og:article:published_time", "datepublished", "parsely-pub-date", "sailthru.date", "cxenseparse:recs:publishtime",
    "publish-date", "publishdate", "pubdate", "publication_date", "article.published", "dc.date.issued", "dcterms.created", "dc.date", "dcterms.date",
    "dc.date.created", "citation_publication_date", "citation_date", "article:published", "published_time", "date", "last-modified-date",
)  # fmt: skip
IMAGE_METAS = ("og:image", "og:image:secure_url", "og:image:url", "twitter:image", "twitter:image:src")
# What a page that gives no date of publication says of its last change: no earlier than that, and often the same day.
CHANGED_METAS = ("article:modified_time", "og:updated_time", "datemodified", "last-modified", "dc.date.modified")
TAG = re.compile(r"<[^<>]{0,500}>")
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
    metas = _metas(page.root)
    node = jsonld.article_node(page.root, page.url, text_of(next(page.root.iter("title"), None)))
    base = _base(page)
    publisher = jsonld.name(node.get("publisher"))
    told = (
        cleaned(jsonld.text(node.get("headline"))),
        metas.get("og:title", ""),
        metas.get("twitter:title", ""),
        witness.title,
    )
    site_names = (metas.get("og:site_name", ""), metas.get("application-name", ""), publisher)
    return Metadata(
        title=titles.title(page.root, told, site_names),
        authors=people.authors(page.root, node, metas) or witness.authors,
        published=published(page, node, metas, witness.published_at),
        language=_declared_language(page.root, node, metas) or _primary(witness.language),
        canonical_url=_canonical(page, metas, base),
        site_name=next(filter(None, (metas.get("og:site_name"), publisher, metas.get("application-name"))), ""),
        image=_image(node, metas, base),
        summary=_summary(node, metas, witness),
        paywalled=_paywalled(page, node, metas),
        article_body=_plain(node.get("articleBody")),
    )


def cleaned(text: str) -> str:
    """A text without markup and without entities, also those that were escaped twice."""
    if "&" in text:
        text = html.unescape(html.unescape(text))
    return " ".join((TAG.sub(" ", text) if "</" in text else text).split())


def _metas(root: HtmlElement) -> dict[str, str]:
    found: dict[str, str] = {}
    for meta in root.iter("meta"):
        attributes = meta.attrib
        name = attributes.get("property") or attributes.get("name") or attributes.get("itemprop")
        if name and (content := attributes.get("content")):
            key, value = name.lower(), cleaned(content)
            if key in people.AUTHOR_METAS and key in found:
                found[key] += "; " + value
            else:
                found.setdefault(key, value)
    return found


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
    told += [("json-ld", 0.8, jsonld.text(node.get(key))) for key in ("dateCreated", "uploadDate")]
    told += [("meta", 0.9 if ":" in key or "pub" in key else 0.75, metas[key]) for key in DATE_METAS if key in metas]
    for source, confidence, text in told:
        if text and (at := machine_date(text)) is not None:
            return Published(at=at, source=source, confidence=confidence)
    by_markup = _dated_by_markup(page)
    return by_markup if by_markup.at is not None else _changed(node, metas)


def _changed(node: jsonld.Node, metas: dict[str, str]) -> Published:
    told = [("json-ld", jsonld.text(node.get("dateModified")))]
    told += [("meta", metas[key]) for key in CHANGED_METAS if key in metas]
    for source, text in told:
        if text and (at := machine_date(text)) is not None:
            return Published(at=at, source=source, confidence=0.4)
    return Published()


def _dated_by_markup(page: Page) -> Published:
    for times in page.root.iter("time"):
        text = times.get("datetime") or times.get("content") or text_of(times)
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
    return [text for element in marked[:40] if 6 <= len(text := element.get("content") or text_of(element)) <= 200]


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


def _canonical(page: Page, metas: dict[str, str], base: str) -> str:
    link = next(
        (a.get("href") for a in page.root.iter("link") if "canonical" in (a.get("rel") or "").lower().split()), None
    )
    for candidate in (link, metas.get("og:url")):
        address = _address(candidate or "", base)
        # A canonical link to another site or to the front page is a mistake or a syndication, never this page's name.
        if address and _same_site(address, page.url) and not re.fullmatch(r"https?://[^/]+/?", address):
            return address
    return _address(page.url, page.url)


def _base(page: Page) -> str:
    """What the page's relative addresses are relative to."""
    declared = next((base.get("href") for base in page.root.iter("base") if base.get("href")), None)
    return _address(declared or "", page.url) or page.url


def _image(node: jsonld.Node, metas: dict[str, str], base: str) -> str:
    told = [metas.get(key, "") for key in IMAGE_METAS] + [jsonld.address(node.get("image"))]
    return next((address for text in told if (address := _address(text, base))), "")


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
        cleaned(jsonld.text(node.get("description"))),
        witness.summary,
    ):
        if text:
            return text[:1000]
    return ""


def _paywalled(page: Page, node: jsonld.Node, metas: dict[str, str]) -> bool:
    free = _is_free(node)
    if free is not None:
        return not free
    parts = node.get("hasPart")
    if any(_is_free(part) is False for part in (parts if isinstance(parts, list) else [parts])):
        return True
    if metas.get("article:content_tier", "").lower() in {"locked", "metered"}:
        return True
    return "paywall" in page.text and bool(
        page.root.xpath(
            "boolean(//*[contains(@class,'paywall') and not(self::script or self::style or self::body or self::html)][normalize-space()])"
        )
    )


def _is_free(node: object) -> bool | None:
    """What a JSON-LD node says of being free to read: true, false or nothing; the address of a truth value is one, too."""
    told = str(node.get("isAccessibleForFree", "")).lower() if isinstance(node, dict) else ""
    return {"true": True, "false": False}.get(told.rsplit("/", 1)[-1])


def _plain(value: object) -> str:
    body = value if isinstance(value, str) else ""
    return " ".join(re.sub(r"<[^<>]{0,500}>", " ", body).split()) if len(body) <= 300_000 else ""
