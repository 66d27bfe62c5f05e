"""`python -m workers.deliver`: post events to the webhook endpoints of the settings, until SIGTERM."""

from __future__ import annotations

import signal
import sys
import threading

from shared.logs import configure
from shared.settings import settings
from workers.deliver.catalogue import endpoints
from workers.deliver.core import EndpointError
from workers.deliver.fleet import Fleet

WRONG_USAGE = 2


def main() -> None:
    """Send until stopped."""
    chosen = settings()
    configure(level=chosen.log_level, as_json=chosen.log_json)
    try:
        found = endpoints(chosen)
    except EndpointError as error:
        _refuse(str(error))
    if not found:
        _refuse("there are no webhook endpoints: set RAREWIRE_WEBHOOKS_FILE (docs/webhooks.md)")
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    Fleet(settings=chosen, endpoints=found).run(stop)


def _refuse(text: str) -> None:
    sys.stderr.write(f"rarewire: {text}\n")
    sys.exit(WRONG_USAGE)


main()
