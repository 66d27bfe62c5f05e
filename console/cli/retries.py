"""`rarewire retries`: failed work that waits for its next try; hurried or given up."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from console.cli.failures import who
from console.cli.output import JSON, NOTHING, YES, confirm, database, fail, print_json, print_table, talk, when
from shared.stores.audit import Act, AuditStore
from shared.stores.work import WorkStore

app = typer.Typer(no_args_is_help=True, help="Waiting retries: failed work that is tried again by itself.")

KEYS = Annotated[list[str] | None, typer.Argument(help="`stage/id` of each, as listed.")]
WHY = Annotated[str, typer.Option(help="Why, for the audit log.")]
MOST = 100_000


@app.command("list")
def list_retries(
    stage: Annotated[str, typer.Option(help="Only this stage.")] = "",
    most: Annotated[int, typer.Option(min=1, help="At most so many.")] = 50,
    as_json: JSON = False,
) -> None:
    """List them, soonest first.

    Example: rarewire retries list --stage fetch
    """
    with database() as db:
        found = WorkStore(db).retries(most=MOST if stage else most)
    rows = [row for row in found if stage in {"", row["stage"]}][:most]
    if as_json:
        print_json([{"key": f"{row['stage']}/{row['id']}", **row, "at": when(row["at"])} for row in rows])
        return
    cells = [
        (
            f"{row['stage']}/{row['id']}",
            when(row["at"]),
            row["tries"],
            (row["attempts"] or [{}])[-1].get("text", "")[:80],
        )
        for row in rows
    ]
    print_table(("key", "next try", "tries", "last error"), cells, empty="nothing waits for a retry")


@app.command()
def now(
    keys: KEYS = None,
    everything: Annotated[bool, typer.Option("--all", help="All that wait.")] = False,
    why: WHY = "",
    yes: YES = False,
    as_json: JSON = False,
) -> None:
    """Try waiting work now.

    Example: rarewire retries now --all
    """
    _act("hurry", "retries hurried", keys or [], everything=everything, why=why, yes=yes, as_json=as_json)


@app.command("give-up")
def give_up(keys: KEYS = None, why: WHY = "", yes: YES = False, as_json: JSON = False) -> None:
    """End waiting work; a feed's poll is never given up.

    Example: rarewire retries give-up fetch/0f3a… --why "not worth it"
    """
    _act("give_up", "retries given up", keys or [], everything=False, why=why, yes=yes, as_json=as_json)


def _act(
    verb: Literal["hurry", "give_up"],
    what: str,
    keys: list[str],
    *,
    everything: bool,
    why: str,
    yes: bool,
    as_json: bool,
) -> None:
    with database() as db:
        work = WorkStore(db)
        names = [f"{row['stage']}/{row['id']}" for row in work.retries(most=MOST)] if everything else keys
        if not names:
            fail("say which: keys, or --all; `rarewire retries list` shows them", NOTHING)
        confirm(f"{what.capitalize()}: {len(names)}?", yes=yes)
        audit = AuditStore(db)
        scope = names[0] if len(names) == 1 else f"{len(names)} waiting retries"
        act = audit.open(Act(who=who(), what=what, scope=scope, why=why, via="command"))
        moved = work.hurry(names, verb, audit=act)
        audit.close(act)
    if as_json:
        print_json({"matched": len(names), "moved": moved})
    else:
        talk(f"{moved} moved")
