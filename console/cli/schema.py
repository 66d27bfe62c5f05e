"""`rarewire schema`: the contract of the streams for machines; needs no server."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from console.cli.output import USAGE, fail, talk


def schema(
    name: Annotated[str, typer.Argument(help="Which document; default: list them.")] = "",
    write: Annotated[Path | None, typer.Option(help="Write all of them into this folder.")] = None,
) -> None:
    """Print the JSON Schemas and the AsyncAPI document of the public events.

    Example: rarewire schema article.v1.schema.json
    """
    from console.contract.documents import documents  # noqa: PLC0415 - keeps `--help` quick

    made = documents()
    if write:
        write.mkdir(parents=True, exist_ok=True)
        for file, text in made.items():
            (write / file).write_text(text, encoding="utf-8")
        talk(f"{len(made)} documents written to {write}")
    elif not name:
        sys.stdout.write("\n".join(made) + "\n")
    elif name in made:
        sys.stdout.write(made[name])
    else:
        fail(f"{name!r} is none of {', '.join(made)}", USAGE)
