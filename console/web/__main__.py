"""`python -m console.web`: serve the web console."""

from __future__ import annotations

import uvicorn

from console.web.app import make_app
from shared.logs import configure
from shared.settings import settings


def main() -> None:
    """Serve until stopped."""
    chosen = settings()
    configure(level=chosen.log_level, as_json=chosen.log_json)
    uvicorn.run(make_app(chosen), host=chosen.console_host, port=chosen.console_port, log_config=None, access_log=False)


main()
