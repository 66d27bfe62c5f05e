"""`rarewire tail`: the stream of published articles as it grows."""

from __future__ import annotations

import json
import sys
from typing import Annotated

import typer

from console.cli.output import JSON, data_console, database, talk


def tail(
    stream: Annotated[str, typer.Option(help="Which stream to follow.")] = "rarewire:rare-earth:v1",
    last: Annotated[int, typer.Option("--last", "-n", help="Show this many earlier entries first.")] = 10,
    follow: Annotated[bool, typer.Option("--follow/--no-follow", "-f", help="Go on as entries arrive.")] = True,
    as_json: JSON = False,
) -> None:
    """Follow the stream of published articles.

    Example: rarewire tail --last 3 --no-follow --json
    """
    from shared.stores.streams import StreamStore  # noqa: PLC0415

    with database() as db:
        streams = StreamStore(db)
        after = "0"
        for entry_id, fields in streams.newest(stream, last) if last else ():
            after = entry_id
            show_entry(entry_id, fields, as_json=as_json)
        if not follow:
            if after == "0":
                talk(f"{stream} is empty")
            return
        try:
            for entry in streams.follow(stream, after=after if last else "$"):
                if entry:
                    show_entry(*entry, as_json=as_json)
        except KeyboardInterrupt:
            raise typer.Exit from None


def show_entry(entry_id: str, fields: dict[str, str], *, as_json: bool) -> None:
    """Print one stream entry for people, or as one line of JSON."""
    if as_json:
        sys.stdout.write(
            json.dumps({"entry": entry_id, **fields, "data": json.loads(fields["data"])}, ensure_ascii=False) + "\n"
        )
        sys.stdout.flush()
        return
    data = json.loads(fields["data"])
    tags = ", ".join(f"{tag['facet']}:{tag['id']}" for tag in data.get("tags", ())[:8])
    data_console.print(f"[bold]{_escaped(data['title'])}[/bold]")
    data_console.print(f"  {data['site']}  {data.get('published_at') or ''}  p={data['probability']:.2f}", markup=False)
    data_console.print(f"  {tags}", markup=False)


def _escaped(text: str) -> str:
    return text.replace("[", r"\[")
