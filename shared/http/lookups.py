"""Looking up names without being held by a resolver that hangs: one look-up a name at a time, shared by all who ask.

The system's resolver takes no timeout, so it is asked from threads of its own, and the asker leaves at its deadline. A
name that hangs holds one such thread however often it is asked for, and the threads are more than the askers: names
that hang must not keep the others waiting. Nothing is remembered: who asks later has it looked up anew.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

Resolve = Callable[[str, int], Sequence[str]]
"""(ASCII host name, port) -> IP addresses as text; raises OSError when there are none."""

SPARE = 4  # resolver threads for each asker


class Lookups:
    """Safe to share between threads."""

    def __init__(self, resolve: Resolve, *, askers: int) -> None:
        self._resolve = resolve
        self._threads = ThreadPoolExecutor(askers * SPARE, thread_name_prefix="resolve")
        self._running: dict[tuple[str, int], Future[Sequence[str]]] = {}
        self._lock = threading.Lock()

    def look_up(self, host: str, port: int, *, seconds: float) -> Sequence[str]:
        """Return the addresses of a name. Raises TimeoutError after so many seconds, else what the resolver raises."""
        return self._asked(host, port).result(timeout=seconds)

    def close(self) -> None:
        """Let the threads go."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _asked(self, host: str, port: int) -> Future[Sequence[str]]:
        with self._lock:
            running = self._running.get((host, port))
            if running is None:
                running = self._running[host, port] = self._threads.submit(self._resolve, host, port)
        running.add_done_callback(lambda done: self._forget(host, port, done))
        return running

    def _forget(self, host: str, port: int, done: Future[Sequence[str]]) -> None:
        with self._lock:
            if self._running.get((host, port)) is done:
                del self._running[host, port]
