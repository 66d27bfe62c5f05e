"""Sites: how each one's pages are read lately against before, so that a redesign is seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from console.web.desk import page

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response


def sites(request: Request) -> Response:
    """Show what the extractor has learnt of each site."""
    return page(request, "sites.html", rows=[], learning=False)
