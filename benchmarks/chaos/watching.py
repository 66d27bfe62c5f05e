"""What is measured while harm is done: which pools go on."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from shared.outcomes import Disposition
from shared.stores.connection import RedisError
from shared.stores.work import WorkStore
from shared.topology import TOPOLOGY

if TYPE_CHECKING:
    from shared.stores.connection import Database

POOLS = sorted({row.pool for row in TOPOLOGY.values()})


@dataclass(frozen=True, kw_only=True)
class Progress:
    """By pool of workers: pieces of work that came to an end, and what is due."""

    ended: dict[str, int]
    due: dict[str, float]

    def beyond(self, before: Progress) -> bool:
        """Whether each pool has ended something since; feeds come due all the time, pages to read may be lacking."""
        return all(
            self.ended[pool] > before.ended[pool] or (pool == "prefork" and not self.due[pool]) for pool in POOLS
        )


def progress(database: Database) -> Progress | None:
    """Read it; None while the server is away."""
    with suppress(RedisError):
        work = WorkStore(database)
        books, backlog = work.books(), work.backlog()
        ended = dict.fromkeys(POOLS, 0)
        due = dict.fromkeys(POOLS, 0.0)
        for stage, row in TOPOLOGY.items():
            ended[row.pool] += sum(books.get(f"{stage}:{kind}", 0) for kind in Disposition)
            due[row.pool] += backlog[stage]["due"]
        return Progress(ended=ended, due=due)
    return None
