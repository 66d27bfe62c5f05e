"""Clusters of near-equal texts: one wire story is one story, on however many sites it stands."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from shared.events import Sighting

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shared.stores.connection import Database

MOST = 20  # members that are told


@dataclass(frozen=True, kw_only=True)
class Cluster:
    """The cluster of an article: its id (that of its first member), and the others in it, oldest first."""

    id: str
    others: tuple[Sighting, ...] = ()


class ClusterStore:
    """Who has said the same. Joining is atomic and idempotent: whoever asks again gets the same cluster."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def join(self, sighting: Sighting, sketch: Sequence[str], *, known: str = "") -> Cluster:
        """Put an article into the cluster of the text that its sketch resembles most, or into one of its own.

        `known` is the cluster it already is in. An empty sketch makes a cluster of one that nobody joins.
        """
        cluster, *rows = self._db.script("cluster", known, sighting.article_id, sighting.model_dump_json(), *sketch)
        found = sorted((json.loads(row) for row in rows), key=lambda row: row["at"])
        others = (
            Sighting.model_validate(row["who"]) for row in found if row["who"]["article_id"] != sighting.article_id
        )
        return Cluster(id=cluster, others=tuple(others)[:MOST])
