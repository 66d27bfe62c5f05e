"""`rarewire settings` and `rarewire url`: what the system was told, and where its server is."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from console.cli.output import NO_SERVER, fail, print_table


def url() -> None:
    """Print the URL of the server that holds the state and the streams, password included, for redis-cli or a consumer.

    Example: redis-cli -u "$(rarewire url)" XLEN rarewire:rare-earth:v1
    """
    from shared.settings import settings  # noqa: PLC0415

    try:
        sys.stdout.write(settings().redis() + "\n")
    except LookupError as error:
        fail(str(error), NO_SERVER)


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
