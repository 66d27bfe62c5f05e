"""`rarewire sites`: what was learnt of each site, whether its pages are read as before, and beginning anew."""

from __future__ import annotations

from typing import Annotated

import typer

from console.cli.failures import who
from console.cli.output import (
    JSON,
    NOTHING,
    YES,
    confirm,
    database,
    fail,
    print_json,
    print_record,
    print_table,
    talk,
    when,
)
from shared.stores.audit import Act, AuditStore
from shared.stores.sites import SiteStore

app = typer.Typer(no_args_is_help=True, help="Sites: the blocks that come back on their pages, and redesigns.")
SITE = Annotated[str, typer.Argument(help="The site's registrable domain, as `example.org`.")]


@app.command("list")
def list_sites(
    most: Annotated[int, typer.Option(min=1, help="At most so many, those learnt from last.")] = 100,
    as_json: JSON = False,
) -> None:
    """List the sites that articles came from, and whether their pages are read as before.

    Example: rarewire sites list --json | jq '.[] | select(.state == "drifting")'
    """
    from console.site_rows import against, row  # noqa: PLC0415 - the extractor; other commands do without

    with database() as db:
        found = [row(kept) for kept in SiteStore(db).list(most=most)]
    if as_json:
        print_json([{name: value for name, value in one.items() if name != "texts"} for one in found])
        return
    rows = [
        (one["site"], one["state"], one["pages"], against(one["success"], ".0%"), against(one["length"], ",.0f"),
         one["learnt"], when(one["at"]))
        for one in found
    ]  # fmt: skip
    columns = ("site", "state", "pages", "success", "length", "learnt", "last")
    print_table(columns, rows, empty="no page of any site has been read yet")
    for one in found:
        if one["why"]:
            talk(f"! {one['site']}: {one['why']}")


@app.command()
def show(site: SITE, as_json: JSON = False) -> None:
    """Show one site with the blocks that are left out of its articles.

    Example: rarewire sites show example.org
    """
    from console.site_rows import against, row  # noqa: PLC0415

    with database() as db:
        kept = SiteStore(db).show(site)
    if kept is None:
        fail(f"nothing is kept of {site!r}", NOTHING)
    found = row(kept)
    if as_json:
        print_json(found)
        return
    texts = found.pop("texts")
    told = {**found, "at": when(found["at"])}
    told |= {"success": against(found["success"], ".0%"), "length": against(found["length"], ",.0f")}
    print_record(told)
    rows = [(f"{block['seen']} of {block['of']}", block["chars"], block["text"]) for block in texts]
    print_table(("pages", "characters", "left out"), rows, empty="no block has come back often enough")


@app.command()
def reset(
    site: SITE,
    why: Annotated[str, typer.Option(help="Why; for the audit log.")] = "",
    yes: YES = False,
) -> None:
    """Forget what was learnt of a site and begin anew, its drift alarm included.

    Example: rarewire sites reset example.org --why "the newsletter box was an article" --yes
    """
    confirm(f"Forget all that was learnt of {site}?", yes=yes)
    with database() as db:
        if not SiteStore(db).reset(site):
            fail(f"nothing is kept of {site!r}", NOTHING)
        act = Act(who=who(), what="site begun anew", scope=site, why=why, via="command", count=1)
        AuditStore(db).write(act)
    talk(f"{site} begins anew")
