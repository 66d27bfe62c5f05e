"""The four stages in one process, without Celery: from the press's feeds to the stream, beside the press's own truth."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import pytest

from demo.press import Press, Truth
from schedulers.catalogue import FeedSource
from schedulers.registry import Registry
from shared.settings import Settings
from shared.stores.articles import ArticleStore
from shared.stores.streams import StreamStore
from shared.stores.work import WorkStore
from shared.topology import Stage
from shared.urls import article_id
from workers.classify.rulesets import load_ruleset
from workers.classify.step import classify
from workers.extract.step import extract
from workers.fetch.step import fetch
from workers.poll.step import poll
from workers.ports import Ports, make_ports

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shared.stores.connection import Database

STREAM = "rarewire:rare-earth:v1"
# Its newsletter box reads like prose: a single page cannot tell, only the memory of the site can.
PROSE_BOX = "magnet-letter"


class Flow:
    """Runs every stage in turn until nothing is due, as doorbells would have it."""

    def __init__(self, database: Database, server_url: str) -> None:
        self.database = database
        settings = Settings(
            redis_url=server_url, allow_loopback=True, ports=(), host_gap=0.0, retry_scale=1e-4, poll_floor=0.5,
            poll_floor_unproven=0.5, poll_ceiling=1.0,
        )  # fmt: skip
        self.ports: Ports = make_ports(settings, ring=lambda _stage: None)
        self.rules = (load_ruleset("rare_earth"),)

    def watch(self, press: Press) -> None:
        Registry(self.database).add([FeedSource(name=name, url=url) for name, url, _ in press.feeds()])

    def once(self) -> int:
        return sum(self.run(stage) for stage in Stage)

    def run(self, stage: Stage) -> int:
        """Do what is due at a stage, as its task does."""
        run, ports = self.ports.runner.run, self.ports
        if stage is Stage.POLL:
            return run(stage, lambda message, work: poll(message, ports, now=time.time(), slot=work.slot))
        if stage is Stage.FETCH:
            return run(stage, lambda message, work: fetch(message, ports, now=time.time(), slot=work.slot))
        if stage is Stage.EXTRACT:
            return run(stage, lambda message, _work: extract(message, ports), ahead=ports.read_pages)
        return run(stage, lambda message, _work: classify(message, ports, self.rules), ahead=ports.read_texts)

    def until_all_end(self, press: Press, *, seconds: float = 60.0) -> dict[str, str]:
        """Run until every article of the press has ended; returns URL -> how."""
        end = time.monotonic() + seconds
        while True:
            self.once()
            statuses = {one.url: self.status(one) for one in press.truth()}
            if all(_ended(status) for status in statuses.values()) or time.monotonic() > end:
                return statuses

    def status(self, one: Truth) -> str:
        return ArticleStore(self.database).get(article_id(one.url)).get("status", "")

    def events(self) -> list[dict[str, Any]]:
        return [json.loads(fields["data"]) for _, fields in StreamStore(self.database).range(STREAM)]


def _ended(status: str) -> bool:
    return bool(status) and ":retried" not in status and ":forwarded" not in status.removeprefix("classify:forwarded")


@pytest.fixture
def flow(database: Database, server_url: str) -> Iterator[Flow]:
    made = Flow(database, server_url)
    yield made
    made.ports.http.close()


def test_articles_come_out_with_their_titles_and_paragraphs_and_nothing_else(flow: Flow) -> None:
    with Press(seed=3, stock=96, faults=False) as press:
        flow.watch(press)
        flow.until_all_end(press)
        truth = {article_id(one.url): one for one in press.truth()}
    events = {event["article_id"]: event for event in flow.events()}
    assert len(events) >= 20
    differing = [
        (truth[name].url, sorted(set(event["paragraphs"]) ^ set(truth[name].paragraphs)))
        for name, event in events.items()
        if truth[name].outlet != PROSE_BOX
        and (event["title"], tuple(event["paragraphs"])) != (truth[name].title, tuple(truth[name].paragraphs))
    ]
    assert differing == []
    lost = [
        truth[name].url for name, event in events.items() if not set(truth[name].paragraphs) <= set(event["paragraphs"])
    ]
    assert lost == []


def test_every_article_of_a_press_with_faults_ends_in_one_counted_way(flow: Flow) -> None:
    with Press(seed=5, stock=48, faults=True) as press:
        flow.watch(press)
        statuses = flow.until_all_end(press)
        truth = {one.url: one for one in press.truth()}
    assert [url for url, status in statuses.items() if not _ended(status)] == []
    arrived = {url: status.startswith("classify:") for url, status in statuses.items()}
    assert {url: one.arrives for url, one in truth.items()} == arrived


def test_what_is_polled_again_brings_only_what_is_new(flow: Flow) -> None:
    with Press(seed=2, stock=16, faults=False) as press:
        flow.watch(press)
        flow.until_all_end(press)
        before = WorkStore(flow.database).books()["fetch:forwarded"]
        press.publish(5)
        statuses = flow.until_all_end(press)
        later = WorkStore(flow.database).books()["fetch:forwarded"]
    assert len(statuses) == 21
    assert later - before == 5


def test_the_books_balance_at_every_stage(flow: Flow) -> None:
    with Press(seed=5, stock=24, faults=True) as press:
        flow.watch(press)
        flow.until_all_end(press)
    work = WorkStore(flow.database)
    books, backlog = work.books(), work.backlog()
    for stage in Stage:
        out = sum(books.get(f"{stage}:{kind}", 0) for kind in ("forwarded", "dropped", "retried", "dead"))
        assert books[f"{stage}:in"] == out + backlog[stage]["waiting"] + backlog[stage]["leased"]
