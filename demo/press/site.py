"""What the press answers: feeds, pages, robots.txt, faults, and the desk (`/_press/…`) where tests read the truth."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from demo.press import feeds, pages
from demo.press.exchange import Request, Response, compressed, etag, validated
from demo.press.faults import Ledger, catalogue
from demo.press.truth import MOVED, Publication, truth_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from demo.press.faults import Fault
    from demo.press.newsroom import Newsroom
    from demo.press.outlets import Outlet

TEASERS = 10
PAGES_KEPT = 512


@dataclass(frozen=True, kw_only=True)
class Layout:
    """What the press serves: its outlets, where each lives (slug to base URL), how long feeds and how heavy pages are.

    `feed_length` 0 is everything.
    """

    outlets: tuple[Outlet, ...]
    bases: Mapping[str, str]
    feed_length: int
    page_kb: int


class Site:
    """Answers requests. It keeps counts only: of what was asked, and of how often a fault was met."""

    def __init__(self, *, newsroom: Newsroom, layout: Layout, clock: Callable[[], float]) -> None:
        self._newsroom = newsroom
        self._layout = layout
        self._clock = clock
        self._ledger = Ledger()
        self._asked: Counter[tuple[str, int]] = Counter()
        self._outlets = {outlet.slug: outlet for outlet in layout.outlets}
        self._feeds = {outlet.feed_path: outlet for outlet in layout.outlets}
        self._moved = {outlet.announced_path: outlet for outlet in layout.outlets if outlet.old_feed}
        self._feed_cache: dict[str, tuple[int, bytes, str]] = {}
        self._page = lru_cache(maxsize=PAGES_KEPT)(self._render)

    def answer(self, request: Request) -> Response:
        """The answer to a request, counted by outlet and status."""
        slug = request.path.split("/", 2)[1] if request.path.startswith("/") else ""
        outlet = self._outlets.get(slug)
        response = self._route(request, outlet)
        self._asked[slug if outlet or slug in {"_press", "robots.txt"} else "?", response.status] += 1
        return compressed(request, response) if outlet and outlet.gzip else response

    def stats(self) -> dict[str, dict[str, int]]:
        """Requests so far: outlet slug (also `_press`, `robots.txt` and `?`), then status."""
        table: dict[str, dict[str, int]] = {}
        for (slug, status), count in sorted(self._asked.items()):
            table.setdefault(slug, {})[str(status)] = count
        return table

    def _route(self, request: Request, outlet: Outlet | None) -> Response:
        path = request.path
        if request.method not in {"GET", "HEAD"}:
            return Response(status=405)
        if path.startswith("/_press/"):
            return self._desk(path.removeprefix("/_press/"))
        if path == "/robots.txt":
            return self._robots(request)
        if path in self._feeds:
            return self._feed(request, self._feeds[path])
        if path in self._moved:
            return Response(
                status=301, headers={"Location": self._base(self._moved[path]) + self._moved[path].feed_path}
            )
        return self._article(request) or self._other(path, outlet)

    def _base(self, outlet: Outlet) -> str:
        return self._layout.bases[outlet.slug]

    def _desk(self, name: str) -> Response:
        pages_: dict[str, Callable[[], Any]] = {"truth": self._truth, "stats": self.stats, "feeds": self._feed_rows}
        if name not in pages_:
            return Response(status=404)
        return Response(body=json.dumps(pages_[name](), ensure_ascii=False).encode(), content_type="application/json")

    def _truth(self) -> list[dict[str, Any]]:
        return [truth_of(item, base=self._base(item.outlet)).as_json() for item in self._newsroom.all()]

    def _feed_rows(self) -> list[dict[str, str]]:
        return [{"name": name, "url": url, "format": form} for name, url, form in self.feeds()]

    def feeds(self) -> list[tuple[str, str, str]]:
        """Name, URL (the old one of a feed that has moved) and format of each feed."""
        return [
            (outlet.name, self._base(outlet) + outlet.announced_path, outlet.format) for outlet in self._layout.outlets
        ]

    def _robots(self, request: Request) -> Response:
        here = [outlet for outlet in self._layout.outlets if self._base(outlet).endswith(f"//{request.host}")]
        rules = [f"Disallow: /{outlet.slug}{outlet.disallow}" for outlet in here if outlet.disallow]
        lines = ["User-agent: *", *(rules or ["Disallow:"])]
        # Where all share an address, one outlet's wish would slow every other.
        if len(here) == 1 and here[0].crawl_delay:
            lines.append(f"Crawl-delay: {here[0].crawl_delay:g}")
        return Response(body="\n".join([*lines, ""]).encode(), content_type="text/plain; charset=UTF-8")

    def _feed(self, request: Request, outlet: Outlet) -> Response:
        fault = catalogue()[outlet.feed_fault]
        if self._ledger.meets(fault, request.path) and fault.status >= 400:
            return _refusal(fault)
        version = self._newsroom.version(outlet)
        items = self._newsroom.latest(outlet, self._layout.feed_length)
        if self._feed_cache.get(outlet.slug, (-1, b"", ""))[0] != version:
            body = feeds.render(feeds.Channel(outlet=outlet, base=self._base(outlet), items=items))
            self._feed_cache[outlet.slug] = (version, body, etag(body))
        _, body, tag = self._feed_cache[outlet.slug]
        response = Response(body=body, content_type=feeds.TYPES[outlet.format], delay=fault.delay)
        return validated(
            request,
            response,
            tag=tag if "etag" in outlet.validators else "",
            modified=self._modified(items) if "last-modified" in outlet.validators else 0.0,
        )

    def _modified(self, items: list[Publication]) -> float:
        """The newest change, unless it is of this very second: another in the same second would go unseen."""
        newest = max((item.updated_at for item in items), default=0.0)
        return newest if int(self._clock()) > int(newest) else 0.0

    def _article(self, request: Request) -> Response | None:
        found = self._newsroom.find(request.path)
        if found is None:
            moved = self._newsroom.find(request.path.removesuffix(MOVED))
            return self._sound(request, moved) if moved and moved.fault.redirect else None
        if not self._ledger.meets(found.fault, request.path):
            return self._sound(request, found)
        return self._faulty(request, found)

    def _faulty(self, request: Request, item: Publication) -> Response:
        fault = item.fault
        if fault.redirect:
            return Response(status=fault.status, headers={"Location": item.path + MOVED})
        if fault.status >= 400:
            return _refusal(fault)
        if fault.suffix == ".pdf":
            return Response(body=_pdf(item.story.title), content_type="application/pdf")
        if fault.page:
            return Response(body=pages.plain(fault.page, item.outlet, self._frame(item), title=item.story.title))
        return replace(self._sound(request, item), delay=fault.delay, cut=fault.cut)

    def _sound(self, request: Request, item: Publication) -> Response:
        body, tag = self._page(item)
        return validated(request, Response(body=body), tag=tag)

    def _render(self, item: Publication) -> tuple[bytes, str]:
        body = pages.article(item, self._frame(item))
        return body, etag(body)

    def _frame(self, item: Publication) -> pages.Frame:
        count = min(TEASERS, self._layout.page_kb // 2)
        return pages.Frame(
            base=self._base(item.outlet), others=self._newsroom.before(item, count), kilobytes=self._layout.page_kb
        )

    def _other(self, path: str, outlet: Outlet | None) -> Response:
        if outlet is None:
            return Response(status=404, body=b"<!doctype html><title>404</title><h1>Not found</h1>")
        others = self._newsroom.latest(outlet, TEASERS)
        frame = pages.Frame(base=self._base(outlet), others=others, kilobytes=0)
        if path == f"/{outlet.slug}/":
            return Response(body=pages.plain("front.html", outlet, frame, title=outlet.name))
        return Response(status=404, body=pages.plain("soft_404.html", outlet, frame, title="404"))


def _refusal(fault: Fault) -> Response:
    headers = {"Retry-After": str(fault.retry_after)} if fault.retry_after else {}
    return Response(status=fault.status, headers=headers, body=f"<!doctype html><title>{fault.status}</title>".encode())


def _pdf(title: str) -> bytes:
    """The smallest thing that a reader of PDF takes for one page."""
    return (
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
        b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>endobj\n4 0 obj<</Title("
        + title.encode("ascii", "replace")
        + b")>>endobj\ntrailer<</Root 1 0 R/Info 4 0 R>>\n%%EOF\n"
    )
