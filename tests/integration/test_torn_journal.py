"""A power cut within a transaction: none of it is there after the next start, nor after the one after that."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from console.conformance.server import ThrowAwayServer
from tests.servers import KINDS, Kind, binary

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.integration

TRANSACTION = "redis.call('SET','a',1) redis.call('SET','b',1) redis.call('SET','c',1)"


@pytest.mark.parametrize("share", [0.35, 0.6, 0.95])
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_no_part_of_a_torn_transaction_ever_comes_true(kind: Kind, share: float, tmp_path: Path) -> None:
    program = binary(kind)
    if program is None:
        pytest.skip(f"no {kind.name} on this machine: {kind.how}")
    with ThrowAwayServer(tmp_path, binary=program) as server:
        redis = server.database().redis
        redis.set("before", 1)
        (journal,) = tmp_path.glob("server/appendonlydir/*.incr.aof")
        start = journal.stat().st_size
        redis.eval(TRANSACTION, 0)
        server.kill()
        end = journal.stat().st_size
        with journal.open("rb+") as file:
            file.truncate(start + int((end - start) * share))
        for _ in range(2):
            server.start()
            database = server.database()
            database.redis.eval("redis.call('SET','d',1) redis.call('SET','e',1)", 0)
            assert sorted(database.redis.scan_iter()) == ["before", "d", "e"]
            database.redis.close()
            server.kill()
        redis.close()
