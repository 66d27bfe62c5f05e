"""`rarewire conformance`: test a consumer, in whatever language, against the contract of the streams."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from console.cli.output import FAILED, JSON, fail, print_json, talk


def conformance(
    command: Annotated[list[str], typer.Argument(help="The consumer's command line, after `--`.")],
    patience: Annotated[float, typer.Option(min=1.0, help="Seconds to wait for what must come.")] = 15.0,
    as_json: JSON = False,
) -> None:
    """Run a consumer against duplicates, unknown fields, poison, trimmed entries, canaries, deaths and a restart.

    The kit starts a server of its own and tells the consumer by environment variables where to read:
    RAREWIRE_REDIS_URL, RAREWIRE_STREAM, RAREWIRE_GROUP, RAREWIRE_CONSUMER, RAREWIRE_CLAIM_AFTER_MS and
    RAREWIRE_MAX_DELIVERIES. The consumer prints the id of every event it has worked on, one a line. Exit code 1: it did
    something wrong.

    Example: rarewire conformance -- python docs/samples/plain_consumer.py
    """
    from console.conformance.kit import examine  # noqa: PLC0415 - keeps `--help` quick

    findings = []
    try:
        for finding in examine(command, patience=patience):
            findings.append(finding)
            if not as_json:
                talk(f"{'ok   ' if not finding.wrongs else 'WRONG'}  {finding.says}")
                for wrong in finding.wrongs:
                    talk(f"         {wrong}")
    except OSError as error:
        fail(f"{command[0]}: {error}")
    bad = [finding for finding in findings if finding.wrongs]
    if as_json:
        print_json([asdict(finding) for finding in findings])
    else:
        talk(f"\n{len(findings) - len(bad)} of {len(findings)} checks passed")
    if bad:
        raise typer.Exit(FAILED)
