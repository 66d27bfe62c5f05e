"""Articles: one record each with the trace of what every stage made of it, and what was published."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from shared.stores import keys
from shared.stores.wire import fields

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from shared.stores.connection import Database


class ArticleStore:
    """Records by article id. Stages write them through `Save`s, in the transaction that completes their work."""

    def __init__(self, database: Database) -> None:
        self._db = database
        self._redis = database.redis
        self._ahead: dict[str, dict[str, str]] = {}

    def read_ahead(self, article_ids: Sequence[str]) -> None:
        """Fetch the records that are read next in one round trip; each is then read once. Not for shared threads."""
        records = self._db.ask(*(("HGETALL", keys.ARTICLE(article_id)) for article_id in article_ids))
        self._ahead = {article_id: fields(kept) for article_id, kept in zip(article_ids, records, strict=True)}

    def get(self, article_id: str) -> dict[str, str]:
        """Return an article's record; empty where it is unknown or its lifetime is over."""
        if article_id in self._ahead:
            return self._ahead.pop(article_id)
        return fields(self._db.ask(("HGETALL", keys.ARTICLE(article_id)))[0])

    def trace(self, article_id: str) -> dict[str, Any]:
        """Return the record with each stage's step (`at`, `outcome`, `reason`, …) decoded, in flow order."""
        return _trace(article_id, self.get(article_id))

    def traces(self, ids: Sequence[str]) -> list[dict[str, Any]]:
        """Return several traces in one round trip."""
        pipe = self._redis.pipeline(transaction=False)
        for article_id in ids:
            pipe.hgetall(keys.ARTICLE(article_id))
        return [_trace(article_id, record) for article_id, record in zip(ids, pipe.execute(), strict=True)]

    def with_text(self) -> Iterator[str]:
        """The ids of all articles whose text is kept, in no order; one that comes or goes meanwhile may be missed."""
        family = keys.TEXT("")
        for key in self._redis.scan_iter(match=f"{family}*", count=1_000):
            yield str(key).removeprefix(family)


def _trace(article_id: str, record: dict[str, str]) -> dict[str, Any]:
    steps = [
        {"stage": name.removeprefix("stage:"), **json.loads(value)}
        for name, value in record.items()
        if name.startswith("stage:")
    ]
    plain = {name: value for name, value in record.items() if not name.startswith("stage:")}
    return {**plain, "id": article_id, "steps": sorted(steps, key=lambda step: step["at"])} if record else {}
