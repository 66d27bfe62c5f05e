"""`rarewire consumers`: who reads the streams, how far each is, replay, and what each gave up."""

from __future__ import annotations

import re
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from console.cli.failures import who
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
    print_table,
    talk,
    when,
)
from shared.entry_ids import first_at, moment, parts
from shared.stores.audit import Act, AuditStore
from shared.stores.groups import NEW, OLDEST, Group, GroupStore, SkipsUnreadError, TooOldError, UnknownGroupError
from shared.stores.streams import StreamStore, public_streams

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shared.stores.connection import Database

app = typer.Typer(no_args_is_help=True, help="Consumers: registered groups, their lag, replay and dead events.")

GROUP = Annotated[str, typer.Argument(help="The group's name.")]
STREAM = Annotated[str, typer.Option(help="The stream; default: the first topic's.")]
START = Annotated[str, typer.Option("--from", help="`new`, `oldest`, an entry id, or a time as 2026-11-24T10:00Z.")]
NAME = re.compile(r"[a-z0-9][a-z0-9_.-]{0,63}")


@app.command("list")
def list_consumers(stream: STREAM = "", as_json: JSON = False) -> None:
    """List the groups of every stream, or of one.

    Example: rarewire consumers list
    """
    with database() as db:
        groups = GroupStore(db)
        found = [group for name in _all_streams(db, stream) for group in groups.states(name)]
    if as_json:
        print_json([_row(group) for group in found])
        return
    cells = [
        (one.stream, one.name, one.owner, _standing(one), one.lag, one.pending, one.consumers, one.dead, one.lost)
        for one in found
    ]
    columns = ("stream", "group", "owner", "state", "lag", "pending", "consumers", "dead", "lost")
    print_table(columns, cells, empty="no groups; `rarewire consumers add NAME --owner WHO` registers one")


@app.command()
def add(
    group: GROUP,
    owner: Annotated[str, typer.Option(help="Who to ask about it: a team, a person, an address.")],
    stream: STREAM = "",
    start: START = "new",
    as_json: JSON = False,
) -> None:
    """Register a group: what it has not acknowledged is not trimmed.

    Example: rarewire consumers add desk --owner "News desk" --from oldest
    """
    if not NAME.fullmatch(group):
        fail(f"{group!r}: a group's name is lower-case letters, digits, dots, hyphens and underscores", USAGE)
    name = _stream(stream)
    with database() as db, _explained():
        _refuse_unknown(db, name)
        fresh = GroupStore(db).add(name, group, owner=owner, start=_point(start))
        _write(db, "consumer registered", f"{name} {group}", int(fresh))
    if as_json:
        print_json({"stream": name, "group": group, "owner": owner, "added": fresh})
    else:
        talk(f"{group} on {name}: " + ("registered" if fresh else "was registered already; its place is unchanged"))


@app.command()
def remove(group: GROUP, stream: STREAM = "", yes: YES = False, as_json: JSON = False) -> None:
    """Forget a group; what it has not read no longer holds the trim, and its place is gone.

    Example: rarewire consumers remove desk
    """
    name = _stream(stream)
    with database() as db, _explained():
        groups = GroupStore(db)
        state = groups.state(name, group)
        talk(f"{group} on {name}: {state.lag} articles unread, {state.pending} pending, {state.dead} dead")
        confirm(f"Remove {group}?", yes=yes)
        groups.remove(name, group)
        _write(db, "consumer removed", f"{name} {group}", 1)
    if as_json:
        print_json({"stream": name, "group": group, "removed": True})


@app.command()
def lag(
    group: Annotated[str, typer.Argument(help="Only this group.")] = "",
    stream: STREAM = "",
    most: Annotated[int, typer.Option("--fail-above", help="Exit with 1 if a lag is above this; -1: never.")] = -1,
    as_json: JSON = False,
) -> None:
    """Show how far groups are behind: articles unread, and the age of the oldest that is not acknowledged.

    Example: rarewire consumers lag desk --fail-above 1000
    """
    with database() as db:
        groups = GroupStore(db)
        found = [one for name in _all_streams(db, stream) for one in groups.states(name) if group in {"", one.name}]
    if not found:
        fail(f"no group {group!r}; `rarewire consumers list` shows them", NOTHING)
    if as_json:
        print_json([_row(one) for one in found])
    else:
        cells = [(one.stream, one.name, one.lag, one.pending, _age(one.oldest_unacked), one.position) for one in found]
        columns = ("stream", "group", "lag", "pending", "oldest unacked", "position")
        print_table(columns, cells, empty="no groups")
    if most >= 0 and any(one.lag > most for one in found):
        raise typer.Exit(1)


@app.command()
def replay(
    group: GROUP,
    start: START,
    stream: STREAM = "",
    skip: Annotated[
        bool, typer.Option("--skip", help="Allow a start ahead of the group, over what is unread.")
    ] = False,
    dry_run: DRY_RUN = False,
    yes: YES = False,
    as_json: JSON = False,
) -> None:
    """Give one group everything from an entry or a time on again; the others do not notice.

    Example: rarewire consumers replay desk --from 2026-11-24T10:00Z
    """
    name, point = _stream(stream), _point(start)
    with database() as db, _explained():
        groups = GroupStore(db)
        state = groups.state(name, group)
        talk(f"{group} on {name} stands at {state.position}; it would be given everything from {point} on")
        number = 0
        if not dry_run:
            confirm(f"Replay into {group}?", yes=yes)
            number = groups.replay(name, group, point, skip=skip)
            _write(db, "replay", f"{name} {group} from {point}", number)
    if as_json:
        print_json({"stream": name, "group": group, "from": point, "articles": number, "dry_run": dry_run})
    else:
        talk("nothing was changed (dry run)" if dry_run else f"{number} articles are given to {group}")


@app.command()
def dead(
    group: GROUP,
    stream: STREAM = "",
    most: Annotated[int, typer.Option(min=1, help="At most so many.")] = 50,
    as_json: JSON = False,
) -> None:
    """List what a group gave up, oldest first, and why.

    Example: rarewire consumers dead desk --json
    """
    name = _stream(stream)
    with database() as db, _explained():
        groups = GroupStore(db)
        found = groups.dead(name, group, most=most)
        if not found:
            groups.state(name, group)  # a misspelt name is told, and no empty list
    if as_json:
        print_json([{"entry": entry, **fields} for entry, fields in found])
        return
    cells = [
        (
            entry, when(moment(entry)), fields.get("id", ""), fields.get("deadreason", ""),
            fields.get("deaddeliveries", ""), fields.get("deaderror", "")[:80],
        )
        for entry, fields in found
    ]  # fmt: skip
    print_table(("entry", "at", "event", "reason", "deliveries", "error"), cells, empty=f"{group} has given up nothing")


@app.command()
def redrive(
    group: GROUP,
    entries: Annotated[list[str] | None, typer.Argument(help="Entries of the dead stream, as `dead` lists.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="All that the group gave up.")] = False,
    stream: STREAM = "",
    dry_run: DRY_RUN = False,
    yes: YES = False,
    as_json: JSON = False,
) -> None:
    """Give dead events back to their group, and to it alone.

    Example: rarewire consumers redrive desk --all
    """
    if not entries and not everything:
        fail("say which: entries, or --all", USAGE)
    name = _stream(stream)
    with database() as db, _explained():
        groups = GroupStore(db)
        wanted = entries or [entry for entry, fields in groups.every_dead(name, group) if "deadentry" in fields]
        if not wanted:
            fail(f"{group} has given up nothing that could come again", NOTHING)
        talk(f"{len(wanted)} dead events of {group}")
        moved, gone = 0, list[str]()
        if not dry_run:
            confirm(f"Give {len(wanted)} back to {group}?", yes=yes)
            moved, gone = groups.redrive(name, group, wanted)
            _write(db, "dead events redriven", f"{name} {group}", moved)
    if as_json:
        print_json({"group": group, "matched": len(wanted), "moved": moved, "trimmed": gone, "dry_run": dry_run})
        return
    talk("nothing was changed (dry run)" if dry_run else f"{moved} given back")
    if gone:
        talk(
            f"{len(gone)} are no longer on the stream; the dead stream holds them whole: "
            f"`rarewire consume --stream {name}:dead:{group}` works on them after `consumers add` there"
        )


def _streams(stream: str) -> tuple[str, ...]:
    from shared.settings import settings  # noqa: PLC0415 - `--help` reads no settings

    return (stream,) if stream else public_streams(settings().topics, settings().facet_streams)


def _stream(stream: str) -> str:
    return _streams(stream)[0]


def _all_streams(db: Database, stream: str) -> tuple[str, ...]:
    """One stream, or all: those that the settings name and those that were written before."""
    return (stream,) if stream else tuple(dict.fromkeys((*_streams(""), *StreamStore(db).known())))


def _refuse_unknown(db: Database, stream: str) -> None:
    """A group on a misspelt stream would wait for ever."""
    known = _all_streams(db, "")
    if stream not in known and not StreamStore(db).length(stream):
        fail(f"there is no stream {stream!r}; known are {', '.join(known)}", NOTHING)


def _point(text: str) -> str:
    """Return where a person's `--from` points: NEW, OLDEST or an entry id."""
    if text in {"new", NEW}:
        return NEW
    if text in {"oldest", "0", OLDEST}:
        return OLDEST
    try:
        parts(text)
    except ValueError:
        pass
    else:
        return text
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        fail(f"--from {text!r} is neither `new`, `oldest`, an entry id nor a time as 2026-11-24T10:00Z", USAGE)
    return first_at((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp())


@contextmanager
def _explained() -> Iterator[None]:
    try:
        yield
    except UnknownGroupError as error:
        fail(str(error), NOTHING)
    except TooOldError as error:
        fail(f"{error} (of {when(moment(error.oldest))}); `--from oldest` begins there")
    except SkipsUnreadError as error:
        fail(f"{error}; add --skip if that is meant", USAGE)


def _write(db: Database, what: str, scope: str, count: int) -> None:
    AuditStore(db).write(Act(who=who(), what=what, scope=scope, via="command", count=count))


def _row(group: Group) -> dict[str, Any]:
    return {**asdict(group), "since": when(group.since), "state": _standing(group)}


def _standing(group: Group) -> str:
    if not group.registered:
        return "unregistered"
    return "ok" if group.exists else "vanished"


def _age(seconds: float | None) -> str:
    return "" if seconds is None else f"{seconds:.0f} s"
