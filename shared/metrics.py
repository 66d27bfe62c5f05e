"""The metrics for Prometheus, computed from the counters and indexes in Redis at each scrape.

Nothing is counted in a process: a restart forgets nothing, and the number of processes does not matter. Labels are
bounded by the code (stages, outcomes, reasons) or by a number given here; texts from outside are never labels.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector

from shared.outcomes import Disposition
from shared.stores.audit import AuditStore
from shared.stores.dead_letters import DeadLetterStore
from shared.stores.groups import GroupStore
from shared.stores.streams import StreamStore, public_streams
from shared.stores.vitals import VitalStore
from shared.stores.webhooks import WebhookStore
from shared.stores.work import WorkStore
from shared.topology import Stage

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from prometheus_client import Metric

    from shared.stores.connection import Database

CONTENT_TYPE = CONTENT_TYPE_LATEST
DELAY_BOUNDS = ("1", "5", "15", "60", "300", "900", "3600", "21600", "86400")  # as in prelude.lua
MOST_GROUPS = 200  # consumer groups that get series of their own


def expose(database: Database, topics: Sequence[str], facet_streams: Mapping[str, Sequence[str]]) -> str:
    """Return the exposition text. Raises RedisError."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Everything(database, public_streams(topics, facet_streams)))
    return generate_latest(registry).decode()


class _Everything(Collector):
    """All families, read from the stores."""

    def __init__(self, database: Database, streams: Sequence[str]) -> None:
        self._db = database
        self._streams = streams

    def describe(self) -> Iterable[Metric]:
        """Say nothing ahead of the scrape: registering must not ask the server."""
        return ()

    def collect(self) -> Iterator[Metric]:
        """Yield every family."""
        books = WorkStore(self._db).books()
        yield from _work(books)
        yield from _backlog(WorkStore(self._db))
        yield from _published(books)
        yield from _dead(DeadLetterStore(self._db))
        yield from _life(VitalStore(self._db))
        yield from _feeds(VitalStore(self._db).feed_health())
        yield from _consumers(self._db, self._streams)
        yield from _webhooks(self._db)
        yield GaugeMetricFamily("rarewire_audit_entries", "Acts in the audit log.", value=AuditStore(self._db).count())


def _work(books: Mapping[str, int]) -> Iterator[Metric]:
    taken = CounterMetricFamily("rarewire_work_in", "Work that came to a stage.", labels=["stage"])
    ended = CounterMetricFamily("rarewire_work", "Work that ended, by outcome.", labels=["stage", "outcome"])
    why = CounterMetricFamily(
        "rarewire_endings", "Work that ended with a reason.", labels=["stage", "outcome", "reason"]
    )
    lost = CounterMetricFamily("rarewire_leases_taken_back", "Work whose worker was lost.", labels=["stage"])
    acts = CounterMetricFamily("rarewire_redriven", "Dead letters moved by operators.", labels=["stage", "verb"])
    for stage in Stage:
        taken.add_metric([stage], books.get(f"{stage}:in", 0))
        lost.add_metric([stage], books.get(f"{stage}:taken_back", 0))
        for kind in Disposition:
            ended.add_metric([stage, kind], books.get(f"{stage}:{kind}", 0))
        for verb in ("retry", "discard"):
            acts.add_metric([stage, verb], books.get(f"{stage}:{verb}", 0))
    for name, count in sorted(books.items()):
        parts = name.split(":")
        if len(parts) == 3 and parts[0] in set(Stage) and parts[1] in set(Disposition):  # noqa: PLR2004
            why.add_metric(parts, count)
    yield from (taken, ended, why, lost, acts)


def _backlog(work: WorkStore) -> Iterator[Metric]:
    families = {
        "waiting": GaugeMetricFamily("rarewire_stage_waiting", "Work that waits, due or not.", labels=["stage"]),
        "due": GaugeMetricFamily("rarewire_stage_due", "Work that is due now.", labels=["stage"]),
        "leased": GaugeMetricFamily("rarewire_stage_in_progress", "Work under a lease.", labels=["stage"]),
        "oldest": GaugeMetricFamily(
            "rarewire_stage_oldest_seconds", "How long the oldest due work has waited.", labels=["stage"]
        ),
    }
    for stage, found in work.backlog().items():
        for name, family in families.items():
            family.add_metric([stage], found[name])
    yield from families.values()
    yield GaugeMetricFamily("rarewire_waiting_retries", "Failed work waiting to be tried.", value=work.count_retries())


def _published(books: Mapping[str, int]) -> Iterator[Metric]:
    yield CounterMetricFamily("rarewire_published", "Events written to the streams.", value=books.get("stream:in", 0))
    yield CounterMetricFamily(
        "rarewire_duplicates", "Events not written because they were before.", value=books.get("stream:duplicate", 0)
    )
    delay = HistogramMetricFamily("rarewire_end_to_end_seconds", "From the sight of an article to its event.")
    total, buckets = 0, []
    for bound in DELAY_BOUNDS:
        total += books.get(f"stream:delay:{bound}", 0)
        buckets.append((f"{float(bound)}", float(total)))
    total += books.get("stream:delay:more", 0)
    delay.add_metric([], [*buckets, ("+Inf", float(total))], sum_value=books.get("stream:delay_ms", 0) / 1000)
    yield delay


def _dead(letters: DeadLetterStore) -> Iterator[Metric]:
    for facet in ("stage", "reason"):
        name = "rarewire_dead_letters" if facet == "stage" else f"rarewire_dead_letters_by_{facet}"
        family = GaugeMetricFamily(name, f"Dead letters by {facet}.", labels=[facet])
        for value, count in letters.facet(facet):
            family.add_metric([value], count)
        yield family
    yield GaugeMetricFamily(
        "rarewire_error_groups", "Error groups among the dead letters.", value=len(letters.groups())
    )


def _life(vitals: VitalStore) -> Iterator[Metric]:
    signs = GaugeMetricFamily(
        "rarewire_last_sign_of_life_timestamp_seconds", "When a stage, the tick or a process last showed life.",
        labels=["sign"],
    )  # fmt: skip
    pulses = vitals.pulses()
    for name, at in pulses.items():
        signs.add_metric([name], at)
    restarts = CounterMetricFamily("rarewire_process_restarts", "Restarts by the supervisor.", labels=["process"])
    up = GaugeMetricFamily("rarewire_process_ok", "1 if the watchdog finds the process well.", labels=["process"])
    for process, (count, ok) in _by_process(vitals.processes()).items():
        restarts.add_metric([process], count)
        up.add_metric([process], float(ok))
    yield from (signs, restarts, up)
    server = vitals.server()
    yield GaugeMetricFamily("rarewire_server_memory_bytes", "Memory the server uses.", value=server["used_memory"])
    limit = server.get("maxmemory") or server.get("total_system_memory", 0)
    yield GaugeMetricFamily("rarewire_server_memory_limit_bytes", "Memory the server may use.", value=limit)
    well = server.get("aof_last_write_status", "ok") == "ok"
    yield GaugeMetricFamily("rarewire_server_file_ok", "1 if its last write to disk succeeded.", value=float(well))


def _by_process(supervisors: Mapping[str, Mapping[str, Any]]) -> dict[str, tuple[int, bool]]:
    """Return restarts and health by process name, over all supervisors."""
    found: dict[str, tuple[int, bool]] = {}
    for told in supervisors.values():
        for process in told["processes"]:
            count, ok = found.get(process["name"], (0, True))
            found[process["name"]] = (count + process["restarts"], ok and process["ok"])
    return found


def _feeds(summary: Mapping[str, Any]) -> Iterator[Metric]:
    states = GaugeMetricFamily("rarewire_feeds", "Feeds by state.", labels=["state"])
    for state, count in summary.get("counts", {}).items():
        states.add_metric([state], count)
    newest = GaugeMetricFamily(
        "rarewire_feed_last_new_timestamp_seconds",
        "When a feed last brought something new, for the 200 feeds that are silent longest.", labels=["feed"],
    )  # fmt: skip
    for feed_id, at in summary.get("quiet", ()):
        newest.add_metric([feed_id], at)
    yield from (states, newest)


def _consumers(database: Database, names: Sequence[str]) -> Iterator[Metric]:
    labels = ["stream", "group"]
    lag = GaugeMetricFamily("rarewire_consumer_lag", "Articles a group was not given yet.", labels=labels)
    age = GaugeMetricFamily("rarewire_consumer_oldest_unacked_seconds", "Age of its oldest article.", labels=labels)
    pending = GaugeMetricFamily("rarewire_consumer_pending", "Given and not acknowledged.", labels=labels)
    dead = GaugeMetricFamily("rarewire_consumer_dead", "Entries a group gave up.", labels=labels)
    entries = GaugeMetricFamily("rarewire_stream_entries", "Entries a stream keeps.", labels=["stream"])
    size = GaugeMetricFamily("rarewire_stream_bytes", "Memory a stream takes.", labels=["stream"])
    streams, groups, left = StreamStore(database), GroupStore(database), MOST_GROUPS
    for name in names:
        extent = streams.extent(name)
        entries.add_metric([name], extent.entries)
        size.add_metric([name], extent.bytes)
        for group in groups.states(name)[:left]:
            left -= 1
            lag.add_metric([name, group.name], group.lag)
            pending.add_metric([name, group.name], group.pending)
            dead.add_metric([name, group.name], group.dead)
            age.add_metric([name, group.name], group.oldest_unacked or 0.0)
    yield from (lag, age, pending, dead, entries, size)


def _webhooks(database: Database) -> Iterator[Metric]:
    attempts = CounterMetricFamily("rarewire_webhook_attempts", "Posts to endpoints.", labels=["endpoint", "outcome"])
    oldest = GaugeMetricFamily(
        "rarewire_webhook_oldest_undelivered_seconds", "Age of the oldest event an endpoint has not had.",
        labels=["endpoint"],
    )  # fmt: skip
    ok = GaugeMetricFamily("rarewire_webhook_ok", "0 if disabled, or if the last post failed.", labels=["endpoint"])
    store, groups = WebhookStore(database), GroupStore(database)
    told = store.told()
    ages = {
        (group.stream, group.name): group.oldest_unacked or 0.0
        for stream in {one["stream"] for one in told.values()}
        for group in groups.states(stream)
    }
    for name, one in told.items():
        standing = store.standing(name)
        for outcome, count in sorted(standing.counts.items()):
            attempts.add_metric([name, outcome], count)
        oldest.add_metric([name], ages.get((one["stream"], one["group"]), 0.0))
        ok.add_metric([name], float(not standing.disabled and not standing.failures))
    yield from (attempts, oldest, ok)
