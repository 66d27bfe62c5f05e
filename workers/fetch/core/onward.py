"""Where a page sends its reader on: meta refresh and canonical links, under the rules of any redirect. Pure.

A refresh is followed when it is a redirect in disguise: soon, and to another address. One that reloads the page later
is a live ticker's. A canonical link is followed when the page at hand is a lesser copy of what it points to: an AMP or
a print view on the same site. Any other canonical link is a name, not a direction.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from shared import urls

if TYPE_CHECKING:
    from workers.fetch.core.markup import Markup

SOON = 10.0  # seconds
REFRESH = re.compile(
    r"\s*(\d{1,6}(?:\.\d{0,6})?)\s{0,20}[;,\s]\s{0,20}(?:url\s{0,20}=\s{0,20})?[\"']?([^\"']+)", re.IGNORECASE
)
AMP = re.compile(r"<html\b[^<>]{0,500}?\s(?:amp|⚡)[\s=>]", re.IGNORECASE)
PRINT_VIEW = re.compile(r"(?:^|[/&?.=_-])(?:print|printable|printview|drucken|imprimer|amp)(?:$|[/&=.])", re.IGNORECASE)


def refresh_target(page: Markup, url: str, header: str = "") -> str:
    """The canonical URL that a meta refresh, or the header of that name, leads to from `url`, or the empty string."""
    for content in [header[:2_000], *page.metas("refresh")[:3]]:
        found = REFRESH.match(content)
        if found and float(found[1]) <= SOON:
            return _elsewhere(found[2], url)
    return ""


def canonical_url(page: Markup, url: str) -> str:
    """The canonical link as a URL, if it can be one at all: the empty string for none, a bad one, a home page's."""
    try:
        target = urls.canonical(page.link("canonical"), url) if page.link("canonical") else ""
    except urls.BadURLError:
        return ""
    return "" if _is_home(target) and not _is_home(url) else target


def lesser_copy_of(page: Markup, url: str) -> str:
    """The canonical URL of the full page on the same site if this one is its AMP or print view, else empty."""
    target = canonical_url(page, url)
    lesser = AMP.search(page.text[:5_000]) or PRINT_VIEW.search(_beyond_host(url))
    if not target or not lesser or urls.site(target) != urls.site(url):
        return ""
    return target if urls.identity(target) != urls.identity(url) else ""


def _elsewhere(text: str, url: str) -> str:
    try:
        target = urls.canonical(text, url)
    except urls.BadURLError:
        return ""
    return target if target != url else ""


def _beyond_host(url: str) -> str:
    return "/" + url.split("/", 3)[3] if url.count("/") > 2 else ""  # noqa: PLR2004 - scheme://host/


def _is_home(url: str) -> bool:
    return _beyond_host(url).split("?")[0] in {"", "/"}
