"""`rarewire doctor`: what is wrong here and what to do; and the probe of one role's process for containers."""

from __future__ import annotations

from typing import Annotated

import typer

from console.cli.output import FAILED, JSON, NO_SERVER, USAGE, data_console, fail, print_json, talk

MARKS = {"ok": "green", "warning": "yellow", "bad": "red"}


def doctor(
    live: Annotated[
        str, typer.Option("--live", metavar="ROLE", help="Only ask whether this machine's process of a role is alive.")
    ] = "",
    offline: Annotated[bool, typer.Option("--offline", help="Ask no hosts outside for their robots.txt.")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Fail on warnings, too.")] = False,
    as_json: JSON = False,
) -> None:
    """Check settings, server, clock, disk, rules, egress and robots.txt, and say what to do; exit code 1: unfit.

    Example: rarewire doctor
    """
    if live:
        _probe(live, as_json=as_json)
        return
    from console.doctor import Finding, Level, examine  # noqa: PLC0415 - keeps `--help` quick
    from shared.settings import settings  # noqa: PLC0415
    from shared.settings_sources import SettingsError  # noqa: PLC0415

    try:
        found = list(examine(settings(), ask_outside=not offline))
    except SettingsError as error:
        do = "`rarewire settings` lists what can be set and how"
        found = [Finding(check=f"setting {name}", level=Level.BAD, found=what, do=do) for name, what in error.problems]
    if as_json:
        print_json([{"check": f.check, "level": f.level, "found": f.found, "do": f.do} for f in found])
    else:
        for one in found:
            data_console.print(f"{one.level:<8}", style=MARKS[one.level], end="")
            data_console.print(f"{one.check}: {one.found}", markup=False)
            if one.do:
                data_console.print(f"        → {one.do}", markup=False)
    failing = {Level.BAD, Level.WARNING} if strict else {Level.BAD}
    if any(one.level in failing for one in found):
        talk("not fit to run as it is")
        raise typer.Exit(FAILED)


def _probe(role: str, *, as_json: bool) -> None:
    from console.alive import probe  # noqa: PLC0415
    from shared.settings import settings  # noqa: PLC0415

    chosen = settings()
    try:
        well, why = probe(role, chosen)
    except LookupError as error:
        fail(str(error), NO_SERVER)
    except ValueError as error:
        fail(str(error), USAGE)
    if as_json:
        print_json({"role": role, "alive": well, "why": why})
    else:
        talk(f"{role}: {why}")
    if not well:
        raise typer.Exit(FAILED)
