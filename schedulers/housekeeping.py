"""Keeping the public streams in order: a canary a minute, what all have read and is old trimmed, dead names forgotten.

Safe to run twice and at any time; every part is one atomic script.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.stores.groups import GroupStore
from shared.stores.streams import StreamStore, public_streams

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shared.settings import Settings
    from shared.stores.connection import Database
    from shared.stores.groups import Trimmed

DAY = 86_400
MIB = 1024 * 1024


def keep_house(database: Database, settings: Settings) -> Mapping[str, Trimmed]:
    """Look after every public stream once; returns what was trimmed, by stream."""
    streams, groups = StreamStore(database), GroupStore(database)
    done: dict[str, Trimmed] = {}
    written = public_streams(settings.topics, settings.facet_streams)
    for stream in written:
        streams.canary(stream)
    # A stream that the settings no longer name is written no more, but is still trimmed.
    for stream in dict.fromkeys((*written, *streams.known())):
        done[stream] = groups.trim(
            stream, retention=settings.retention_days * DAY, ceiling=settings.stream_memory_mb * MIB
        )
        groups.prune(stream)
        for group in groups.states(stream) if settings.dead_letter_days else ():
            if group.dead:
                groups.trim_dead(stream, group.name, retention=settings.dead_letter_days * DAY)
    return done
