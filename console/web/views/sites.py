"""Sites: how each one's pages are read lately against before, what was learnt of it, and beginning anew."""

from __future__ import annotations

from typing import TYPE_CHECKING

from console.site_rows import against, row
from console.web.desk import desk_of, message, page, see_other, visitor_of, whole
from shared.stores.audit import Act, AuditStore
from shared.stores.sites import SiteStore

if TYPE_CHECKING:
    from starlette.datastructures import FormData
    from starlette.requests import Request
    from starlette.responses import Response

PAGE = 100


def sites(request: Request) -> Response:
    """List the sites, those learnt from last first."""
    store, start = SiteStore(desk_of(request).database), whole(request.query_params.get("from", "0"))
    rows = [row(kept) for kept in store.list(start=start, most=PAGE)]
    rows.sort(key=lambda one: one["state"] != "drifting")
    return page(
        request, "sites.html", rows=rows, count=store.count(), start=start, size=PAGE, against=against
    )  # fmt: skip


def site(request: Request) -> Response:
    """Show one site with the blocks that are left out of its articles."""
    name = request.path_params["site"]
    kept = SiteStore(desk_of(request).database).show(name)
    if kept is None:
        return message(request, "No such site", f"Nothing is kept of “{name}”.", status=404)
    return page(request, "site.html", site=row(kept), against=against)


def change(request: Request, form: FormData) -> Response:
    """Begin anew with a site."""
    desk, name = desk_of(request), request.path_params["site"]
    if form.get("verb") != "reset":
        return message(request, "Nothing to do", "A site can be begun anew, nothing else.", status=400)
    if not SiteStore(desk.database).reset(name):
        return message(request, "No such site", f"Nothing is kept of “{name}”.", status=404)
    who, why = visitor_of(request).name, str(form.get("why", ""))
    AuditStore(desk.database).write(Act(who=who, what="site begun anew", scope=name, why=why, count=1))
    return see_other("/sites")
