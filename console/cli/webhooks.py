"""`rarewire webhooks`: the endpoints that events are posted to, how they stand, and a signed canary to try one."""

from __future__ import annotations

import json
import os
import time
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from console.cli.failures import who
from console.cli.output import (
    FAILED,
    JSON,
    NOTHING,
    USAGE,
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

if TYPE_CHECKING:
    from console.webhook_rows import WebhookRow
    from shared.stores.connection import Database
    from workers.deliver.core import Endpoint, Verdict

app = typer.Typer(no_args_is_help=True, help="Webhooks: endpoints that events are posted to, signed.")

NAME = Annotated[str, typer.Argument(help="The endpoint's name.")]
KEY_BYTES = 32


@app.command("list")
def list_webhooks(as_json: JSON = False) -> None:
    """List the endpoints: what each was sent, what waits for it, and what stands against it.

    Example: rarewire webhooks list
    """
    with database() as db:
        found = _rows(db)
    known = {row.name for row in found}
    unknown = [name for name in _configured() if name not in known]
    if unknown:
        talk(f"no sender has been started with {', '.join(unknown)} yet: `rarewire run webhooks`, or `rarewire up`")
    if as_json:
        print_json([_json(row) for row in found])
        return
    cells = [
        (
            row.name, row.state, row.url, row.standing.counts.get("delivered", 0), row.failed, row.undelivered,
            "" if row.oldest is None else f"{row.oldest:.0f} s", row.dead,
        )
        for row in found
    ]  # fmt: skip
    print_table(
        ("name", "state", "address", "delivered", "failed", "waiting", "oldest", "dead"), cells, empty=_nothing()
    )
    for row in found:
        if row.why:
            talk(f"{row.name}: {row.why}")


@app.command("test")
def post_canary(name: NAME, as_json: JSON = False) -> None:
    """Post a signed canary to an endpoint now, and say what came back. Nothing is taken from its stream.

    Example: rarewire webhooks test desk
    """
    endpoint = _endpoint(name)
    event, verdict = _canary(endpoint)
    told = {
        "endpoint": name, "event": event, "delivered": verdict.delivered, "outcome": verdict.outcome,
        "status": verdict.status, "seconds": round(verdict.seconds, 3), "answer": verdict.detail,
        "retry_after": verdict.retry_after,
    }  # fmt: skip
    if as_json:
        print_json(told)
    else:
        print_record({key: value for key, value in told.items() if value not in {None, ""}})
    if not verdict.delivered:
        raise typer.Exit(FAILED)


@app.command()
def secret() -> None:
    """Print a new secret, for the file or variable that an endpoint's `secret` names, and for its receiver.

    Example: rarewire webhooks secret > desk.secret
    """
    from workers.deliver.core.signing import secret_of  # noqa: PLC0415 - keeps `--help` quick

    typer.echo(secret_of(os.urandom(KEY_BYTES)))


@app.command()
def enable(name: NAME) -> None:
    """Send to an endpoint again, at once, after it was disabled or while it is left alone.

    Example: rarewire webhooks enable desk
    """
    from shared.stores.webhooks import WebhookStore  # noqa: PLC0415

    with database() as db:
        _known(db, name)
        changed = WebhookStore(db).enable(name)
        _write(db, "webhook enabled", name, int(changed))
    talk(f"{name}: " + ("it is sent to again" if changed else "it was neither disabled nor paused"))


@app.command()
def disable(
    name: NAME, why: Annotated[str, typer.Option(help="Why, for whoever looks.")] = "an operator's decision"
) -> None:
    """Send nothing to an endpoint until it is enabled; what comes meanwhile is kept for it.

    Example: rarewire webhooks disable desk --why "moves on Monday"
    """
    from shared.stores.webhooks import WebhookStore  # noqa: PLC0415

    with database() as db:
        _known(db, name)
        WebhookStore(db).disable(name, why=why)
        _write(db, "webhook disabled", name, 1)
    talk(f"{name} is disabled; the stream keeps everything for it, so do not leave it so for long")


@app.command()
def forget(name: NAME, yes: YES = False) -> None:
    """Drop a former endpoint's group and counters; what it had not read no longer holds the trim.

    Example: rarewire webhooks forget desk
    """
    from shared.stores.groups import GroupStore  # noqa: PLC0415
    from shared.stores.webhooks import WebhookStore  # noqa: PLC0415

    with database() as db:
        row = _known(db, name)
        talk(f"{row.group} on {row.stream}: {row.undelivered} undelivered, {row.dead} dead")
        confirm(f"Forget {name}?", yes=yes)
        GroupStore(db).remove(row.stream, row.group)
        WebhookStore(db).forget(name)
        _write(db, "webhook forgotten", name, 1)


def _configured() -> dict[str, Endpoint]:
    """Return the endpoints of the settings' file by name."""
    from shared.settings import settings  # noqa: PLC0415 - `--help` reads no settings
    from workers.deliver.catalogue import endpoints  # noqa: PLC0415
    from workers.deliver.core import EndpointError  # noqa: PLC0415

    try:
        return {endpoint.name: endpoint for endpoint in endpoints(settings())}
    except EndpointError as error:
        fail(str(error), USAGE)


def _endpoint(name: str) -> Endpoint:
    found = _configured()
    if name not in found:
        fail(f"no endpoint {name!r}" + (f"; there are {', '.join(found)}" if found else f": {_nothing()}"), NOTHING)
    return found[name]


def _canary(endpoint: Endpoint) -> tuple[str, Verdict]:
    """Post a canary; returns its id and the verdict."""
    from shared.events import CANARY_SCHEMA, CANARY_TYPE, attributes, rfc3339  # noqa: PLC0415
    from shared.settings import settings  # noqa: PLC0415
    from workers.deliver import catalogue, fleet, step  # noqa: PLC0415
    from workers.deliver.core import payload  # noqa: PLC0415

    at, event = rfc3339(time.time()) or "", f"test{os.urandom(14).hex()}"
    fields = attributes(event=event, kind=CANARY_TYPE, subject=endpoint.stream, time=at, dataschema=CANARY_SCHEMA) | {
        "data": json.dumps({"minute": at, "articles": 0})
    }
    with fleet.client(endpoint, settings()) as http:
        ports = step.Ports(http=http, keys_of=catalogue.keys_of, clock=time.time)
        return event, step.run(endpoint, event, payload(fields), ports)


def _rows(db: Database) -> list[WebhookRow]:
    from console.webhook_rows import rows  # noqa: PLC0415
    from shared.settings import settings  # noqa: PLC0415
    from shared.stores.streams import public_streams  # noqa: PLC0415

    return rows(db, public_streams(settings().topics, settings().facet_streams))


def _known(db: Database, name: str) -> WebhookRow:
    found = {row.name: row for row in _rows(db)}
    if name not in found:
        fail(f"no endpoint {name!r}; `rarewire webhooks list` shows them", NOTHING)
    return found[name]


def _write(db: Database, what: str, scope: str, count: int) -> None:
    AuditStore(db).write(Act(who=who(), what=what, scope=scope, via="command", count=count))


def _json(row: WebhookRow) -> dict[str, Any]:
    standing = asdict(row.standing)
    times = {name: when(standing[name]) if standing[name] else None for name in TIMES}
    return {
        "name": row.name, "state": row.state, "why": row.why, "address": row.url, "owner": row.owner,
        "stream": row.stream, "group": row.group, "undelivered": row.undelivered, "oldest_seconds": row.oldest,
        "dead": row.dead, **times, "failures_in_a_row": standing["failures"], "attempts": standing["counts"],
    }  # fmt: skip


TIMES = ("paused_until", "disabled_at", "delivered_at", "tried_at")


def _nothing() -> str:
    return "no endpoints; docs/webhooks.md says how to make one (RAREWIRE_WEBHOOKS_FILE)"
