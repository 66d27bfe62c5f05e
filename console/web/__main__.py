"""`python -m console.web`: serve the web console."""

from __future__ import annotations

import sys

import uvicorn

from console.web.app import make_app
from console.web.exposure import ExposureError
from shared.logs import configure
from shared.settings import settings

WRONG_USAGE = 2


def main() -> None:
    """Serve until stopped."""
    chosen = settings()
    configure(level=chosen.log_level, as_json=chosen.log_json)
    try:
        app = make_app(chosen, watch=True)
    except ExposureError as error:
        sys.stderr.write(f"rarewire: {error}\n")
        sys.exit(WRONG_USAGE)
    uvicorn.run(
        app, host=chosen.console_host, port=chosen.console_port, log_config=None, access_log=False, server_header=False,
        timeout_graceful_shutdown=3,
    )  # fmt: skip


main()
