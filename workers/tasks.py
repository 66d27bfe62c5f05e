"""The pipeline, top to bottom: one task a stage. A task is a doorbell; the runner claims what is due and ends it.

beat -> tick (schedulers/tasks.py) -> poll -> fetch -> extract -> classify -> stream
"""

from __future__ import annotations

from shared.topology import TOPOLOGY, Stage
from workers.app import app, now, ports, rulesets
from workers.classify.step import classify
from workers.extract.step import extract
from workers.fetch.step import fetch
from workers.poll.step import poll


@app.task(name=TOPOLOGY[Stage.POLL].task)
def poll_feeds() -> None:
    """Poll the feeds that are due; pages they announce for the first time go to fetch."""
    ports().runner.run(
        Stage.POLL, lambda message, work: poll(message, ports(), now=now(), slot=work.slot), after=ports().hosts.settle
    )


@app.task(name=TOPOLOGY[Stage.FETCH].task)
def fetch_pages() -> None:
    """Fetch pages, each host in its turn; bytes that may hold an article go to extract."""
    ports().runner.run(
        Stage.FETCH,
        lambda message, work: fetch(message, ports(), now=now(), slot=work.slot),
        after=ports().hosts.settle,
    )


@app.task(name=TOPOLOGY[Stage.EXTRACT].task)
def extract_articles() -> None:
    """Extract clean articles, in a child process that may be killed; they go to classify."""
    ports().runner.run(Stage.EXTRACT, lambda message, _work: extract(message, ports()), ahead=ports().read_pages)


@app.task(name=TOPOLOGY[Stage.CLASSIFY].task)
def classify_articles() -> None:
    """Tag articles; those on the topic go to its stream, once for each version."""
    ports().runner.run(
        Stage.CLASSIFY, lambda message, _work: classify(message, ports(), rulesets()), ahead=ports().read_texts
    )
