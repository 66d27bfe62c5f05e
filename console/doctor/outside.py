"""What doctor finds when it asks the outside: whether hosts of the feeds answer, and what their robots.txt say.

A few hosts are asked for their robots.txt, as fetching would, each once. Not the guard against private addresses
(`console.doctor.here`), which is tried without leaving this machine.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from console.doctor.findings import Finding, Level
from console.doctor.here import THREADS, client
from schedulers.catalogue import DEFAULT, CatalogueError, load
from shared import urls
from shared.errors import StageError
from workers.fetch.core.robots import READ, judge_robots, robots_from

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from schedulers.catalogue import FeedSource
    from shared.http_client import HTTPClient
    from shared.settings import Settings

DEADLINE = 8.0  # seconds for each; all are asked at once


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What one host said: `failed` is why it did not answer, `closed` whether its robots.txt keeps us out."""

    host: str
    failed: str = ""
    closed: bool = False


def ask(sources: Sequence[FeedSource], http: HTTPClient) -> list[Answer]:
    """Ask a few of the feeds' hosts, spread over the list. Raises nothing for what hosts do."""
    with ThreadPoolExecutor(max_workers=THREADS) as pool:
        return list(pool.map(lambda url: _ask(url, http), chosen(sources)))


def chosen(sources: Sequence[FeedSource]) -> list[str]:
    """Return one page's address of each host that is asked: `THREADS` of them at most, evenly over the list. Pure."""
    pages = {urls.host(one.url): one.homepage or f"{urls.origin(one.url)}/" for one in sources if not one.paused}
    every = max(len(pages) // THREADS, 1)
    return list(pages.values())[::every][:THREADS]


def _ask(page: str, http: HTTPClient) -> Answer:
    host = urls.host(page)
    try:
        answer = http.get(f"{urls.origin(page)}/robots.txt", accept="text/plain", limit=READ * 4, deadline=DEADLINE)
    except StageError as error:
        return Answer(host=host, failed=str(error))
    said = judge_robots(robots_from(answer.status, answer.body), page)
    return Answer(host=host, closed=not said.allowed and not said.for_now)


def hosts(settings: Settings) -> Iterator[Finding]:
    """Ask a few hosts of the feeds file for their robots.txt."""
    try:
        sources = load(settings.feeds_file or DEFAULT)
    except CatalogueError:
        return  # said already
    with client(settings) as http:
        answers = ask(sources, http)
    yield from reached(answers)


def reached(answers: Sequence[Answer]) -> Iterator[Finding]:
    """Judge by what hosts answered whether feeds and pages can be had at all. Pure."""
    silent = [one for one in answers if one.failed]
    found = f"{len(answers) - len(silent)} of {len(answers)} hosts of the feeds answered"
    if silent:
        found += "; " + "; ".join(f"{one.host}: {one.failed}" for one in silent[:2])
    if answers and len(silent) == len(answers):
        yield Finding(
            check="outside", level=Level.BAD, found=found,
            do="let this machine out: a name server, and TCP to the ports of RAREWIRE_PORTS; proxies are not used",
        )  # fmt: skip
        return
    yield Finding(check="outside", level=Level.OK, found=found)
    if closed := [one.host for one in answers if one.closed]:
        yield Finding(
            check="robots", level=Level.WARNING, found=f"robots.txt keeps us from the pages of {', '.join(closed)}",
            do="they are not fetched, and what the feed itself carries is used; ask the site, or remove its feed",
        )  # fmt: skip
    elif len(silent) < len(answers):
        yield Finding(check="robots", level=Level.OK, found="their robots.txt let us in")
