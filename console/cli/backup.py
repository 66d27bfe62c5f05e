"""`rarewire export` and `rarewire import`: the state in a file, and back."""

from __future__ import annotations

import gzip
import os
import sys
from collections import Counter
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated, cast

import typer

from console.cli.failures import who
from console.cli.output import DRY_RUN, FAILED, JSON, YES, confirm, database, fail, print_json, talk

if TYPE_CHECKING:
    from collections.abc import Iterator


def export_state(
    file: Annotated[Path | None, typer.Argument(help="Where to; `.gz` packs it; default: standard output.")] = None,
    texts: Annotated[bool, typer.Option("--texts", help="Also the texts of all articles that are kept.")] = False,
    as_json: JSON = False,
) -> None:
    """Write feeds, work, dead letters and articles' records to one file; the system may run meanwhile.

    Example: rarewire export rarewire-2026-01-31.jsonl.gz
    """
    from console import backup  # noqa: PLC0415 - keeps `--help` quick

    try:
        with database() as db, _target(file) as target:
            counts = backup.write(db, target, texts=texts)
    except OSError as error:
        fail(f"{file}: {error.strerror}", FAILED)
    if as_json and file:
        print_json({"file": str(file), "counts": counts})
    else:
        talk(_told(counts) + (f" written to {file}" if file else ""))


def import_state(
    file: Annotated[Path, typer.Argument(help="An archive that `rarewire export` has written.")],
    dry_run: DRY_RUN = False,
    yes: YES = False,
    as_json: JSON = False,
) -> None:
    """Put an archive's state back. What is there already stays as it is; a second import changes nothing.

    Example: rarewire import rarewire-2026-01-31.jsonl.gz
    """
    from console import backup  # noqa: PLC0415
    from shared.stores.admission import UnusableServerError, admit  # noqa: PLC0415
    from shared.stores.audit import Act, AuditStore  # noqa: PLC0415

    try:
        counts = backup.check(file)
        if dry_run:
            found = {kind: (count, 0) for kind, count in counts.items()}
        else:
            confirm(f"Import {_told(counts)}?", yes=yes)
            with database() as db:
                admit(db)
                found = backup.restore(db, file)
                new = sum(number for _, number in found.values())
                AuditStore(db).write(Act(who=who(), what="state imported", scope=str(file), count=new, via="command"))
    except (OSError, backup.ArchiveError, UnusableServerError) as error:
        fail(str(error), FAILED)
    if as_json:
        rows = {kind: {"found": count, "new": number} for kind, (count, number) in found.items()}
        print_json({"dry_run": dry_run, "rows": rows})
        return
    talk(f"{file}: {_told(counts)}" + (" (nothing was changed)" if dry_run else ""))
    if not dry_run:
        talk("new: " + _told(Counter({kind: number for kind, (_, number) in found.items()})))


@contextmanager
def _target(file: Path | None) -> Iterator[IO[bytes]]:
    """Open a file that its owner alone can read, and put it in place only when it is whole."""
    if file is None:
        yield sys.stdout.buffer
        return
    part = file.with_name(f".{file.name}.part")
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as plain:
            if file.suffix == ".gz":
                with gzip.GzipFile(fileobj=plain, mode="wb", compresslevel=5, filename="") as packed:
                    yield cast("IO[bytes]", packed)
            else:
                yield plain
        part.replace(file)
    finally:
        part.unlink(missing_ok=True)


WORDS = {
    "feed": "feeds", "work": "pieces of work", "dead": "dead letters", "article": "articles", "body": "texts and pages",
    "stream": "streams",
}  # fmt: skip


def _told(counts: Counter[str]) -> str:
    return ", ".join(f"{counts[kind]} {word}" for kind, word in WORDS.items() if counts[kind]) or "nothing"
