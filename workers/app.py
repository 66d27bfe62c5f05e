"""The composition root of the workers: reads the settings at import, connects on first use, after the fork."""

from __future__ import annotations

import os
import platform
import random
import resource
import signal
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from typing import TYPE_CHECKING

from celery.signals import worker_process_init

from shared.broker import make_app, ring
from shared.http_client import HTTPClient, Reach, user_agent
from shared.logs import configure
from shared.settings import settings
from shared.stores import blobs
from shared.stores.articles import ArticleStore
from shared.stores.clusters import ClusterStore
from shared.stores.connection import connect
from shared.stores.feeds import FeedStore
from shared.stores.hosts import HostStore
from shared.stores.streams import StreamStore
from shared.stores.work import WorkStore
from workers.classify.rulesets import load_ruleset
from workers.runner import Runner

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from shared.settings import Settings
    from shared.stores.blobs import BlobStore
    from shared.stores.work import Claimed
    from workers.classify.core import Ruleset

_settings = settings()
configure(level=_settings.log_level, as_json=_settings.log_json)

app = make_app("rarewire", _settings.broker())
app.conf.include = ["workers.tasks"]

_in_child = threading.Event()


@dataclass(frozen=True, kw_only=True)
class Ports:
    """What steps reach the world through."""

    settings: Settings
    http: HTTPClient
    feeds: FeedStore
    hosts: HostStore
    articles: ArticleStore
    pages: BlobStore
    texts: BlobStore
    entries: BlobStore
    clusters: ClusterStore
    streams: StreamStore
    runner: Runner


@cache
def ports() -> Ports:
    """Make the ports of this process, on first use."""
    database = connect(_settings.redis(), connections=_settings.fetch_threads + 8)
    return Ports(
        settings=_settings,
        http=_http_client(),
        feeds=FeedStore(database),
        hosts=HostStore(database),
        articles=ArticleStore(database),
        pages=blobs.pages(database),
        texts=blobs.texts(database),
        entries=blobs.entries(database),
        clusters=ClusterStore(database),
        streams=StreamStore(database),
        runner=Runner(
            work=WorkStore(database),
            ring=lambda stage: ring(app, stage),
            random=random.random,
            worker=f"{platform.node()}:{os.getpid()}",
            version=version("rarewire"),
            retry_scale=_settings.retry_scale,
            guard=deadline if _in_child.is_set() else _unguarded,
        ),
    )


def _http_client() -> HTTPClient:
    """Make the door to the outside, and prove that it is guarded before anything goes through it."""
    client = HTTPClient(
        agent=user_agent(version("rarewire"), _settings.contact),
        reach=Reach(ports=frozenset(_settings.ports), allow_loopback=_settings.allow_loopback),
        threads=_settings.fetch_threads,
    )
    client.self_test()
    return client


@cache
def rulesets() -> tuple[Ruleset, ...]:
    """Load the rules of every topic that is set, once a process."""
    return tuple(load_ruleset(topic) for topic in _settings.topics)


@worker_process_init.connect
def _contain(**_kwargs: object) -> None:
    """Make a pool child killable: a memory limit, and an alarm that ends it even inside a C library."""
    limit = _settings.child_memory_mb * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    _in_child.set()


@contextmanager
def deadline(seconds: float) -> Iterator[None]:
    """End this process unless the block is left within `seconds`.

    Not an exception: hostile markup keeps lxml's C code busy, where no Python handler runs. The work's lease runs out,
    it is tried alone, and after three such deaths it is buried.
    """
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


@contextmanager
def _unguarded(_seconds: float) -> Iterator[None]:
    """Threads cannot be killed; their work has deadlines of its own."""
    yield


def read_pages(batch: Sequence[Claimed]) -> None:
    """Read the pages of a batch in one round trip; a page lies under its article's id."""
    ports().pages.read_ahead([work.id for work in batch])


def read_texts(batch: Sequence[Claimed]) -> None:
    """Read the articles and records of a batch in two round trips."""
    ids = [work.id for work in batch]
    ports().texts.read_ahead(ids)
    ports().articles.read_ahead(ids)


def now() -> float:
    """Epoch seconds by this machine's clock, for what is compared with the outside world's dates."""
    return time.time()
