"""How commands speak: data on standard output (tables or JSON), talk and errors on standard error."""

from __future__ import annotations

import json
import sys
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer
from rich.console import Console
from rich.table import Table

from shared.stores.connection import RedisError, connect

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from shared.stores.connection import Database

JSON = Annotated[bool, typer.Option("--json", help="Print JSON for programs; its fields are stable.")]
YES = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
DRY_RUN = Annotated[bool, typer.Option("--dry-run", help="Show what would happen and change nothing.")]

# Exit codes: 0 done, 1 failed, 2 wrong usage, 3 nothing found, 4 no server.
FAILED, USAGE, NOTHING, NO_SERVER = 1, 2, 3, 4

talk_console = Console(stderr=True, highlight=False, soft_wrap=True)
# In a pipe a row stays one line and nothing is cut off: programs and `grep` read it.
PIPED = 10_000
data_console = Console(highlight=False, soft_wrap=not sys.stdout.isatty(), width=None if sys.stdout.isatty() else PIPED)


def talk(text: str) -> None:
    """Tell the person something that is not the data."""
    talk_console.print(text, markup=False)


def fail(text: str, code: int = FAILED) -> NoReturn:
    """End the command with an error that says what to do."""
    talk_console.print(f"rarewire: {text}", style="red", markup=False)
    raise typer.Exit(code)


def print_json(value: Any) -> None:
    """Print a value as JSON, one document."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2, default=str) + "\n")


def print_table(columns: Sequence[str], rows: Iterable[Sequence[object]], *, empty: str) -> None:
    """Print rows for people, or say in words that there are none."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for number, name in enumerate(columns):
        table.add_column(name, no_wrap=number == 0, overflow="fold")  # the first names the thing: it is copied
    for row in rows:
        table.add_row(*("" if cell is None else _plain(str(cell)) for cell in row))
    if table.row_count:
        data_console.print(table)
    else:
        talk(empty)


def print_record(record: Mapping[str, object]) -> None:
    """Print one thing's fields for people."""
    width = max(map(len, record), default=0)
    for name, value in record.items():
        data_console.print(f"{name:<{width}}  {value}", markup=False)


def confirm(question: str, *, yes: bool) -> None:
    """Ask before something that cannot be undone; without a terminal, `--yes` is needed."""
    if yes:
        return
    if not sys.stdin.isatty():
        fail(f"{question} Add --yes to do it without a terminal.", USAGE)
    if not typer.confirm(question, err=True):
        fail("nothing was changed")


def when(epoch: float | str | None) -> str:
    """Return a time for people and programs alike: UTC, RFC 3339, seconds."""
    if epoch in {None, ""}:
        return ""
    return datetime.fromtimestamp(float(epoch or 0), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@contextmanager
def database() -> Iterator[Database]:
    """Connect to the running system's state; a missing server is an error that says what to do."""
    from shared.settings import settings  # noqa: PLC0415 - `--help` reads no settings

    try:
        url = settings().redis()
    except LookupError as error:
        fail(str(error), NO_SERVER)
    try:
        yield connect(url)
    except RedisError as error:
        fail(f"the server does not answer ({error}); is `rarewire up` running?", NO_SERVER)


def _plain(text: str) -> str:
    return text.replace("[", r"\[")
