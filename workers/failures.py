"""A caught error as data: what dead letters, attempts and logs say of it. Pure."""

from __future__ import annotations

import traceback
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from shared.outcomes import Reason
from shared.surrogates import sound

if TYPE_CHECKING:
    from shared.stores.work import Claimed

TRACEBACK_MOST = 8_000


@dataclass(frozen=True, kw_only=True)
class Failure:
    """A caught error, as data."""

    reason: Reason
    error_class: str
    text: str
    place: str
    traceback: str


def killer(work: Claimed) -> Failure:
    """The failure of work that keeps costing workers their lives."""
    lost = f"{work.deaths} workers were lost while they had it"
    return Failure(reason=Reason.WORKER_LOST, error_class="WorkerLost", text=lost, place=work.stage, traceback="")


def failure_of(error: Exception, reason: Reason) -> Failure:
    """Place and traceback are told of bugs only: of the others it is the reason that says where to look.

    An error's text may quote what a page or feed holds, which need not be fit to be written.
    """
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if "site-packages" not in frame.filename] or frames
    place = f"{ours[-1].filename.rsplit('/', 3)[-1]}:{ours[-1].name}" if ours else ""
    bug = reason in {Reason.BUG, Reason.BAD_MESSAGE}
    return Failure(
        reason=reason,
        error_class=type(error).__name__,
        text=sound(str(error)[:1_000]),
        place=place if bug else "",
        traceback=sound("".join(traceback.format_exception(error))[-TRACEBACK_MOST:]) if bug else "",
    )


def attempt(failure: Failure, *, at: float, spent: float, worker: str) -> dict[str, Any]:
    """Return one failed try as the work and its dead letter keep it; `at` in epoch seconds, `spent` in seconds."""
    return {
        "at": round(at, 3),
        "reason": failure.reason.value,
        "error_class": failure.error_class,
        "text": failure.text,
        "seconds": round(spent, 3),
        "worker": worker,
    }
