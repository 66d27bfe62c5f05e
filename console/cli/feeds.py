"""`rarewire feeds`: list, add, check, import and export, pause, resume, poll now, remove."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from pydantic import ValidationError

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
from schedulers import opml
from schedulers.catalogue import FeedSource
from schedulers.core import FeedState
from schedulers.registry import Registry, UnknownFeedError
from shared.stores.audit import Act, AuditStore
from shared.urls import BadURLError, feed_id

if TYPE_CHECKING:
    from collections.abc import Callable

    from shared.stores.connection import Database

app = typer.Typer(no_args_is_help=True, help="Feeds: what is watched.")

FEED = Annotated[str, typer.Argument(help="The feed's id, or its URL.")]


@app.command("list")
def list_feeds(as_json: JSON = False) -> None:
    """List the feeds with their state and next poll.

    Example: rarewire feeds list --json
    """
    with database() as db:
        registry = Registry(db)
        rows = [_row(registry, name, record) for name, record in registry.feeds.all()]
    if as_json:
        print_json(rows)
        return
    columns = ("id", "name", "state", "next poll", "last new", "errors", "url")
    cells = [(r["id"], r["name"], r["state"], r["next_poll"], r["last_new"], r["errors"] or "", r["url"]) for r in rows]
    print_table(columns, cells, empty="no feeds; add one with `rarewire feeds add URL`")


@app.command()
def show(feed: FEED, as_json: JSON = False) -> None:
    """Show all that is remembered of a feed.

    Example: rarewire feeds show https://example.org/feed.xml
    """
    with database() as db:
        registry = Registry(db)
        record = registry.feeds.get(_id(feed))
        if not record:
            fail(f"no feed {feed!r}; `rarewire feeds list` shows them", NOTHING)
        row = _row(registry, _id(feed), record)
        state = FeedState.from_fields(record)
    full = row | {name: getattr(state, name) for name in FeedState.__dataclass_fields__ if getattr(state, name)}
    if as_json:
        print_json({name: sorted(value) if isinstance(value, frozenset) else value for name, value in full.items()})
        return
    print_table(("field", "value"), full.items(), empty="")


@app.command()
def add(
    url: Annotated[str, typer.Argument(help="The feed's URL.")],
    name: Annotated[str, typer.Option(help="What to call it; default: its host.")] = "",
    discover: Annotated[
        bool, typer.Option("--discover", help="Ask the URL first: of a page, the first feed that it names is watched.")
    ] = False,
    dry_run: DRY_RUN = False,
    as_json: JSON = False,
) -> None:
    """Watch a feed; its first poll is due at once.

    Example: rarewire feeds add https://example.org/feed/ --name "Example News"
    Example: rarewire feeds add https://example.org/ --discover
    """
    source = _source(_discovered(url) if discover else url, name)
    with database() as db:
        registry = Registry(db)
        fresh = not registry.feeds.get(source.id) if dry_run else bool(registry.add([source]))
        if fresh and not dry_run:
            _audit(db, "feed added", source.url, 1)
    if as_json:
        print_json({"id": source.id, "url": source.url, "added": fresh and not dry_run, "dry_run": dry_run})
    else:
        added = "would be added" if dry_run else "added"
        talk(f"{source.id}  {source.url}  {added if fresh else 'is watched already'}")


@app.command()
def check(url: str, as_json: JSON = False) -> None:
    """Ask for a feed once and say what it holds, or which feeds a page names, without adding or changing anything.

    Example: rarewire feeds check https://example.org/feed/
    """
    from console.feed_check import check_feed  # noqa: PLC0415 - keeps `--help` quick
    from shared.errors import StageError  # noqa: PLC0415

    try:
        found = check_feed(url)
    except (BadURLError, StageError) as error:
        fail(f"{url}: {error}")
    if as_json:
        print_json(found)
        return
    print_table(("field", "value"), [(k, v) for k, v in found.items() if k != "entries"], empty="")
    print_table(
        ("published", "title", "url"), [(e["published_at"], e["title"], e["url"]) for e in found["entries"]], empty=""
    )


@app.command("import")
def import_opml(
    file: Annotated[Path, typer.Argument(help="An OPML file.")], dry_run: DRY_RUN = False, as_json: JSON = False
) -> None:
    """Watch the feeds of an OPML file.

    Example: rarewire feeds import subscriptions.opml --dry-run
    """
    try:
        imported = opml.read(file.read_bytes())
    except (OSError, opml.OpmlError) as error:
        fail(f"{file}: {error}")
    with database() as db:
        registry = Registry(db)
        known = set(registry.feeds.ids())
        fresh = [source for source in imported.feeds if source.id not in known]
        if not dry_run:
            fresh = registry.add(imported.feeds)
            _audit(db, "feeds imported", str(file), len(fresh))
    for refused in imported.rejected:
        talk(f"refused: {refused.url or refused.title or 'an outline without an address'}: {refused.why}")
    result = {"found": len(imported.feeds), "added": len(fresh), "refused": len(imported.rejected), "dry_run": dry_run}
    if as_json:
        print_json(result)
    else:
        talk(f"{result['added']} of {result['found']} feeds " + ("would be added" if dry_run else "added"))


@app.command()
def export(file: Annotated[Path | None, typer.Argument(help="Where to; default: standard output.")] = None) -> None:
    """Write the feeds as OPML.

    Example: rarewire feeds export feeds.opml
    """
    with database() as db:
        records = list(Registry(db).feeds.all())
    sources = [
        FeedSource(name=record.get("name") or record["u"][:120], url=record["u"], language=record.get("language", ""))
        for _, record in records
    ]
    document = opml.write(sources)
    if file:
        file.write_text(document, encoding="utf-8")
        talk(f"{len(sources)} feeds written to {file}")
    else:
        sys.stdout.write(document + "\n")


@app.command()
def pause(feed: FEED) -> None:
    """Stop polling a feed until it is resumed.

    Example: rarewire feeds pause https://example.org/feed.xml
    """
    _act(feed, lambda registry, one: registry.pause(one), "paused")


@app.command()
def resume(feed: FEED) -> None:
    """Poll a paused or parked feed again, now.

    Example: rarewire feeds resume https://example.org/feed.xml
    """
    _act(feed, lambda registry, one: registry.resume(one), "resumed")


@app.command()
def poll(feed: FEED) -> None:
    """Poll a feed now, over its schedule, back-off or Retry-After.

    Example: rarewire feeds poll https://example.org/feed.xml
    """
    _act(feed, lambda registry, one: registry.poll_now(one), "is due now")


@app.command()
def remove(feed: FEED, yes: YES = False) -> None:
    """Forget a feed; articles that came from it stay.

    Example: rarewire feeds remove https://example.org/feed.xml --yes
    """
    confirm(f"Remove {feed}?", yes=yes)
    _act(feed, lambda registry, one: registry.remove(one), "removed")


def _act(feed: str, act: Callable[[Registry, str], object], done: str) -> None:
    with database() as db:
        try:
            act(Registry(db), _id(feed))
        except UnknownFeedError as error:
            fail(str(error), NOTHING)
        _audit(db, f"feed {done}", feed, 1)
    talk(f"{feed} {done}")


def _audit(db: Database, what: str, scope: str, count: int) -> None:
    AuditStore(db).write(Act(who=who(), what=what, scope=scope, count=count, via="command"))


def _id(feed: str) -> str:
    try:
        return feed_id(feed) if "://" in feed else feed
    except BadURLError as error:
        fail(str(error), USAGE)


def _discovered(url: str) -> str:
    from console.feed_check import feed_at  # noqa: PLC0415 - keeps `--help` quick
    from shared.errors import StageError  # noqa: PLC0415

    try:
        return feed_at(url)
    except (BadURLError, StageError) as error:
        fail(f"{url}: {error}")


def _source(url: str, name: str) -> FeedSource:
    try:
        return FeedSource(name=name or url.partition("://")[2][:120] or url, url=url)
    except ValidationError as error:
        fail(f"{url or 'an empty URL'}: {error.errors()[0]['msg'].removeprefix('Value error, ')}", USAGE)


def _row(registry: Registry, feed: str, record: dict[str, str]) -> dict[str, Any]:
    state = FeedState.from_fields(record)
    word = "paused" if state.paused else "parked" if state.parked_at else "failing" if state.errors else "ok"
    return {
        "id": feed,
        "name": record.get("name", ""),
        "url": state.url,
        "state": word if state.asked_at or state.paused else "new",
        "next_poll": when(registry.feeds.next_poll(feed)),
        "last_ok": when(state.ok_at or None),
        "last_new": when(state.new_at or None),
        "errors": state.errors,
        "reason": state.reason,
        "waiting_until": when(state.wait_until or None),
    }
