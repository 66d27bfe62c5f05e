"""What steps reach the world through, made once a process; no Celery here, so that tests and tools make them too."""

from __future__ import annotations

import os
import platform
import random
from contextlib import nullcontext
from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING

from shared.http_client import HTTPClient, Reach, user_agent
from shared.outcomes import Notice
from shared.stores import blobs
from shared.stores.articles import ArticleStore
from shared.stores.clusters import ClusterStore
from shared.stores.connection import connect
from shared.stores.feeds import FeedStore
from shared.stores.hosts import HostStore
from shared.stores.sites import SiteStore
from shared.stores.streams import StreamStore
from workers.extract.step import site_of
from workers.keeping import KeptWork
from workers.runner import Runner

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from contextlib import AbstractContextManager

    from shared.lessons import Teaching
    from shared.messages import ArticleExtracted, PageFetched
    from shared.settings import Settings
    from shared.stores.blobs import BlobStore
    from shared.topology import Stage


@dataclass(frozen=True, kw_only=True)
class Ports:
    """The stores, the door to the outside and the runner. Safe to share between threads, not across a fork."""

    settings: Settings
    http: HTTPClient
    feeds: FeedStore
    hosts: HostStore
    articles: ArticleStore
    pages: BlobStore
    texts: BlobStore
    entries: BlobStore
    clusters: ClusterStore
    sites: SiteStore
    streams: StreamStore
    runner: Runner

    def read_pages(self, batch: Sequence[PageFetched]) -> None:
        """Read the pages of a batch and what is known of their sites in two round trips."""
        self.pages.read_ahead([message.page_key for message in batch])
        self.sites.read_ahead([name for message in batch if (name := site_of(message))])

    def read_texts(self, batch: Sequence[ArticleExtracted]) -> None:
        """Read the articles and records of a batch in two round trips."""
        self.texts.read_ahead([message.article_key for message in batch])
        self.articles.read_ahead([message.article_id for message in batch])


def make_ports(
    settings: Settings,
    *,
    ring: Callable[[Stage], None],
    guard: Callable[[float], AbstractContextManager[None]] = lambda _seconds: nullcontext(),
    stopping: Callable[[], bool] = lambda: False,
) -> Ports:
    """Connect everything. Raises RuntimeError if the HTTP client turns out to be unguarded."""
    database = connect(settings.redis(), connections=settings.fetch_threads + 8)
    sites = SiteStore(database)
    return Ports(
        settings=settings,
        http=_http_client(settings),
        feeds=FeedStore(database),
        hosts=HostStore(database),
        articles=ArticleStore(database),
        pages=blobs.pages(database),
        texts=blobs.texts(database),
        entries=blobs.entries(database),
        clusters=ClusterStore(database),
        sites=sites,
        streams=StreamStore(database),
        runner=Runner(
            work=KeptWork(database, stopping=stopping),
            ring=ring,
            random=random.random,
            worker=f"{platform.node()}:{os.getpid()}",
            version=version("rarewire"),
            retry_scale=settings.retry_scale,
            teach=lambda lessons: teach(sites, lessons),
            guard=guard,
        ),
    )


def teach(sites: SiteStore, lessons: Sequence[Teaching]) -> list[Notice | None]:
    """Learn from pages; returns for each a notice if its site is no longer read as it was, or is again."""
    news = sites.learn_all(lessons)
    return [
        Notice(kind="drift", about=one.site, detail=text) if text else None
        for one, text in zip(lessons, news, strict=True)
    ]


def _http_client(settings: Settings) -> HTTPClient:
    """Make the door to the outside, and prove that it is guarded before anything goes through it."""
    client = HTTPClient(
        agent=user_agent(version("rarewire"), settings.contact),
        reach=Reach(ports=frozenset(settings.ports), allow_loopback=settings.allow_loopback),
        threads=settings.fetch_threads,
    )
    client.self_test()
    return client
