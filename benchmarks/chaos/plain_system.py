"""`python -m benchmarks.chaos.plain_system STATE PORT`: a server and a plain Celery worker under our own supervisor.

What `rarewire up` is to rarewire: a process that starts both, restarts what exits, and stops them on SIGTERM.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from console.up import server
from console.up.roles import celery
from console.up.supervisor import Role, Supervisor

READY = "ready"
WORKER = celery("benchmarks.chaos.plain_app", "worker", "-P", "prefork", "-c", "4", "-l", "ERROR")


def main() -> None:
    state, port = Path(sys.argv[1]), int(sys.argv[2])
    plan = server.plan(state, port)
    os.environ["PLAIN_REDIS_URL"] = plan.url
    roles = (Role(name="server", command=plan.command, last=True), Role(name="worker", command=WORKER))
    supervisor = Supervisor(roles, logs=state / "logs", environment={}, on_event=lambda *_: None)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: supervisor.stop())
    supervisor.start("server")
    server.wait_until_ready(plan.url)
    (state / READY).write_text(plan.url, encoding="utf-8")
    supervisor.run()


if __name__ == "__main__":
    main()
