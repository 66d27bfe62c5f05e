"""How a step's outcome ends its work. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from shared.outcomes import Disposition, Drop, Forward
from shared.stores.work import Completion
from workers.tracing import Step, trace

if TYPE_CHECKING:
    from shared.lessons import Teaching
    from shared.messages import Message
    from shared.outcomes import Notice
    from shared.stores.work import Claimed


@dataclass(frozen=True, kw_only=True)
class Ending:
    """What a step returned, with the seconds it took and when it ended (epoch), or how the work ends without it."""

    work: Claimed
    message: Message | None = None
    outcome: Forward | Drop | None = None
    spent: float = 0.0
    at: float = 0.0
    completion: Completion | None = None

    @property
    def teaches(self) -> Teaching | None:
        """What is learnt before the ending is written."""
        return self.outcome.teaches if self.outcome else None

    def completed(self, *, worker: str, notice: Notice | None) -> Completion:
        """Return what is written; `notice` is the news on the page's site, `worker` goes into the article's trace."""
        outcome = self.outcome
        if outcome is None:
            assert self.completion
            return self.completion
        dropped = outcome if isinstance(outcome, Drop) else None
        disposition = Disposition.DROPPED if dropped else Disposition.FORWARDED
        reason = dropped.reason.value if dropped else ""
        note = {**outcome.note, "detail": dropped.detail} if dropped else outcome.note
        step = Step(disposition=disposition, reason=reason, note=note, at=self.at, spent=self.spent, worker=worker)
        return Completion(
            disposition=disposition,
            reason=reason,
            messages=outcome.messages if isinstance(outcome, Forward) else outcome.events,
            saves=(*outcome.saves, *trace(self.work, self.message, step)),
            again_at=outcome.again_at,
            notices=(*outcome.notices, notice) if notice else outcome.notices,
            later=outcome.later,
            keeps=outcome.keeps if isinstance(outcome, Forward) else (),
        )
