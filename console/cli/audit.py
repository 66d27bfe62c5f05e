"""`rarewire audit`: who changed what, when and why."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from console.cli.output import JSON, database, print_json, print_table, when
from shared.stores.audit import AuditStore


def audit(most: Annotated[int, typer.Option(min=1, help="At most so many.")] = 50, as_json: JSON = False) -> None:
    """List every act that changed something, newest first.

    Example: rarewire audit --json
    """
    with database() as db:
        acts = AuditStore(db).acts(most=most)
    if as_json:
        print_json([{**asdict(act), "at": when(act.at)} for act in acts])
        return
    rows = [(when(act.at), act.who, act.via, act.what, act.count, act.scope, act.why) for act in acts]
    print_table(("when", "who", "by", "what", "count", "scope", "why"), rows, empty="nobody has changed anything yet")
