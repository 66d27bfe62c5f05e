"""Golden files of a release: its state in the server, its doorbells in the broker, an archive of its export.

    python -m tests.upgrades.golden tests/upgrades/golden/X.Y.Z     before X.Y.Z is released; older ones stay as they are

All texts in them are the demo press's own. Times are those of the making; lifetimes are kept.
"""

from __future__ import annotations

import base64
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from console import backup
from console.conformance.server import ThrowAwayServer
from demo.press import Press
from shared.broker import make_app, ring
from shared.stores import keys
from shared.stores.admission import admit
from shared.stores.connection import connect
from shared.stores.groups import GroupStore
from shared.stores.work import WorkStore
from shared.topology import TICK_QUEUE, TICK_TASK, TOPOLOGY, Stage
from tests.integration.test_the_flow import STREAM, Flow
from tests.world import bury, retry_later

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shared.stores.connection import Database

BINARY = tuple(family("") for family in (keys.PAGE, keys.TEXT, keys.ENTRY))
BROKER = "rarewire:broker:"
Row = dict[str, Any]


def dump(database: Database) -> Iterator[Row]:
    """Yield every key but the broker's: name, type, value, milliseconds left to live (-1: kept)."""
    redis = database.redis
    for key in sorted(redis.scan_iter(count=1000)):
        if not key.startswith((BROKER, "_kombu")):
            kind = redis.type(key)
            if kind != "none":  # its life ended meanwhile
                yield {"key": key, "type": kind, "lifetime": redis.pttl(key), "value": _value(database, key, kind)}


def _value(database: Database, key: str, kind: str) -> Any:
    redis = database.redis
    if kind == "string":
        return base64.b64encode(database.blob(key) or b"").decode() if key.startswith(BINARY) else redis.get(key)
    reads = {
        "hash": lambda: redis.hgetall(key),
        "set": lambda: sorted(redis.smembers(key)),
        "zset": lambda: redis.zrange(key, 0, -1, withscores=True),
        "list": lambda: redis.lrange(key, 0, -1),
        "stream": lambda: redis.xrange(key),
    }
    return reads[kind]()


def load(database: Database, path: Path) -> None:
    """Put a dump into an empty server."""
    redis = database.redis
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        key, value = row["key"], row["value"]
        writes = {
            "string": lambda k=key, v=value: redis.set(k, base64.b64decode(v) if k.startswith(BINARY) else v),
            "hash": lambda k=key, v=value: redis.hset(k, mapping=v),
            "set": lambda k=key, v=value: redis.sadd(k, *v),
            "zset": lambda k=key, v=value: redis.zadd(k, dict(v)),
            "list": lambda k=key, v=value: redis.rpush(k, *v),
            "stream": lambda k=key, v=value: [redis.xadd(k, fields, id=name) for name, fields in v],
        }
        writes[row["type"]]()
        if row["lifetime"] > 0:
            redis.pexpire(key, row["lifetime"])


def doorbells(url: str) -> dict[str, list[str]]:
    """Every kind of message that goes over the broker, as it lies in its queue."""
    app = make_app("golden", url)
    for stage in Stage:
        ring(app, stage)
    app.send_task(TICK_TASK, queue=TICK_QUEUE, ignore_result=True)
    redis = connect(url).redis
    queues = [*(row.queue for row in TOPOLOGY.values()), TICK_QUEUE]
    return {queue: redis.lrange(BROKER + queue, 0, -1) for queue in queues}


def make(folder: Path) -> None:
    """Write the golden files of this release."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch, ThrowAwayServer(Path(scratch)) as server:
        with Press(seed=11, stock=10, faults=False, page_kb=12) as press:
            database = server.database()
            admit(database)
            GroupStore(database).add(STREAM, "readers", owner="a team")
            flow = Flow(database, server.url)
            _lively(flow, press)
        with (folder / "state.jsonl").open("w", encoding="utf-8") as file:
            file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in dump(database))
        with (folder / "archive.jsonl").open("wb") as archive:
            backup.write(database, archive)
        found = doorbells(server.url)
        (folder / "doorbells.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


def _lively(flow: Flow, press: Press) -> None:
    """Articles at their end, and some that wait at each stage, under retry and among the dead."""
    database = flow.database
    flow.watch(press)
    flow.until_all_end(press)
    for page in database.redis.scan_iter(match=keys.PAGE("*")):
        database.redis.delete(page)  # of articles that have ended
    for stages in ((Stage.POLL, Stage.FETCH, Stage.EXTRACT), (Stage.POLL, Stage.FETCH), (Stage.POLL,)):
        press.publish(4)
        before, end = WorkStore(database).books()["fetch:in"], time.monotonic() + 30
        while WorkStore(database).books()["fetch:in"] < before + 4:
            assert time.monotonic() < end
            flow.run(Stage.POLL)
        for stage in stages[1:]:
            flow.run(stage)
    for number in range(4):
        bury(database, number)
    retry_later(database, 1)


if __name__ == "__main__":
    make(Path(sys.argv[1]))
