"""One's own feeds file, looked at while the system runs: what is added to it is watched without a restart.

A file that cannot be used changes nothing, and a notice says what is wrong with it. A feed that is taken out of it is
watched on, as at a start: `rarewire feeds remove` is what ends it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from schedulers.catalogue import CatalogueError
from schedulers.registry import sync_catalogue
from shared.stores.notices import NoticeStore

if TYPE_CHECKING:
    from pathlib import Path

    from shared.stores.connection import Database

Seen = tuple[int, int, int]  # when it was changed, its size and its place on the disk: editors put a new file there


@dataclass(kw_only=True)
class FeedsFile:
    """Reads the file anew when it has changed since the last look, or since this was made: the start has read it."""

    path: Path
    _seen: Seen | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        self._seen = self._signature()

    def look(self, database: Database) -> int:
        """Return how many feeds were new; 0, too, for a file that is as it was, is gone, or cannot be used."""
        now = self._signature()
        if now is None or now == self._seen:
            return 0
        self._seen = now
        notices = NoticeStore(database)
        try:
            added = sync_catalogue(self.path, database)
        except CatalogueError as error:
            notices.add(kind="feeds_file_refused", about=str(self.path), detail=f"{error}; the feeds stay as they were")
            return 0
        notices.add(kind="feeds_file_read", about=str(self.path), detail=f"{added} feeds added")
        return added

    def _signature(self) -> Seen | None:
        try:
            found = self.path.stat()
        except OSError:
            return None  # an editor may just be putting it back
        return found.st_mtime_ns, found.st_size, found.st_ino
