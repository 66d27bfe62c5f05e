"""The pipeline as data: stage, queue, task name, message, pool, batch, lease and retry policy. Written once."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from shared.messages import ArticleExtracted, ArticleTagged, FeedDue, Message, PageFetched, PageFound
from shared.retry import RetryPolicy


class Stage(StrEnum):
    """The stages in flow order."""

    POLL = "poll"
    FETCH = "fetch"
    EXTRACT = "extract"
    CLASSIFY = "classify"


@dataclass(frozen=True, kw_only=True)
class Row:
    """One stage.

    `batch` is how many items a claim takes, `lease` the seconds they are held before the reconciler takes them back
    (threads renew theirs meanwhile, so that it may be shorter than an item takes), `item_limit` the seconds one item
    may take, `deaths` how many lost workers an item may cost before it is buried.
    """

    stage: Stage
    takes: type[Message]
    gives: type[Message]
    task: str
    queue: str
    pool: str
    batch: int
    lease: float
    item_limit: float
    retry: RetryPolicy
    deaths: int = 3


TOPOLOGY: dict[Stage, Row] = {
    row.stage: row
    for row in (
        Row(
            stage=Stage.POLL,
            takes=FeedDue,
            gives=PageFound,
            task="rarewire.poll",
            queue="rarewire-poll",
            pool="threads",
            batch=2,
            lease=16.0,
            item_limit=25.0,
            deaths=8,  # a process of threads has much in its hands when it is killed, and little of it is to blame
            # For bugs only: after an error of the web, schedulers.core sets the next poll, for ever.
            retry=RetryPolicy(tries=3, first=60.0),
        ),
        Row(
            stage=Stage.FETCH,
            takes=PageFound,
            gives=PageFetched,
            task="rarewire.fetch",
            queue="rarewire-fetch",
            pool="threads",
            batch=4,
            lease=16.0,
            item_limit=25.0,
            deaths=8,
            retry=RetryPolicy(tries=5, first=30.0),
        ),
        Row(
            stage=Stage.EXTRACT,
            takes=PageFetched,
            gives=ArticleExtracted,
            task="rarewire.extract",
            queue="rarewire-extract",
            pool="prefork",
            batch=8,
            lease=12.0,
            item_limit=6.0,
            retry=RetryPolicy(tries=3, first=10.0),
        ),
        Row(
            stage=Stage.CLASSIFY,
            takes=ArticleExtracted,
            gives=ArticleTagged,
            task="rarewire.classify",
            queue="rarewire-classify",
            pool="prefork",
            batch=8,
            lease=12.0,
            item_limit=6.0,
            retry=RetryPolicy(tries=3, first=10.0),
        ),
    )
}

BELL_EVERY = 5.0  # seconds: every stage's doorbell rings at least so often, so that a worker's silence means something
TICK_TASK = "rarewire.tick"
KEEP_HOUSE_TASK = "rarewire.keep-house"
TICK_QUEUE = "rarewire-tick"


def next_stage(stage: Stage) -> Stage | None:
    """The stage that takes what this one gives; None after the last, whose messages go to the stream."""
    return next((row.stage for row in TOPOLOGY.values() if row.takes is TOPOLOGY[stage].gives), None)
