"""A state that was emptied while the system runs: begun anew, so that nobody waits for a restart.

An operator's FLUSHALL, a server that lost its disk, a failover to an empty replica. What was published, seen and
planned is gone, and a backup brings it back (docs/backup.md); until then the feeds of the catalogue are watched
from now on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

from schedulers.registry import sync_catalogue
from shared.stores.admission import admit, layout
from shared.stores.notices import NoticeStore

if TYPE_CHECKING:
    from pathlib import Path

    from shared.stores.connection import Database

log = structlog.get_logger()
DETAIL = (
    "the server held no state any more and was begun anew with {added} feeds; feeds that were added by hand and groups "
    "of consumers are gone, `rarewire import` brings them back from a backup"
)


def begin_anew(feeds_file: Path | None, database: Database) -> bool:
    """Return whether the state was gone, which the layout's mark tells; feeds and a notice are in it then.

    Raises CatalogueError, and UnusableServerError for a server that is another one now and cannot hold the state.
    """
    if layout(database):
        return False
    admit(database)
    added = sync_catalogue(feeds_file, database)
    NoticeStore(database).add(kind="state_emptied", about="server", detail=DETAIL.format(added=added))
    log.error("state_emptied", feeds=added)
    return True
