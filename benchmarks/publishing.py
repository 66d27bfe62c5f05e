"""What an event costs on its way to the streams, and a trim that waits for a group which lags by 100,000 entries.

    python -m benchmarks.publishing [--events 4000] [--lag 100000] [--server /usr/bin/redis-server]

Publishing is part of the script that ends an article's classification, so it is measured as that: the wall time of
ending work with an event, one at a time and by eights as a worker does, and beside it the same work ended without one.
On a busy machine wall times tell of its other work: then look at the CPU, and at the tenth of a hundred.
Events are of a usual size (about 6 KB, five tags). The server keeps an append-only file with `appendfsync everysec`.
The target is 0.3 ms an event.
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from console.conformance.server import ThrowAwayServer
from shared.article import Article
from shared.events import content_hash, stream_of
from shared.messages import ArticleExtracted
from shared.outcomes import Disposition, Save
from shared.stores.groups import GroupStore
from shared.stores.work import Completion, WorkStore
from shared.tags import Evidence, Tag, Verdict
from shared.topology import TOPOLOGY, Stage
from workers.classify.core.publication import Classified, Ways, publication

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shared.messages import ArticleTagged
    from shared.stores.connection import Database
    from shared.stores.work import Claimed

TOPIC = "rare_earth"
STREAM = stream_of(TOPIC)
TARGET = 0.3  # ms an event
PLAIN = Ways()
FILTERED = Ways(streams=(stream_of(TOPIC, "plants"), stream_of(TOPIC, "companies")))
EVERYTHING = Ways(streams=FILTERED.streams, list_most=1_000, announce=True)
PARAGRAPH = (
    "The plant will separate dysprosium and terbium from the concentrate of its own mine, its owner said on Friday, and "
    "is to reach its full output of {n} tonnes of oxides within two years; a second line is planned beside it."
)
KEEP = 10**12  # bytes: no ceiling here


@dataclass(frozen=True, kw_only=True)
class Cost:
    """Milliseconds an event. `wall` is the median, `quick` the tenth of a hundred: what it takes when nothing else runs.

    `worker` and `server` are CPU; `without` is the wall time (tenth of a hundred) of ending the work alone.
    """

    wall: float
    quick: float
    worker: float
    server: float
    without: float


def event(article_id: str, ways: Ways) -> ArticleTagged:
    """An article's first event, as classification makes it."""
    paragraphs = tuple(PARAGRAPH.format(n=number * 100) for number in range(1, 12))
    article = Article(
        title="A separation plant for dysprosium opens in the north", paragraphs=paragraphs, language="en"
    )
    tags = tuple(
        Tag(facet="element", id=f"e{n}", label="Dysprosium", weight=2.5, wikidata="Q843", evidence=tuple(
            Evidence(field=f"paragraphs[{at}]", start=24, end=34, text="dysprosium") for at in range(3)))
        for n in range(5)
    )  # fmt: skip
    made = Classified(
        message=extracted(article_id),
        article=article,
        verdict=Verdict(topic=TOPIC, decision=TOPIC, probability=0.97, tags=tags, ruleset="bench"),
        first_seen=time.time() - 60,
        content_hash=content_hash(article.title, article.text),
    )
    return publication(made, version=1, kind="published", ways=ways)


def extracted(article_id: str) -> ArticleExtracted:
    return ArticleExtracted(
        article_id=article_id, url=f"https://news.example.org/{article_id}", feed_id="bench", found_at=time.time() - 60,
        fetched_at=time.time(), article_key=article_id,
    )  # fmt: skip


def claimed(database: Database, number: int, name: str) -> list[Claimed]:
    """So many articles in a worker's hands."""
    work = WorkStore(database)
    work.add([extracted(f"{name}-{one}") for one in range(number)])
    found: list[Claimed] = []
    while len(found) < number:
        found += work.claim(Stage.CLASSIFY, most=500, lease=600.0)
    return found


def ended(work: Claimed, ways: Ways | None) -> Completion:
    """The end of one article's classification: with an event, or without one."""
    fields = {"title": "A separation plant", "decision": TOPIC, "status": "classify:forwarded"}
    saves = (Save(record="article", id=work.id, fields=fields),)
    if ways is None:
        return Completion(disposition=Disposition.DROPPED, reason="not_rare_earth", saves=saves)
    return Completion(disposition=Disposition.FORWARDED, messages=(event(work.id, ways),), saves=saves)


def times(
    database: Database, works: Sequence[Claimed], ways: Ways | None, batch: int, spent: list[float] | None = None
) -> list[float]:
    """Milliseconds an event, one figure a batch: from the ready message to the server's answer.

    `spent` is added this process's seconds of CPU.
    """
    store, found, spent = WorkStore(database), [], spent or [0.0]
    for start in range(0, len(works), batch):
        endings = [(work, ended(work, ways)) for work in works[start : start + batch]]
        own, begin = time.process_time(), time.perf_counter()
        done = store.complete_all(endings)
        found.append((time.perf_counter() - begin) * 1_000 / len(endings))
        spent[0] += time.process_time() - own
        assert all(done)
    return found


def cost(database: Database, ways: Ways, *, events: int, batch: int) -> Cost:
    database.redis.flushall()
    without = times(database, claimed(database, events // 4, "without"), None, batch)
    works = claimed(database, events, "with")
    begin, spent = cpu(database), [0.0]
    walls = times(database, works, ways, batch, spent)
    server = cpu(database) - begin
    assert database.redis.xlen(STREAM) == events
    return Cost(
        wall=statistics.median(walls),
        quick=statistics.quantiles(walls, n=10)[0],
        worker=spent[0] * 1_000 / events,
        server=server * 1_000 / events,
        without=statistics.quantiles(without, n=10)[0],
    )


def cpu(database: Database) -> float:
    """Seconds of CPU that the server has taken."""
    info = database.redis.info("cpu")
    return float(info["used_cpu_sys"]) + float(info["used_cpu_user"])


def read(database: Database, group: str) -> int:
    """Read and acknowledge what there is for a group, by hundreds; returns how many entries."""
    number = 0
    while answer := database.redis.xreadgroup(group, "bench", {STREAM: ">"}, count=100):
        pairs = answer.items() if isinstance(answer, dict) else answer
        ids = [entry for _, rows in pairs for entry, _ in rows]
        database.redis.xack(STREAM, group, *ids)
        number += len(ids)
    return number


def lagging(database: Database, entries: int) -> str:
    """Let one group stand still while others go on and trims are tried; then let it catch up. Returns what was seen."""
    database.redis.flushall()
    groups = GroupStore(database)
    for name in ("slow", "fast", "other"):
        groups.add(STREAM, name, owner="bench")
    waits, trims, chunk = [], [], 10_000
    for start in range(0, entries, chunk):
        number = min(chunk, entries - start)
        waits += times(database, claimed(database, number, f"l{start}"), PLAIN, 8)
        assert read(database, "fast") == read(database, "other") == number
        trims.append(trim(database))
        assert trims[-1][0] == 0
    state, size = groups.state(STREAM, "slow"), database.redis.memory_usage(STREAM)
    assert (state.lag, state.lost, groups.state(STREAM, "fast").lag) == (entries, 0, 0)
    caught_up = read(database, "slow")
    freed, took = trim(database)
    assert (caught_up, freed, database.redis.xlen(STREAM)) == (entries, entries, 0)
    blocked = statistics.median(one[1] for one in trims)
    return (
        f"{entries} entries ({size / 2**20:.0f} MiB) held for one group, {len(trims)} trims meanwhile freed 0 and took "
        f"{blocked:.2f} ms (median); publishing beside it {statistics.median(waits):.3f} ms an event. The group got all "
        f"{caught_up}, lost 0; then one trim freed all {freed} in {took:.0f} ms"
    )


def trim(database: Database) -> tuple[int, float]:
    """Entries freed by one trim that keeps nothing for replay, and its milliseconds."""
    begin = time.perf_counter()
    done = GroupStore(database).trim(STREAM, retention=0, ceiling=KEEP)
    return done.trimmed, (time.perf_counter() - begin) * 1_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=4_000)
    parser.add_argument("--lag", type=int, default=100_000, help="entries that one group lags; 0: none")
    parser.add_argument("--server", default="", help="a server's program; default: the embedded one")
    options = parser.parse_args()
    worst = 0.0
    with tempfile.TemporaryDirectory() as folder, ThrowAwayServer(Path(folder), binary=options.server) as server:
        database = server.database()
        info = database.redis.info("server")
        name = f"Valkey {info['valkey_version']}" if "valkey_version" in info else f"Redis {info['redis_version']}"
        size = len(event("x", PLAIN).data)
        print(f"{os.cpu_count()} cores {platform.machine()}, {name}, {options.events} events of {size / 1000:.1f} KB")
        for label, ways in (("one stream", PLAIN), ("and two filtered", FILTERED), ("and list, pub/sub", EVERYTHING)):
            for batch in (1, TOPOLOGY[Stage.CLASSIFY].batch):
                found = cost(database, ways, events=options.events, batch=batch)
                worst = max(worst, found.wall)
                print(
                    f"{label:<18} by {batch}: {found.wall:.3f} ms an event, undisturbed {found.quick:.3f} (the same end "
                    f"without an event {found.without:.3f}); CPU: worker {found.worker:.3f}, server {found.server:.3f}"
                )
        print(f"worst median {worst:.3f} ms of wall time an event (target {TARGET}); load {os.getloadavg()[0]:.1f}")
        if options.lag:
            print(lagging(database, options.lag))


if __name__ == "__main__":
    main()
