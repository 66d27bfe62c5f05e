"""Bodies come back as they were kept, also those that an earlier version kept."""

from __future__ import annotations

import zlib

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.stores import blobs, keys
from shared.stores.connection import Database


@given(st.binary(max_size=2_000))
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_what_was_kept_comes_back_as_it_was(database: Database, data: bytes) -> None:
    store = blobs.pages(database)
    store.keep("a", data)
    assert store.read("a") == data
    store.read_ahead(["a", "b"])
    assert store.read("a") == data
    assert store.read("b") is None
    assert blobs.unpacked(zlib.compress(data, 1)) == data


def test_it_is_smaller_and_has_a_lifetime(database: Database) -> None:
    blobs.pages(database).keep("a", b"<p>the same again</p>" * 1_000)
    assert database.redis.strlen(keys.PAGE("a")) < 500
    assert 0 < database.redis.ttl(keys.PAGE("a")) <= keys.PAGE.lifetime


def test_what_an_earlier_version_kept_is_read(database: Database) -> None:
    database.redis.set(keys.PAGE("a"), zlib.compress("Größe".encode(), 1))
    assert blobs.pages(database).read("a") == "Größe".encode()
