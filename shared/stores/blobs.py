"""Bodies that travel under a key, not in a message: pages, articles, full texts of feeds. zlib, with a lifetime."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

from shared.stores import keys

if TYPE_CHECKING:
    from shared.stores.connection import Database

# Level 1: pages shrink to a fifth in a millisecond; level 6 takes four times as long for a tenth less.
LEVEL = 1


class BlobStore:
    """One family of blobs."""

    def __init__(self, database: Database, key: keys.Key) -> None:
        self._db = database
        self._key = key

    def keep(self, blob_id: str, data: bytes) -> str:
        """Keep bytes for the family's lifetime; returns the id to travel in a message. Writing again is harmless."""
        self._db.redis.set(self._key(blob_id), zlib.compress(data, LEVEL), ex=self._key.lifetime)
        return blob_id

    def read(self, blob_id: str) -> bytes | None:
        """Return the bytes, or None once their lifetime is over."""
        data = self._db.blob(self._key(blob_id))
        return None if data is None else zlib.decompress(data)


def pages(database: Database) -> BlobStore:
    """Fetched pages, as they came (decoded from their transfer coding)."""
    return BlobStore(database, keys.PAGE)


def texts(database: Database) -> BlobStore:
    """Extracted articles as JSON."""
    return BlobStore(database, keys.TEXT)


def entries(database: Database) -> BlobStore:
    """Full texts that feeds carry."""
    return BlobStore(database, keys.ENTRY)
