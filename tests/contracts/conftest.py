"""A store's contract holds on every server that is supported, so its tests run on each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from shared.stores.connection import Database


@pytest.fixture
def database(each_database: Database) -> Database:
    """Each server's state, empty."""
    return each_database
