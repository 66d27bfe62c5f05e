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
    webhooks,
)
from console.cli import console as web_console
from console.cli.endings import ending

app = typer.Typer(
    name="rarewire",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Watches news feeds, extracts clean articles, tags rare-earth news and publishes it on Redis Streams.",
    epilog="Start with `rarewire demo` (no internet needed) or `rarewire up`; then look with `rarewire status`.",
)
RUN = "Run it"
LOOK = "See what it does"
MEND = "Operate it"
CONSUME = "Read the queue"
JUDGE = "Judge what it reads and tags"

app.command(rich_help_panel=RUN)(run.up)
app.command(rich_help_panel=RUN)(run.demo)
app.command(rich_help_panel=RUN)(role.run)
app.command(rich_help_panel=RUN)(doctor.doctor)
app.command("settings", rich_help_panel=RUN)(settings.show_settings)
app.command("console-password", rich_help_panel=RUN)(web_console.console_password)

app.command(rich_help_panel=LOOK)(status.status)
app.command(rich_help_panel=LOOK)(tail.tail)
app.add_typer(articles.app, name="articles", rich_help_panel=LOOK)
app.command(rich_help_panel=LOOK)(web_console.health)
app.command(rich_help_panel=LOOK)(audit.audit)

app.add_typer(feeds.app, name="feeds", rich_help_panel=MEND)
app.add_typer(failures.app, name="failures", rich_help_panel=MEND)
app.add_typer(retries.app, name="retries", rich_help_panel=MEND)
app.add_typer(sites.app, name="sites", rich_help_panel=MEND)
app.command("export", rich_help_panel=MEND)(backup.export_state)
app.command("import", rich_help_panel=MEND)(backup.import_state)

app.command(rich_help_panel=CONSUME)(settings.url)
app.add_typer(consumers.app, name="consumers", rich_help_panel=CONSUME)
app.command(rich_help_panel=CONSUME)(consume.consume)
app.add_typer(webhooks.app, name="webhooks", rich_help_panel=CONSUME)
app.command(rich_help_panel=CONSUME)(schema.schema)
app.command(rich_help_panel=CONSUME)(conformance.conformance)

app.command(rich_help_panel=JUDGE)(explain.explain)
app.command(rich_help_panel=JUDGE)(extract.extract)
app.add_typer(rules.app, name="rules", rich_help_panel=JUDGE)


def _tell_version(wanted: bool) -> None:
    if wanted:
        sys.stdout.write(f"rarewire {version('rarewire')}\n")
        raise typer.Exit


@app.callback()
def root(
    use_demo: Annotated[bool, typer.Option("--demo", help="Speak to the running demo instead.")] = False,
    _version: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=_tell_version, help="Print the version and leave.")
    ] = False,
) -> None:
    """Say which running system the command is for."""
    if use_demo:
        os.environ["RAREWIRE_STATE_DIR"] = str(run.demo_state())


def main() -> None:
    """Run the command. What the machine or the settings stand in the way of ends in one sentence, not a traceback."""
    try:
        app()
    except Exception as error:
        found = ending(error)
        if found is None:
            raise
        sys.stderr.write(f"rarewire: {found[0]}\n")
        sys.exit(found[1])
