"""`rarewire consume`: run a program for every event; its exit code says whether the work is done."""

from __future__ import annotations

import shlex
import subprocess
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from console.cli.output import NOTHING, USAGE, database, fail, talk

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shared.consumer import Delivery

ERROR_MOST = 500  # characters of a program's standard error that are kept


class ProgramFailedError(RuntimeError):
    """The program ended with another exit code than 0, or not in time."""


def consume(
    group: Annotated[str, typer.Option(help="The registered group to read for.")],
    command: Annotated[str, typer.Option("--exec", help="The program and its arguments, run once an event.")],
    stream: Annotated[str, typer.Option(help="The stream; default: the first topic's.")] = "",
    name: Annotated[str, typer.Option(help="This consumer's name; default: host and process.")] = "",
    tries: Annotated[int, typer.Option(min=1, help="Deliveries before an event goes to the dead stream.")] = 5,
    wait: Annotated[float, typer.Option(min=0.1, help="Seconds before a failed event is given again.")] = 60.0,
    limit: Annotated[float, typer.Option(min=0.1, help="Seconds that the program may take for an event.")] = 30.0,
    once: Annotated[bool, typer.Option("--once", help="Stop when nothing is left to read.")] = False,
) -> None:
    """Run a program for every event: JSON on its standard input; exit code 0 acknowledges, another is a failed try.

    Example: rarewire consume --group desk --exec 'jq -r .data.title'
    """
    from shared.consumer import Consumer, GroupMissingError, Policy  # noqa: PLC0415 - `--help` needs no client
    from shared.settings import settings  # noqa: PLC0415
    from shared.stores.streams import public_streams  # noqa: PLC0415

    if wait <= limit:
        fail("--wait must be above --limit, or an event is given to another consumer while its program runs", USAGE)
    if not shlex.split(command):
        fail("--exec names no program", USAGE)
    with database() as db:
        # A program may take its whole time for one event, so no event waits behind another in this process's hands.
        policy = Policy(waits=(wait,) * tries, batch=1)
        chosen = stream or public_streams(settings().topics)[0]
        consumer = Consumer(db.redis, stream=chosen, group=group, name=name, policy=policy)
        consumer.stop_on_signals()
        done, failed = 0, 0
        try:
            for delivery in consumer.deliveries(drain=once):
                if work(shlex.split(command), delivery, limit=limit):
                    done += 1
                else:
                    failed += 1
        except GroupMissingError as error:
            fail(str(error), NOTHING)
    talk(f"{done} events done, {failed} tries failed, {consumer.skipped} passed over")


def work(command: Sequence[str], delivery: Delivery, *, limit: float) -> bool:
    """Run the program on one event and end its delivery; returns whether it did its work."""
    try:
        run(command, delivery, limit=limit)
    except ProgramFailedError as error:
        talk(f"event {delivery.event.id}, delivery {delivery.held.number}: the program {error}")
        delivery.fail(f"{type(error).__name__}: {error}")
        return False
    delivery.ack()
    return True


def run(command: Sequence[str], delivery: Delivery, *, limit: float) -> None:
    """Run the program on one event. Raises ProgramFailedError with the end of what it said."""
    from shared.events import envelope  # noqa: PLC0415

    try:
        ended = subprocess.run(  # noqa: S603 - the operator's own program, no shell
            command,
            input=envelope(delivery.held.fields).encode(),
            stderr=subprocess.PIPE,
            timeout=limit,
            check=False,
            # Ctrl-C is for us: the program ends its event, and then we stop.
            start_new_session=True,
        )
    except subprocess.TimeoutExpired as error:
        raise ProgramFailedError(f"did not end within {limit:.0f} s") from error
    except OSError as error:
        raise ProgramFailedError(f"cannot be run: {error}") from error
    said = ended.stderr.decode(errors="replace")
    sys.stderr.write(said)
    if ended.returncode:
        raise ProgramFailedError(f"ended with exit code {ended.returncode}: {said.strip()[-ERROR_MOST:]}")
