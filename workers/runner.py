"""Runs a stage's step on claimed work: the only place that catches a step's error, counts its outcome and sends.

A doorbell makes `Runner.run` claim a batch, do it piece by piece, end each atomically, and go on until nothing is due
or its time is up. What a step returns or raises becomes one `Completion`.
"""

from __future__ import annotations

import json
import logging
import re
import time
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import structlog
from pydantic import ValidationError

from shared.errors import PermanentError, RetryableError, StageError
from shared.fingerprint import fingerprint
from shared.outcomes import Defer, Disposition, Drop, Forward, Notice, Outcome, Reason, Save
from shared.retry import delay
from shared.stores.dead_letters import Letter, as_json
from shared.stores.work import Claimed, Completion, DeadLetter
from shared.topology import TOPOLOGY, Stage, next_stage
from shared.urls import BadURLError, host
from workers.failures import failure_of, killer

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from contextlib import AbstractContextManager

    from shared.lessons import Teaching
    from shared.messages import Message
    from shared.stores.work import WorkStore
    from workers.failures import Failure

    Step = Callable[[Any, Claimed], Outcome]
    Ahead = Callable[[list[Claimed]], None]
    Teach = Callable[[Sequence[Teaching]], Sequence[Notice | None]]

BUDGET = 5.0  # seconds one doorbell may keep its worker; then the next doorbell goes on
WRITE_AFTER = 0.25  # seconds after which endings are written; the quick ones of a batch share a round trip
RENEW_AFTER = 2.0  # seconds of work on a batch after which the rest of it gets its lease renewed
HEARTBEAT = 6 * 3600.0  # a feed whose poll is buried is polled again after this; a feed never dies
FEED_ID = re.compile(r'"feed_id":"([^"\\]{1,300})"')

log = structlog.get_logger()


@dataclass(frozen=True, kw_only=True)
class Ending:
    """How a piece of work ends, and what it teaches before that is written."""

    work: Claimed
    completion: Completion
    teaches: Teaching | None = None


@dataclass(kw_only=True)
class Runner:
    """The shell around every step.

    `teach` learns from pages and returns for each what an operator should know of its site, if anything;
    `guard(seconds)` bounds one piece of work where a process can be killed for it.
    """

    work: WorkStore
    ring: Callable[[Stage], None]
    random: Callable[[], float]
    worker: str
    version: str
    retry_scale: float = 1.0
    clock: Callable[[], float] = time.time  # for what people read; leases and due times go by the server's clock
    teach: Teach = field(default=lambda lessons: [None] * len(lessons))
    guard: Callable[[float], AbstractContextManager[None]] = field(default=lambda _seconds: nullcontext())

    def run(self, stage: Stage, step: Step, *, ahead: Ahead | None = None, budget: float = BUDGET) -> int:
        """Do what is due at a stage for at most about `budget` seconds; returns how many pieces of work were ended.

        `ahead` is shown each batch before its first step, to read what they need in one round trip.
        """
        row, ended, start = TOPOLOGY[stage], 0, time.monotonic()
        self.work.bell_heard(stage)
        while True:
            batch = self.work.claim(stage, most=row.batch, lease=row.lease)
            if len(batch) == row.batch:
                self.wake(stage)
            if not batch:
                return ended
            if ahead:
                ahead(batch)
            ended += self._batch(batch, step)
            if time.monotonic() - start > budget:
                self.wake(stage)
                return ended

    def wake(self, stage: Stage | None) -> None:
        """Ring a stage's doorbell unless one is on its way. A lost one is made up for by the next tick."""
        if stage and self.work.want_bell(stage):
            self.ring(stage)

    def _batch(self, batch: list[Claimed], step: Step) -> int:
        endings: list[Ending] = []
        ended, written, renewed = 0, time.monotonic(), time.monotonic()
        for index, work in enumerate(batch):
            now = time.monotonic()
            if endings and now - written > WRITE_AFTER:
                ended, endings, written = ended + self._finish(endings), [], now
            if index and now - renewed > RENEW_AFTER:
                self.work.renew(batch[index:], TOPOLOGY[work.stage].lease)
                renewed = now
            ending = self._one(work, step)
            if ending:
                endings.append(ending)
        return ended + self._finish(endings)

    def _one(self, work: Claimed, step: Step) -> Ending | None:
        row, start, teaches = TOPOLOGY[work.stage], time.monotonic(), None
        if work.deaths >= row.deaths:
            return Ending(work=work, completion=self._dead(work, killer(work), self.work.now(), 0.0))
        with structlog.contextvars.bound_contextvars(stage=work.stage.value, work=work.id, feed=_feed(work)):
            try:
                message = row.takes.model_validate_json(work.message)
                with self.guard(row.item_limit):
                    outcome = step(message, work)
            except StageError as error:
                failure = failure_of(error, error.reason)
                completion = self._failed(work, failure, error, time.monotonic() - start)
            except ValidationError as error:
                failure = failure_of(error, Reason.BAD_MESSAGE)
                completion = self._dead(work, failure, self.work.now(), time.monotonic() - start)
            except Exception as error:
                failure = failure_of(error, Reason.BUG)
                log.exception("step_failed", place=failure.place)
                completion = self._failed(work, failure, error, time.monotonic() - start)
            else:
                if isinstance(outcome, Defer):
                    self.work.defer(work, outcome.until)
                    return None
                completion = self._normal(work, message, outcome, time.monotonic() - start)
                teaches = outcome.teaches
            return Ending(work=work, completion=completion, teaches=teaches)

    def _finish(self, endings: list[Ending]) -> int:
        """Write endings, each wholly or not at all, and ring for what they feed; returns how many still held."""
        if not endings:
            return 0
        written = self._taught(endings)
        held = self.work.complete_all(written)
        for (work, completion), done in zip(written, held, strict=True):
            log.log(
                logging.INFO if done else logging.WARNING, "work_ended" if done else "lease_lost",
                stage=work.stage.value, work=work.id, feed=_feed(work), outcome=completion.disposition.value,
                reason=completion.reason, forwarded=len(completion.messages),
            )  # fmt: skip
        if any(completion.messages for _, completion in written):
            self.wake(next_stage(endings[0].work.stage))
        return sum(held)

    def _taught(self, endings: list[Ending]) -> list[tuple[Claimed, Completion]]:
        """Learn what the work of a batch teaches; the news on a page's site goes with the page's completion."""
        teaching = [one.teaches for one in endings if one.teaches]
        news = iter(self.teach(teaching) if teaching else ())
        return [(one.work, _told(one.completion, next(news) if one.teaches else None)) for one in endings]

    def _normal(self, work: Claimed, message: Message, outcome: Forward | Drop, spent: float) -> Completion:
        dropped = isinstance(outcome, Drop)
        reason = outcome.reason.value if isinstance(outcome, Drop) else ""
        disposition = Disposition.DROPPED if dropped else Disposition.FORWARDED
        note = {**outcome.note, "detail": outcome.detail} if isinstance(outcome, Drop) else dict(outcome.note)
        return Completion(
            disposition=disposition,
            reason=reason,
            messages=outcome.messages if isinstance(outcome, Forward) else outcome.events,
            saves=(*outcome.saves, *self._trace(work, message, (disposition, reason), note, spent)),
            again_at=outcome.again_at,
            notices=outcome.notices,
            later=outcome.later,
            keeps=outcome.keeps if isinstance(outcome, Forward) else (),
        )

    def _failed(self, work: Claimed, failure: Failure, error: Exception, spent: float) -> Completion:
        """Decide between another try and a dead letter."""
        now, row = self.work.now(), TOPOLOGY[work.stage]
        wait = None
        if not isinstance(error, PermanentError):
            wish = error.retry_after if isinstance(error, RetryableError) else None
            wait = delay(
                row.retry.scaled(self.retry_scale), tries=work.tries + 1, retry_after=wish, random=self.random()
            )
        if wait is None:
            return self._dead(work, failure, now, spent)
        note = {"detail": failure.text, "next_try": f"{now + wait:.0f}"}
        return Completion(
            disposition=Disposition.RETRIED,
            reason=failure.reason.value,
            retry_at=now + wait,
            attempts=(*work.attempts, self._attempt(failure, now, spent)),
            saves=self._trace(work, _parsed(work), (Disposition.RETRIED, failure.reason.value), note, spent),
        )

    def _dead(self, work: Claimed, failure: Failure, now: float, spent: float) -> Completion:
        message = _parsed(work)
        attempts = (*work.attempts, self._attempt(failure, now, spent))
        url = getattr(message, "url", "")
        mark = fingerprint(stage=work.stage, error_class=failure.error_class, message=failure.text, place=failure.place)
        letter = Letter(
            stage=work.stage, id=work.id, message=work.message, feed=getattr(message, "feed_id", ""), url=url,
            host=_host(url), reason=failure.reason.value, error_class=failure.error_class, text=failure.text,
            traceback=failure.traceback, fingerprint=mark, attempts=attempts, deaths=work.deaths,
            lineage=json.dumps(attempts[-20:]), first_failure=attempts[0]["at"], last_failure=now,
            worker=self.worker, version=self.version,
        )  # fmt: skip
        note = {"detail": failure.text}
        return Completion(
            disposition=Disposition.DEAD,
            reason=failure.reason.value,
            dead=DeadLetter(fingerprint=mark, body=as_json(letter)),
            saves=self._trace(work, message, (Disposition.DEAD, failure.reason.value), note, spent),
            again_at=now + HEARTBEAT if work.stage is Stage.POLL else None,
        )

    def _attempt(self, failure: Failure, now: float, spent: float) -> dict[str, Any]:
        return {
            "at": round(now, 3),
            "reason": failure.reason.value,
            "error_class": failure.error_class,
            "text": failure.text,
            "seconds": round(spent, 3),
            "worker": self.worker,
        }

    def _trace(
        self,
        work: Claimed,
        message: Message | None,
        ending: tuple[Disposition, str],
        note: dict[str, str],
        spent: float,
    ) -> tuple[Save, ...]:
        """Return the article's line for this stage: what became of it here, so that anyone can be told later."""
        article_id = getattr(message, "article_id", None)
        if article_id is None:
            return ()
        disposition, reason = ending
        step = {
            "at": round(self.clock(), 3),
            "outcome": disposition.value,
            **({"reason": reason} if reason else {}),
            **{name: text for name, text in note.items() if text},
            "tries": work.tries + 1,
            "seconds": round(spent, 3),
            "worker": self.worker,
        }
        line = json.dumps(step, ensure_ascii=False, separators=(",", ":"))
        status = f"{work.stage.value}:{disposition.value}" + (f":{reason}" if reason else "")
        return (Save(record="article", id=article_id, fields={f"stage:{work.stage.value}": line, "status": status}),)


def _told(completion: Completion, notice: Notice | None) -> Completion:
    return replace(completion, notices=(*completion.notices, notice)) if notice else completion


def _feed(work: Claimed) -> str:
    """Return the feed that a message names, for the log, without parsing it."""
    found = FEED_ID.search(work.message)
    return found.group(1) if found else ""


def _parsed(work: Claimed) -> Message | None:
    try:
        return TOPOLOGY[work.stage].takes.model_validate_json(work.message)
    except ValidationError:
        return None


def _host(url: str) -> str:
    try:
        return host(url) if url else ""
    except (BadURLError, ValueError):
        return ""
