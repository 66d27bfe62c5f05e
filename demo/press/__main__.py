"""`python -m demo.press`: the fake press as a process.

It prints one JSON line when it serves, and publishes until stopped.
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
import threading
from typing import get_args

from demo.press.press import Addresses, Press


def _arguments(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m demo.press", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="port of every address; 0 for free ones")
    parser.add_argument("--seed", type=int, default=1, help="decides the articles and the faults")
    parser.add_argument("--rate", type=float, default=1.0, help="articles a second; 0 for none")
    parser.add_argument("--most", type=int, default=0, help="articles in all; 0 for no end")
    parser.add_argument("--stock", type=int, default=64, help="articles at the start")
    parser.add_argument("--outlets", type=int, default=None, help="how many outlets; all by default")
    parser.add_argument(
        "--addresses", choices=get_args(Addresses), default="auto", help="one host, port or path an outlet"
    )
    parser.add_argument("--page-kb", type=int, default=40, help="about how heavy a page is")
    parser.add_argument("--feed-length", type=int, default=100, help="articles a feed shows; 0 for all")
    parser.add_argument("--no-faults", dest="faults", action="store_false", help="a press that never misbehaves")
    return parser.parse_args(words)


def main(words: list[str]) -> None:
    """Serve until SIGINT or SIGTERM."""
    stopping = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: stopping.set())
    with Press(**vars(_arguments(words))) as press:
        feeds = [{"name": name, "url": url, "format": form} for name, url, form in press.feeds()]
        desk = {name: f"{press.url}/_press/{name}" for name in ("truth", "stats")}
        sys.stdout.write(
            json.dumps({"ready": True, "url": press.url, **desk, "feeds": feeds}, ensure_ascii=False) + "\n"
        )
        sys.stdout.flush()
        stopping.wait()


if __name__ == "__main__":
    main(sys.argv[1:])
