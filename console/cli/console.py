"""`rarewire console-password` and `rarewire health`: for whoever runs the console and the containers."""

from __future__ import annotations

import sys
from typing import Annotated, Literal

import typer

from console.cli.output import FAILED, JSON, USAGE, database, fail, print_json, print_table, talk


def console_password(
    name: Annotated[str, typer.Argument(help="Who may sign in.")],
    role: Annotated[Literal["viewer", "operator"], typer.Option(help="What they may do.")] = "operator",
) -> None:
    """Print the line for the setting console_users; asks for the password, or reads it from a pipe.

    Example: rarewire console-password anna --role viewer
    """
    from console.web.exposure import ExposureError, user_line  # noqa: PLC0415 - keeps `--help` quick

    if sys.stdin.isatty():
        password = typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    else:
        password = sys.stdin.readline().rstrip("\n")
    try:
        sys.stdout.write(user_line(name, role, password) + "\n")
    except ExposureError as error:
        fail(str(error), USAGE)


def health(
    role: Annotated[str, typer.Argument(help="Only this role: beat, scheduler, web, text, console or webhooks.")] = "",
    as_json: JSON = False,
) -> None:
    """Say which processes do their work, judged by the work; exit code 1 if one does not. For probes of containers.

    Example: rarewire health web
    """
    from console.health import STILL, judge_pulses  # noqa: PLC0415
    from shared.stores.vitals import VitalStore  # noqa: PLC0415

    if role and role not in STILL:
        fail(f"there is no role {role!r}; there are {', '.join(STILL)}", USAGE)
    with database() as db:
        vitals = VitalStore(db)
        found = [one for one in judge_pulses(vitals.pulses(), now=vitals.now()).values() if role in {"", one.role}]
    if as_json:
        print_json([{"role": one.role, "ok": one.ok, "why": one.why, "seen_seconds": one.seen} for one in found])
    else:
        print_table(("role", "ok", "why"), [(one.role, "yes" if one.ok else "NO", one.why) for one in found], empty="")
    if any(not one.ok for one in found):
        talk("not all is well")
        raise typer.Exit(FAILED)
