"""The `rarewire` command."""

from __future__ import annotations

import json
import os
import sys
from importlib.metadata import version
from typing import Annotated, Any

import typer

from console.cli import (
    articles,
    audit,
    backup,
    conformance,
    consume,
    consumers,
    doctor,
    extract,
    failures,
    feeds,
    retries,
    role,
    rules,
    run,
    schema,
    sites,
)
from console.cli import console as web_console
from console.cli.output import JSON, NOTHING, data_console, database, fail, print_json, print_table, talk

app = typer.Typer(
    name="rarewire",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Watches news feeds, extracts clean articles, tags rare-earth news and publishes it on Redis Streams.",
    epilog="Start with `rarewire demo` (no internet needed) or `rarewire up`; then look with `rarewire status`.",
)
app.command()(run.up)
app.command()(run.demo)
app.command()(role.run)
app.command()(doctor.doctor)
app.command("export")(backup.export_state)
app.command("import")(backup.import_state)
app.add_typer(feeds.app, name="feeds")
app.add_typer(failures.app, name="failures")
app.add_typer(retries.app, name="retries")
app.add_typer(articles.app, name="articles")
app.add_typer(consumers.app, name="consumers")
app.command()(consume.consume)
app.command()(conformance.conformance)
app.command()(schema.schema)
app.add_typer(rules.app, name="rules")
app.add_typer(sites.app, name="sites")
app.command()(extract.extract)
app.command()(audit.audit)
app.command()(web_console.health)
app.command("console-password")(web_console.console_password)


@app.callback()
def root(
    use_demo: Annotated[bool, typer.Option("--demo", help="Speak to the running demo instead.")] = False,
    show_version: Annotated[bool, typer.Option("--version", help="Print the version and leave.")] = False,
) -> None:
    """Say which running system the command is for."""
    if show_version:
        sys.stdout.write(f"rarewire {version('rarewire')}\n")
        raise typer.Exit
    if use_demo:
        os.environ["RAREWIRE_STATE_DIR"] = str(run.demo_state())


@app.command()
def status(as_json: JSON = False) -> None:
    """Show what is in each stage, what came of the work, and whether it moves.

    Example: rarewire status --json | jq .stages.fetch.due
    """
    from console.overview import overview  # noqa: PLC0415

    with database() as db:
        found = overview(db)
    if as_json:
        print_json(found)
        return
    columns = ("stage", "due", "waiting", "in work", "oldest s", "forwarded", "dropped", "retried", "dead")
    rows = [
        (
            name, int(stage["due"]), int(stage["waiting"]), int(stage["leased"]), f"{stage['oldest']:.1f}",
            stage["forwarded"], stage["dropped"], stage["retried"], stage["dead"],
        )
        for name, stage in found["stages"].items()
    ]  # fmt: skip
    print_table(columns, rows, empty="no stages")
    for name, stream in found["streams"].items():
        talk(f"{name}: {stream['length']} entries, {stream['published']} published")
    talk(f"{found['feeds']} feeds, {found['dead_letters']} dead letters, {found['waiting_retries']} retries waiting")
    for problem in found["problems"]:
        talk(f"! {problem}")


@app.command()
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


@app.command()
def explain(
    source: Annotated[str, typer.Argument(help="URL of a page, or a file with its HTML.")],
    url: Annotated[str, typer.Option(help="The address a file came from.")] = "",
    as_json: JSON = False,
) -> None:
    """Show what rarewire makes of one page: fetched, extracted, tagged, and why; nothing is stored or published.

    Example: rarewire explain https://example.org/news/some-article
    """
    from console.explain import explain_page  # noqa: PLC0415

    try:
        found: dict[str, Any] = explain_page(source, url=url)
    except (OSError, ValueError) as error:
        fail(str(error))
    if as_json:
        print_json(found)
    else:
        for name, value in found.items():
            data_console.print(f"{name}: {value}" if not isinstance(value, list) else f"{name}:", markup=False)
            for item in value if isinstance(value, list) else ():
                data_console.print(f"  {item}", markup=False)
    if not found.get("title"):
        raise typer.Exit(NOTHING)


@app.command()
def url() -> None:
    """Print the URL of the server that holds the state and the streams, password included, for redis-cli or a consumer.

    Example: redis-cli -u "$(rarewire url)" XLEN rarewire:rare-earth:v1
    """
    from shared.settings import settings  # noqa: PLC0415

    try:
        sys.stdout.write(settings().redis() + "\n")
    except LookupError as error:
        fail(str(error))


@app.command("settings")
def show_settings(
    markdown: Annotated[bool, typer.Option(help="As docs/configuration.md.")] = False,
    env: Annotated[bool, typer.Option(help="As deploy/env.example.")] = False,
) -> None:
    """List the settings with their defaults.

    Example: rarewire settings
    """
    from console import settings_text  # noqa: PLC0415 - keeps `--help` quick

    if markdown or env:
        sys.stdout.write(settings_text.markdown() if markdown else settings_text.env_example())
    else:
        print_table(("variable", "default", "what it does"), settings_text.rows(), empty="no settings")


def main() -> None:
    """Run the command."""
    app()
