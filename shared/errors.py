"""What a step may raise, and what it means to the runner.

    StageError
    ├── RetryableError    the same input may work later; tried again by the stage's retry policy
    └── PermanentError    it never will; becomes a dead letter at once

Anything else that a step raises is a bug: retried by the default policy, then dead with reason `bug` and its traceback.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from shared.outcomes import Reason


class StageError(Exception):
    """A failure with a reason that is a metric label, a field of the dead letter and a filter."""

    def __init__(self, reason: Reason, detail: str = "") -> None:
        super().__init__(f"{reason.value}: {detail}" if detail else reason.value)
        self.reason = reason
        self.detail = detail


class RetryableError(StageError):
    """The same input may work later; `retry_after` (seconds) is a server's wish, honoured in full."""

    def __init__(self, reason: Reason, detail: str = "", *, retry_after: float | None = None) -> None:
        super().__init__(reason, detail)
        self.retry_after = retry_after


class PermanentError(StageError):
    """The same input will never work."""
