"""`rarewire run`: one role by itself, for containers, systemd and clusters."""

from __future__ import annotations

from typing import Annotated

import typer

from console.cli.output import FAILED, NO_SERVER, USAGE, fail

ROLES = "beat, scheduler, web, text, console and webhooks; or one stage by itself: poll, fetch, extract or classify"


def run(role: Annotated[str, typer.Argument(help=f"{ROLES}.")]) -> None:
    """Be one process of a system that runs in parts; waits up to a minute for the server, then works until stopped.

    Example: RAREWIRE_REDIS_URL=redis://state.example:6379/0 rarewire run web
    """
    from console.up.alone import become  # noqa: PLC0415 - keeps `--help` quick
    from console.up.roles import NAMES  # noqa: PLC0415
    from schedulers.catalogue import CatalogueError  # noqa: PLC0415
    from shared.settings import settings  # noqa: PLC0415
    from shared.stores.admission import UnusableServerError  # noqa: PLC0415

    if role not in NAMES:
        fail(f"there is no role {role!r}; there are {ROLES}", USAGE)
    try:
        become(role, settings())
    except (LookupError, TimeoutError) as error:
        fail(str(error), NO_SERVER)
    except (UnusableServerError, CatalogueError, ValueError, OSError) as error:
        fail(str(error), FAILED)
