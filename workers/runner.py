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
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import structlog
from pydantic import ValidationError

from shared.errors import PermanentError, RetryableError, StageError
from shared.fingerprint import fingerprint
from shared.logs import about
from shared.outcomes import Defer, Disposition, Notice, Outcome, Reason, Save
from shared.retry import delay
from shared.stores.dead_letters import Letter, as_json
from shared.stores.trouble import is_trouble
from shared.stores.work import Claimed, Completion, DeadLetter, Wanted
from shared.topology import TOPOLOGY, Stage, next_stage
from shared.urls import BadURLError, host
from workers.ending import Ending
from workers.failures import Failure, attempt, failure_of, killer
from workers.tracing import Step, trace

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from contextlib import AbstractContextManager

    from shared.lessons import Teaching
    from shared.messages import Message
    from shared.stores.work import WorkStore

    Work = Callable[[Any, Claimed], Outcome]
    Ahead = Callable[[Sequence[Any]], None]
    Piece = tuple[Claimed, Message | Failure]
    Teach = Callable[[Sequence[Teaching]], Sequence[Notice | None]]

BUDGET = 5.0  # seconds one doorbell may keep its worker; then the next doorbell goes on
WRITE_AFTER = 0.25  # seconds after which endings are written; the quick ones of a batch share a round trip
RENEW_AFTER = 2.0  # seconds of work on a batch after which the rest of it gets its lease renewed
SERVER_PAUSE = 2.0  # seconds that work waits whose step could not reach the server
HEARTBEAT = 6 * 3600.0  # a feed whose poll is buried is polled again after this; a feed never dies
FEED_ID = re.compile(r'"feed_id":"([^"\\]{1,300})"')

log = structlog.get_logger()


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

    def run(
        self,
        stage: Stage,
        step: Work,
        *,
        ahead: Ahead | None = None,
        after: Callable[[], None] | None = None,
        budget: float = BUDGET,
    ) -> int:
        """Do what is due at a stage for at most about `budget` seconds; returns how many pieces of work were ended.

        `ahead` is shown each batch's messages before its first step, to read what they need in one round trip; `after`
        is called when no further batch follows. A full batch has others look, too; once a run, for they ring on.
        """
        row, ended, until, rung = TOPOLOGY[stage], 0, time.monotonic() + budget, False
        self.work.bell_heard(stage)
        batch = self.work.claim(stage, most=row.batch, lease=row.lease)
        while batch:
            if len(batch) == row.batch and not rung:
                self.wake(stage)
                rung = True
            done, batch = self._batch([(work, _read(work)) for work in batch], step, ahead, until)
            ended += done
            if after and not batch:
                after()
        if time.monotonic() > until:
            self.wake(stage)
        return ended

    def wake(self, stage: Stage) -> None:
        """Ring a stage's doorbell unless one is on its way. A lost one is made up for by the next tick."""
        if self.work.want_bell(stage):
            self.ring(stage)

    def _batch(self, batch: list[Piece], step: Work, ahead: Ahead | None, until: float) -> tuple[int, list[Claimed]]:
        """Do a batch; returns how many still held, and before `until` (monotonic) the next batch."""
        row, endings = TOPOLOGY[batch[0][0].stage], list[Ending]()
        ended, written, renewed = 0, time.monotonic(), time.monotonic()
        if ahead:
            ahead([message for _, message in batch if not isinstance(message, Failure)])
        for index, (work, message) in enumerate(batch):
            now = time.monotonic()
            if endings and now - written > WRITE_AFTER:
                ended, endings, written = ended + self._finish(endings)[0], [], now
            if index and now - renewed > RENEW_AFTER:
                self.work.renew([waits for waits, _ in batch[index:]], row.lease)
                renewed = now
            ending = self._one(work, message, step)
            if ending:
                endings.append(ending)
        then = Wanted(stage=row.stage, most=row.batch, lease=row.lease) if time.monotonic() < until else None
        if endings:
            held, following = self._finish(endings, then)
            return ended + held, following
        return ended, self.work.claim(then.stage, most=then.most, lease=then.lease) if then else []

    def _one(self, work: Claimed, message: Message | Failure, step: Work) -> Ending | None:
        row, start = TOPOLOGY[work.stage], time.monotonic()
        if work.deaths >= row.deaths:
            return self._buried(work, message, killer(work))
        if isinstance(message, Failure):
            return self._buried(work, message, message)
        with about(lambda: {"stage": work.stage.value, "work": work.id, "feed": _feed(work)}):
            try:
                with self.guard(row.item_limit):
                    outcome = step(message, work)
            except Exception as error:
                if is_trouble(error):  # the server's, not the work's: it costs no try
                    self.work.defer(work, self.work.now() + SERVER_PAUSE)
                    return None
                failure = failure_of(error, error.reason if isinstance(error, StageError) else Reason.BUG)
                if failure.reason is Reason.BUG:
                    log.exception("step_failed", place=failure.place)
                completion = self._failed(work, message, failure, error, time.monotonic() - start)
                return Ending(work=work, completion=completion)
            if isinstance(outcome, Defer):
                self.work.defer(work, outcome.until)
                return None
        spent = time.monotonic() - start
        return Ending(work=work, message=message, outcome=outcome, spent=spent, at=self.clock())

    def _finish(self, endings: list[Ending], then: Wanted | None = None) -> tuple[int, list[Claimed]]:
        """Write endings, each wholly or not at all, and ring for what they feed; returns how many held, the next."""
        written = self._taught(endings)
        feeds = None
        if any(completion.messages for _, completion in written):
            feeds = next_stage(endings[0].work.stage)
        turned = self.work.turn_over(written, feeds=feeds, then=then)
        _log(written, turned.held)
        if feeds and turned.bell:
            self.ring(feeds)
        return sum(turned.held), turned.claimed

    def _taught(self, endings: list[Ending]) -> list[tuple[Claimed, Completion]]:
        """Learn what the work of a batch teaches; the news on a page's site goes with the page's completion."""
        news = iter(self._news([one.teaches for one in endings if one.teaches]))
        return [
            (one.work, one.completed(worker=self.worker, notice=next(news) if one.teaches else None)) for one in endings
        ]

    def _news(self, lessons: Sequence[Teaching]) -> Sequence[Notice | None]:
        """Learn; work never fails for a lesson, so where that does not go well nothing is learnt."""
        try:
            return self.teach(lessons) if lessons else ()
        except Exception:
            log.exception("lessons_lost", lessons=len(lessons))
            return [None] * len(lessons)

    def _buried(self, work: Claimed, message: Message | Failure, failure: Failure) -> Ending:
        read = None if isinstance(message, Failure) else message
        return Ending(work=work, completion=self._dead(work, read, failure, self.work.now(), 0.0))

    def _failed(self, work: Claimed, message: Message, failure: Failure, error: Exception, spent: float) -> Completion:
        """Decide between another try and a dead letter."""
        now, row = self.work.now(), TOPOLOGY[work.stage]
        wait = None
        if not isinstance(error, PermanentError):
            wish = error.retry_after if isinstance(error, RetryableError) else None
            wait = delay(
                row.retry.scaled(self.retry_scale), tries=work.tries + 1, retry_after=wish, random=self.random()
            )
        if wait is None:
            return self._dead(work, message, failure, now, spent)
        note = {"detail": failure.text, "next_try": f"{now + wait:.0f}"}
        return Completion(
            disposition=Disposition.RETRIED,
            reason=failure.reason.value,
            retry_at=now + wait,
            attempts=(*work.attempts, attempt(failure, at=now, spent=spent, worker=self.worker)),
            saves=self._trace(work, message, (Disposition.RETRIED, failure, note), spent),
        )

    def _dead(self, work: Claimed, message: Message | None, failure: Failure, now: float, spent: float) -> Completion:
        attempts = (*work.attempts, attempt(failure, at=now, spent=spent, worker=self.worker))
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
            saves=self._trace(work, message, (Disposition.DEAD, failure, note), spent),
            again_at=now + HEARTBEAT if work.stage is Stage.POLL else None,
        )

    def _trace(
        self,
        work: Claimed,
        message: Message | None,
        ending: tuple[Disposition, Failure, dict[str, str]],
        spent: float,
    ) -> tuple[Save, ...]:
        disposition, failure, note = ending
        step = Step(
            disposition=disposition, reason=failure.reason.value, note=note, at=self.clock(), spent=spent,
            worker=self.worker,
        )  # fmt: skip
        return trace(work, message, step)


def _log(written: Sequence[tuple[Claimed, Completion]], held: Sequence[bool]) -> None:
    """A line for each piece of work, made and written together."""
    for done, level, event in ((True, logging.INFO, "work_ended"), (False, logging.WARNING, "lease_lost")):
        lines = [
            {
                "stage": work.stage.value, "work": work.id, "feed": _feed(work),
                "outcome": completion.disposition.value, "reason": completion.reason,
                "forwarded": len(completion.messages),
            }
            for (work, completion), kept in zip(written, held, strict=True) if kept is done
        ]  # fmt: skip
        if lines:
            log.log(level, event, each=lines)


def _feed(work: Claimed) -> str:
    """Return the feed that a message names, for the log, without parsing it."""
    found = FEED_ID.search(work.message)
    return found.group(1) if found else ""


def _read(work: Claimed) -> Message | Failure:
    try:
        return TOPOLOGY[work.stage].takes.model_validate_json(work.message)
    except ValidationError as error:
        return failure_of(error, Reason.BAD_MESSAGE)


def _host(url: str) -> str:
    try:
        return host(url) if url else ""
    except (BadURLError, ValueError):
        return ""
