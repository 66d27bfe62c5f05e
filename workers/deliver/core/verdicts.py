"""What an attempt came to: by the answer's status, or by the error where there was no answer. Pure.

Any 2xx is a success and nothing else is; a redirect is not followed. 410 says that no more is wanted.
"""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING

from shared.retry_after import retry_after

if TYPE_CHECKING:
    from shared.errors import StageError
    from shared.http.answer import Headers, Response

READ = 4_096  # bytes of an answer that are read, to be shown; of a longer one nothing is
SHOWN = 200  # characters of an answer that are kept
DELIVERED, GONE = "delivered", "gone"

RATE_LIMITED = "rate_limited"

NAMED: dict[int, str] = {
    HTTPStatus.GONE: GONE,
    HTTPStatus.TOO_MANY_REQUESTS: RATE_LIMITED,
    HTTPStatus.UNAUTHORIZED: "forbidden",
    HTTPStatus.FORBIDDEN: "forbidden",
    HTTPStatus.NOT_FOUND: "not_found",
}
CLASSES = {2: DELIVERED, 3: "redirected", 4: "client_error", 5: "server_error"}

OUTCOMES = frozenset(
    {
        *NAMED.values(), *CLASSES.values(), "dns", "connect", "tls", "timeout", "protocol", "truncated", "bad_url",
        "forbidden_address", "too_large", "bad_encoding", "no_secret",
    }
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """An attempt's end. `outcome` is one of OUTCOMES and a metric's label; `retry_after` are seconds, if asked for."""

    outcome: str
    detail: str = ""
    status: int = 0
    retry_after: float | None = None
    seconds: float = 0.0

    @property
    def delivered(self) -> bool:
        """Whether the receiver has it."""
        return self.outcome == DELIVERED

    @property
    def gone(self) -> bool:
        """Whether the receiver wants no more."""
        return self.outcome == GONE


def wants_body(status: int, headers: Headers) -> bool:
    """Whether an answer is read: one that says how long it is, and is short. Any other is left where it is."""
    del status
    length = headers.get("content-length", "")
    return length.isascii() and length.isdigit() and int(length) <= READ


def of_answer(answer: Response, *, now: float) -> Verdict:
    """Judge an answer; `now` in epoch seconds, for a Retry-After that is a date."""
    said = " ".join(answer.body.decode("utf-8", "replace").split())[:SHOWN]
    return Verdict(
        outcome=NAMED.get(answer.status) or CLASSES.get(answer.status // 100, "protocol"),
        detail=f"status {answer.status}" + (f": {said}" if said else ""),
        status=answer.status,
        retry_after=retry_after(answer.headers.get("retry-after"), now),
        seconds=answer.elapsed,
    )


def of_error(error: StageError) -> Verdict:
    """Judge a request that got no answer."""
    outcome = error.reason.value
    return Verdict(outcome=outcome if outcome in OUTCOMES else "protocol", detail=str(error)[:SHOWN])
