"""`rarewire failures`: dead letters, by themselves and by error group; retry, edit, discard."""

from __future__ import annotations

import getpass
import platform
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import Progress

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
    talk_console,
    when,
)
from console.editing import fitting
from console.words import meaning, plural
from shared.stores.audit import Act, AuditStore
from shared.stores.connection import Database
from shared.stores.dead_letters import DeadLetterStore, Letter, Redrive, Scope, Verb

app = typer.Typer(no_args_is_help=True, help="Failed work: see it, understand it, retry or discard it.")

STAGE = Annotated[str, typer.Option(help="Only this stage.")]
REASON = Annotated[str, typer.Option(help="Only this reason.")]
HOST = Annotated[str, typer.Option(help="Only this host.")]
FEED = Annotated[str, typer.Option(help="Only this feed (its id).")]
GROUP = Annotated[str, typer.Option(help="Only this error group (its fingerprint).")]
KEYS = Annotated[list[str] | None, typer.Argument(help="`stage/id` of each; or use the filters.")]
EVERYTHING = Annotated[bool, typer.Option("--all", help="All dead letters.")]
WHY = Annotated[str, typer.Option(help="Why, for the audit log.")]
SAMPLE = 5
PROGRESS_FROM = 2_000


@app.command("list")
def list_failures(
    stage: STAGE = "",
    reason: REASON = "",
    host: HOST = "",
    feed: FEED = "",
    group: GROUP = "",
    most: Annotated[int, typer.Option(min=1, help="At most so many.")] = 50,
    as_json: JSON = False,
) -> None:
    """List dead letters, newest first.

    Example: rarewire failures list --stage fetch --reason timeout
    """
    scope = Scope(stage=stage, reason=reason, host=host, feed=feed, group=group)
    with database() as db:
        store = DeadLetterStore(db)
        letters, count = list(store.letters(store.names(scope=scope, most=most))), store.count(scope)
    if as_json:
        print_json([{"key": letter.key, **letter.model_dump()} for letter in letters])
        return
    rows = [
        (letter.key, letter.reason, len(letter.attempts), when(letter.last_failure), letter.host, letter.text[:80])
        for letter in letters
    ]
    print_table(("key", "reason", "tries", "last failure", "host", "error"), rows, empty="no dead letters match")
    if count > len(letters):
        talk(f"{len(letters)} of {count}; --most shows more")


@app.command()
def groups(as_json: JSON = False) -> None:
    """List the error groups: equal failures as one row, with how many and a sample.

    Example: rarewire failures groups
    """
    with database() as db:
        found = DeadLetterStore(db).group_rows(most=1_000)
    if as_json:
        print_json(
            [
                {"group": one.fingerprint, "count": one.count, "stage": one.sample.stage, "reason": one.sample.reason,
                 "error_class": one.sample.error_class, "sample": one.sample.text, "key": one.sample.key,
                 "oldest": when(one.oldest), "newest": when(one.newest)}
                for one in found
            ]
        )  # fmt: skip
        return
    rows = [
        (one.fingerprint, one.count, one.sample.stage, one.sample.reason, when(one.newest), one.sample.text[:80])
        for one in found
    ]
    print_table(("group", "count", "stage", "reason", "newest", "sample"), rows, empty="no dead letters")


@app.command()
def show(key: Annotated[str, typer.Argument(help="`stage/id`, as listed.")], as_json: JSON = False) -> None:
    """Show one dead letter whole: message, every attempt, what operators did, traceback.

    Example: rarewire failures show fetch/0f3a…
    """
    with database() as db:
        letter, lineage = DeadLetterStore(db).get(key), DeadLetterStore(db).lineage(key)
    if letter is None:
        fail(f"there is no dead letter {key!r}; `rarewire failures list` shows what there is", NOTHING)
    if as_json:
        print_json({"key": letter.key, **letter.model_dump(), "operators": lineage})
        return
    known = meaning(letter.reason)
    record = letter.model_dump(exclude={"attempts", "lineage"}) | {
        "first_failure": when(letter.first_failure),
        "last_failure": when(letter.last_failure),
        "means": known.means,
        "what to do": known.do,
    }
    print_record({name: value for name, value in record.items() if value != ""})
    rows = [(when(one["at"]), one["reason"], one["text"][:100], one.get("worker", "")) for one in letter.attempts]
    print_table(("attempt at", "reason", "error", "worker"), rows, empty="no attempts were recorded")
    for one in lineage:
        talk(f"{when(one['at'])}  {one['verb']} by {one['who'] or 'someone'}  {one['why']}")


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What a command is to move, and how."""

    verb: Verb
    keys: tuple[str, ...]
    scope: Scope
    everything: bool
    dry_run: bool
    yes: bool
    as_json: bool
    why: str
    rate: float = 0.0


@app.command()
def retry(
    keys: KEYS = None,
    stage: STAGE = "",
    reason: REASON = "",
    host: HOST = "",
    feed: FEED = "",
    group: GROUP = "",
    everything: EVERYTHING = False,
    rate: Annotated[float, typer.Option(min=0.0, help="At most so many come due a second; 0: all at once.")] = 0.0,
    why: WHY = "",
    dry_run: DRY_RUN = False,
    yes: YES = False,
    as_json: JSON = False,
) -> None:
    """Queue dead letters again: the named ones, all that match, or an error group.

    Example: rarewire failures retry --reason timeout --host example.org --dry-run
    """
    scope = Scope(stage=stage, reason=reason, host=host, feed=feed, group=group)
    _move(Wanted(verb="retry", keys=tuple(keys or ()), scope=scope, everything=everything, dry_run=dry_run, yes=yes,
                 as_json=as_json, why=why, rate=rate))  # fmt: skip


@app.command()
def discard(
    keys: KEYS = None,
    stage: STAGE = "",
    reason: REASON = "",
    host: HOST = "",
    feed: FEED = "",
    group: GROUP = "",
    everything: EVERYTHING = False,
    why: WHY = "",
    dry_run: DRY_RUN = False,
    yes: YES = False,
    as_json: JSON = False,
) -> None:
    """Drop dead letters for good: the named ones, all that match, or an error group.

    Example: rarewire failures discard fetch/0f3a… --yes
    """
    scope = Scope(stage=stage, reason=reason, host=host, feed=feed, group=group)
    _move(Wanted(verb="discard", keys=tuple(keys or ()), scope=scope, everything=everything, dry_run=dry_run, yes=yes,
                 as_json=as_json, why=why))  # fmt: skip


@app.command()
def edit(
    key: Annotated[str, typer.Argument(help="`stage/id`, as listed.")],
    file: Annotated[Path, typer.Argument(help="The new message as JSON; `failures show --json` has the old one.")],
    why: WHY = "",
    yes: YES = False,
) -> None:
    """Retry one dead letter with another message; the old one is kept in its lineage.

    Example: rarewire failures edit fetch/0f3a… message.json --why "the page has moved"
    """
    with database() as db:
        store = DeadLetterStore(db)
        letter = store.get(key)
        if letter is None:
            fail(f"there is no dead letter {key!r}; `rarewire failures list` shows what there is", NOTHING)
        try:
            message = fitting(letter, file.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            fail(f"{file}: {error}", USAGE)
        confirm(f"Retry {key} with the new message?", yes=yes)
        how = Redrive(who=who(), why=why, message=message, audit=_open(db, "failures edited and retried", key, why))
        moved = store.redrive([key], "retry", how)
        AuditStore(db).close(how.audit)
    talk(f"{moved} moved")


def _move(wanted: Wanted) -> None:
    if not wanted.keys and not wanted.everything and not wanted.scope.facets():
        fail("say which: keys, a filter (--stage, --reason, --host, --feed, --group) or --all", USAGE)
    with database() as db:
        store = DeadLetterStore(db)
        cutoff = store.now()
        names = [found.key for found in store.letters(wanted.keys)] if wanted.keys else store.names(scope=wanted.scope)
        if not names:
            fail("no dead letter matches; nothing was changed", NOTHING)
        _announce(wanted, names, list(store.letters(names[:SAMPLE])))
        moved = 0
        if not wanted.dry_run:
            confirm(f"{wanted.verb.capitalize()} {len(names)}?", yes=wanted.yes)
            moved = _carry_out(db, store, names, wanted, cutoff=cutoff)
    if wanted.as_json:
        print_json({"verb": wanted.verb, "matched": len(names), "moved": moved, "dry_run": wanted.dry_run})
    else:
        talk("nothing was changed (dry run)" if wanted.dry_run else f"{moved} moved")


def _announce(wanted: Wanted, names: list[str], sample: list[Letter]) -> None:
    talk(f"{wanted.verb}: {plural(len(names), 'dead letter')}, {wanted.scope.words() or 'as named'}, for example")
    for letter in sample:
        talk(f"  {letter.key}  {letter.reason}  {letter.text[:80]}")


def _carry_out(db: Database, store: DeadLetterStore, names: list[str], wanted: Wanted, *, cutoff: float) -> int:
    what = "failures retried" if wanted.verb == "retry" else "failures discarded"
    scope = wanted.scope.words() or plural(len(names), "dead letter")
    act = _open(db, what, scope, wanted.why)
    how = Redrive(cutoff=cutoff, rate=wanted.rate, who=who(), why=wanted.why, audit=act)
    with Progress(console=talk_console, disable=len(names) < PROGRESS_FROM) as progress:
        bar = progress.add_task(wanted.verb, total=len(names))
        moved = store.redrive(names, wanted.verb, how, progress=lambda done: progress.update(bar, completed=done))
    AuditStore(db).close(act)
    return moved


def _open(db: Database, what: str, scope: str, why: str) -> str:
    return AuditStore(db).open(Act(who=who(), what=what, scope=scope, why=why, via="command"))


def who() -> str:
    """Return who gives the command, for the audit log."""
    try:
        return f"{getpass.getuser()}@{platform.node()}"
    except (OSError, KeyError):
        return platform.node()


__all__: list[str] = ["app", "who"]
