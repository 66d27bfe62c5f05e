"""The consumer under test: its process, and what it says on standard output."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import IO

ERROR_MOST = 600


class Subject:
    """A consumer's process. Its effects are the first words of the lines it prints: ids of the events it has done."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str]) -> None:
        self._command = tuple(command)
        self._environment = dict(environment)
        self._said = threading.Condition()
        self._errors: list[str] = []
        self._process: subprocess.Popen[str] | None = None
        self.effects: list[str] = []
        self.starts = 0

    def start(self) -> None:
        """Start it, under a consumer's name of its own. Raises OSError where it cannot be run."""
        self.starts += 1
        self._process = subprocess.Popen(  # noqa: S603 - the program that is to be tested, no shell
            self._command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
            env={**os.environ, **self._environment, "RAREWIRE_CONSUMER": f"subject-{self.starts}"},
            start_new_session=True,
        )
        for stream, hear in ((self._process.stdout, self._hear), (self._process.stderr, self._hear_error)):
            threading.Thread(target=_listen, args=(stream, hear), daemon=True).start()

    @property
    def alive(self) -> bool:
        """Whether it runs."""
        return self._process is not None and self._process.poll() is None

    def ending(self) -> str:
        """Say how it ended and what it last said on standard error."""
        code = self._process.poll() if self._process else None
        return f"exit code {code}; its last words: {''.join(self._errors)[-ERROR_MOST:].strip() or '(none)'}"

    def kill(self) -> None:
        """End it, and what it started, as kill -9 does."""
        if self._process:
            self._signal(signal.SIGKILL)
            self._process.wait()

    def stop(self, patience: float) -> int | None:
        """Ask it to end with SIGTERM; returns its exit code, or None if it had to be killed."""
        if not self._process:
            return None
        self._signal(signal.SIGTERM)
        try:
            return self._process.wait(patience)
        except subprocess.TimeoutExpired:
            self.kill()
            return None

    def wait_for_effect(self, event: str, patience: float) -> bool:
        """Return whether an effect has been seen, waiting up to `patience` seconds for it."""
        end = time.monotonic() + patience
        with self._said:
            while event not in self.effects:
                if not self._said.wait(max(end - time.monotonic(), 0)) and time.monotonic() >= end:
                    return False
            return True

    def _signal(self, number: int) -> None:
        assert self._process is not None
        try:
            os.killpg(self._process.pid, number)
        except ProcessLookupError:
            return

    def _hear(self, line: str) -> None:
        words = line.split()
        if words:
            with self._said:
                self.effects.append(words[0])
                self._said.notify_all()

    def _hear_error(self, line: str) -> None:
        self._errors.append(line)
        del self._errors[:-40]


def _listen(stream: IO[str], hear: Callable[[str], None]) -> None:
    with stream:
        for line in stream:
            hear(line)
