"""`rarewire explain`: what the whole pipeline makes of one page."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from console.cli.output import JSON, NOTHING, data_console, fail, print_json


def explain(
    source: Annotated[str, typer.Argument(help="URL of a page, or a file with its HTML.")],
    url: Annotated[str, typer.Option(help="The address a file came from.")] = "",
    as_json: JSON = False,
) -> None:
    """Show what rarewire makes of one page: fetched, extracted, tagged, and why; nothing is stored or published.

    Example: rarewire explain https://example.org/news/some-article
    """
    from console.explain import explain_page  # noqa: PLC0415
    from shared.errors import StageError  # noqa: PLC0415

    try:
        found: dict[str, Any] = explain_page(source, url=url)
    except (OSError, ValueError, StageError) as error:
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
