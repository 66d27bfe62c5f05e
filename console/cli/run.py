"""`rarewire up` and `rarewire demo`: the whole system on this machine until Ctrl-C."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING, Annotated, Any

import typer

from console.cli.output import FAILED, fail, talk

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from shared.settings import Settings


def demo_state() -> Path:
    """Return the demo's own state folder, beside the real one."""
    from shared.settings_sources import home  # noqa: PLC0415 - keeps `--help` quick

    return home("XDG_STATE_HOME", ".local/state") / "rarewire-demo"


def up(
    once: Annotated[float, typer.Option("--for", help="Stop by itself after so many seconds; 0: never.")] = 0.0,
    show: Annotated[bool, typer.Option("--tail/--no-tail", help="Print articles as they are published.")] = True,
) -> None:
    """Run everything and watch the feeds until Ctrl-C: server, beat, workers and console.

    Example: rarewire up
    """
    from shared.settings import settings  # noqa: PLC0415 - `--help` reads no settings

    _run(settings(), seconds=once, show=show)


def demo(
    once: Annotated[float, typer.Option("--for", help="Stop by itself after so many seconds; 0: never.")] = 0.0,
    rate: Annotated[float, typer.Option(help="New articles a second.")] = 0.5,
    seed: Annotated[int, typer.Option(help="Which articles and faults.")] = 1,
    keep: Annotated[bool, typer.Option(help="Go on with the last demo's state.")] = False,
) -> None:
    """Run everything against a small press on loopback that ships with rarewire; no internet needed.

    Example: rarewire demo, and in another terminal: rarewire --demo status
    """
    from console.up.system import is_running  # noqa: PLC0415 - keeps `--help` quick

    state = demo_state()
    if is_running(state):
        fail(f"a demo is already running with the state folder {state}; `rarewire --demo status` looks at it")
    if not keep:
        shutil.rmtree(state, ignore_errors=True)
    state.mkdir(parents=True, exist_ok=True)
    for press in _press(seed, rate):
        feeds = state / "feeds.toml"
        feeds.write_text(_toml(press["feeds"]), encoding="utf-8")
        os.environ |= {
            "RAREWIRE_STATE_DIR": str(state),
            "RAREWIRE_FEEDS_FILE": str(feeds),
            "RAREWIRE_ALLOW_LOOPBACK": "true",
            "RAREWIRE_PORTS": "[]",
            "RAREWIRE_HOST_GAP": "0.2",
            "RAREWIRE_RETRY_SCALE": "0.02",
            "RAREWIRE_POLL_FLOOR": "5",
            "RAREWIRE_POLL_FLOOR_UNPROVEN": "5",
            "RAREWIRE_POLL_CEILING": "10",
            "RAREWIRE_SERVER_PORT": "0",
            "RAREWIRE_CONSOLE_PORT": os.environ.get("RAREWIRE_CONSOLE_PORT", "8788"),
        }
        os.environ.pop("RAREWIRE_REDIS_URL", None)
        from shared.settings import settings  # noqa: PLC0415 - only now says the environment what is meant

        talk(f"the press    {press['url']} ({len(press['feeds'])} outlets)")
        _run(settings(), seconds=once, show=True)


def _press(seed: int, rate: float) -> Iterator[dict[str, Any]]:
    """Run the press beside us; yields what it says of itself once it is ready."""
    from console.up.supervisor import die_with_parent  # noqa: PLC0415 - keeps `--help` quick

    command = [sys.executable, "-m", "demo.press", "--port", "0", "--seed", str(seed), "--rate", str(rate)]
    with subprocess.Popen(  # noqa: S603 - our own command line
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        start_new_session=True,
        preexec_fn=die_with_parent,  # noqa: PLW1509 - one prctl call
    ) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            if not line:
                fail("the press did not start")
            yield json.loads(line)
        finally:
            process.terminate()


def _toml(feeds: list[dict[str, str]]) -> str:
    """Return the press's feeds as a feeds file."""
    return "\n".join(f'[[feed]]\nname = "{feed["name"]}"\nurl = "{feed["url"]}"\n' for feed in feeds)


def _run(settings: Settings, *, seconds: float, show: bool) -> None:
    from console.up import system  # noqa: PLC0415
    from console.up.topics import check_topics  # noqa: PLC0415
    from console.web.exposure import check_exposure  # noqa: PLC0415
    from shared.stores.admission import UnusableServerError, admit  # noqa: PLC0415
    from shared.stores.connection import connect  # noqa: PLC0415

    def say(event: str, role: str, details: dict[str, Any]) -> None:
        if event in {"exited", "killed", "not started"} and not stopping.is_set():
            talk(f"{time.strftime('%H:%M:%S')}  {role} {event} {details}")

    stopping = threading.Event()
    try:
        check_exposure(settings)
        check_topics(settings)
        with system.running(settings, say) as (supervisor, where):
            admit(connect(where.redis_url))
            _plan_feeds(settings, connect(where.redis_url))
            system.stop_on_signals(supervisor)
            talk(f"the server   {_without_password(where.redis_url)}   (rarewire url prints it whole)")
            talk(f"the console  {where.console_url}")
            talk(f"the logs     {where.logs}")
            talk("the stream   rarewire:rare-earth:v1         Ctrl-C stops everything\n")
            if seconds:
                timer = threading.Timer(seconds, supervisor.stop)
                timer.daemon = True
                timer.start()
            if show:
                threading.Thread(target=_tail, args=(where.redis_url,), daemon=True).start()
            supervisor.run()
            stopping.set()
    except (system.AlreadyRunningError, FileNotFoundError, TimeoutError, ValueError, UnusableServerError) as error:
        fail(str(error), FAILED)
    talk("stopped; the state is kept")


def _plan_feeds(settings: Settings, database: Any) -> None:
    from schedulers.registry import sync_catalogue  # noqa: PLC0415

    added = sync_catalogue(settings.feeds_file, database)
    if added:
        talk(f"{added} feeds added")


def _tail(redis_url: str) -> None:
    from console.cli.tail import show_entry  # noqa: PLC0415
    from shared.stores.connection import RedisError, connect  # noqa: PLC0415
    from shared.stores.streams import StreamStore  # noqa: PLC0415

    after = "$"
    while True:
        try:
            for entry in StreamStore(connect(redis_url)).follow("rarewire:rare-earth:v1", after=after):
                if entry:
                    after = entry[0]
                    show_entry(*entry, as_json=False)
        except RedisError:
            time.sleep(1)


def _without_password(url: str) -> str:
    scheme, _, rest = url.partition("://")
    return f"{scheme}://{rest.rpartition('@')[2]}"
