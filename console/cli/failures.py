"""`rarewire failures`: dead letters, by themselves and by error group; retry and discard."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from console.cli.output import (
    DRY_RUN,
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
from shared.stores.dead_letters import DeadLetterStore, Letter

app = typer.Typer(no_args_is_help=True, help="Failed work: see it, understand it, retry or discard it.")

STAGE = Annotated[str, typer.Option(help="Only this stage.")]
REASON = Annotated[str, typer.Option(help="Only this reason.")]
HOST = Annotated[str, typer.Option(help="Only this host.")]
GROUP = Annotated[str, typer.Option(help="Only this error group (its fingerprint).")]
SAMPLE = 5


@app.command("list")
def list_failures(
    stage: STAGE = "", reason: REASON = "", host: HOST = "", group: GROUP = "", most: int = 50, as_json: JSON = False
) -> None:
    """List dead letters, newest first.

    Example: rarewire failures list --stage fetch --reason timeout
    """
    with database() as db:
        letters = _matching(DeadLetterStore(db), stage=stage, reason=reason, host=host, group=group)[:most]
    if as_json:
        print_json([{"key": letter.key, **letter.model_dump()} for letter in letters])
        return
    rows = [
        (letter.key, letter.reason, len(letter.attempts), when(letter.last_failure), letter.host, letter.text[:80])
        for letter in letters
    ]
    print_table(("key", "reason", "tries", "last failure", "host", "error"), rows, empty="no dead letters match")


@app.command()
def groups(as_json: JSON = False) -> None:
    """List the error groups: equal failures as one row, with how many and a sample.

    Example: rarewire failures groups
    """
    with database() as db:
        store = DeadLetterStore(db)
        found: list[dict[str, Any]] = []
        for fingerprint, count in store.groups():
            sample = next(store.letters(store.names(fingerprint=fingerprint, most=1)), None)
            if sample:
                found.append({"group": fingerprint, "count": count, "stage": sample.stage, "reason": sample.reason,
                              "error_class": sample.error_class, "sample": sample.text})  # fmt: skip
    if as_json:
        print_json(found)
        return
    rows = [(one["group"], one["count"], one["stage"], one["reason"], one["sample"][:80]) for one in found]
    print_table(("group", "count", "stage", "reason", "sample"), rows, empty="no dead letters")


@app.command()
def show(key: Annotated[str, typer.Argument(help="`stage/id`, as listed.")], as_json: JSON = False) -> None:
    """Show one dead letter whole: message, every attempt, traceback.

    Example: rarewire failures show fetch/0f3a…
    """
    with database() as db:
        letter = DeadLetterStore(db).get(key)
    if letter is None:
        fail(f"there is no dead letter {key!r}; `rarewire failures list` shows what there is", NOTHING)
    if as_json:
        print_json({"key": letter.key, **letter.model_dump()})
        return
    record = letter.model_dump() | {
        "first_failure": when(letter.first_failure),
        "last_failure": when(letter.last_failure),
    }
    print_record({name: value for name, value in record.items() if value not in ("", ()) and name != "attempts"})
    rows = [(when(one["at"]), one["reason"], one["text"][:100], one["worker"]) for one in letter.attempts]
    print_table(("attempt at", "reason", "error", "worker"), rows, empty="no attempts were recorded")


@app.command()
def retry(
    keys: Annotated[list[str] | None, typer.Argument(help="`stage/id` of each; or use the filters.")] = None,
    stage: STAGE = "",
    reason: REASON = "",
    host: HOST = "",
    group: GROUP = "",
    everything: Annotated[bool, typer.Option("--all", help="All dead letters.")] = False,
    dry_run: DRY_RUN = False,
    yes: YES = False,
    as_json: JSON = False,
) -> None:
    """Queue dead letters again: the named ones, all that match, or an error group.

    Example: rarewire failures retry --reason timeout --host example.org --dry-run
    """
    wanted = {"stage": stage, "reason": reason, "host": host, "group": group}
    _move("retry", keys or [], wanted, everything=everything, dry_run=dry_run, yes=yes, as_json=as_json)


@app.command()
def discard(
    keys: Annotated[list[str] | None, typer.Argument(help="`stage/id` of each; or use the filters.")] = None,
    stage: STAGE = "",
    reason: REASON = "",
    host: HOST = "",
    group: GROUP = "",
    everything: Annotated[bool, typer.Option("--all", help="All dead letters.")] = False,
    dry_run: DRY_RUN = False,
    yes: YES = False,
    as_json: JSON = False,
) -> None:
    """Drop dead letters for good: the named ones, all that match, or an error group.

    Example: rarewire failures discard fetch/0f3a… --yes
    """
    wanted = {"stage": stage, "reason": reason, "host": host, "group": group}
    _move("discard", keys or [], wanted, everything=everything, dry_run=dry_run, yes=yes, as_json=as_json)


def _move(
    verb: str, keys: list[str], wanted: dict[str, str], *, everything: bool, dry_run: bool, yes: bool, as_json: bool
) -> None:
    if not keys and not everything and not any(wanted.values()):
        fail("say which: keys, a filter (--stage, --reason, --host, --group) or --all", USAGE)
    with database() as db:
        store = DeadLetterStore(db)
        letters = list(store.letters(keys)) if keys else _matching(store, **wanted)
        if not letters:
            fail("no dead letter matches; nothing was changed", NOTHING)
        names = [letter.key for letter in letters]
        talk(f"{verb}: {len(names)} dead letter{'s' * (len(names) != 1)}, for example")
        for letter in letters[:SAMPLE]:
            talk(f"  {letter.key}  {letter.reason}  {letter.text[:80]}")
        moved = 0
        if not dry_run:
            confirm(f"{verb.capitalize()} {len(names)}?", yes=yes)
            moved = store.redrive(names, "retry" if verb == "retry" else "discard")
    if as_json:
        print_json({"verb": verb, "matched": len(names), "moved": moved, "dry_run": dry_run})
    else:
        talk("nothing was changed (dry run)" if dry_run else f"{moved} moved")


def _matching(store: DeadLetterStore, *, stage: str, reason: str, host: str, group: str) -> list[Letter]:
    return [
        letter
        for letter in store.letters(store.names(fingerprint=group))
        if stage in {"", letter.stage} and reason in {"", letter.reason} and host in {"", letter.host}
    ]
