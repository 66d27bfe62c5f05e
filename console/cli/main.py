"""The `rarewire` command."""

from __future__ import annotations

import os
import sys
from importlib.metadata import version
from typing import Annotated

import typer

from console.cli import (
    articles,
    audit,
    backup,
    conformance,
    consume,
    consumers,
    doctor,
    explain,
    extract,
    failures,
    feeds,
    retries,
    role,
    rules,
    run,
    schema,
    settings,
    sites,
    status,
    tail,
)
from console.cli import console as web_console

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
app.command()(status.status)
app.command()(tail.tail)
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
app.command()(explain.explain)
app.command()(extract.extract)
app.command()(audit.audit)
app.command()(settings.url)
app.command("settings")(settings.show_settings)
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


def main() -> None:
    """Run the command."""
    app()
