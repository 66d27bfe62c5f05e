"""A site whose pages stop giving articles is an alert, from the lessons to the cause."""

from __future__ import annotations

from typing import TYPE_CHECKING

from console.alerts.facts import gather
from shared.settings import Settings
from shared.stores.sites import SiteStore
from workers.extract.core.memory import PageBlocks
from workers.extract.lesson import PageLesson

if TYPE_CHECKING:
    from pathlib import Path

    from shared.stores.connection import Database


def learn(sites: SiteStore, numbers: range, chars: int) -> None:
    for number in numbers:
        page = PageBlocks(article=f"a{number}", title=f"Story {number}", blocks=())
        sites.learn("example.org", PageLesson(page=page, chars=chars))


def test_a_redesign_after_which_nothing_is_read_is_among_the_facts(
    database: Database, server_url: str, tmp_path: Path
) -> None:
    sites, settings = SiteStore(database), Settings(redis_url=server_url, state_dir=tmp_path)
    learn(sites, range(60), 3_000)
    assert gather(database, settings).sites == {}
    learn(sites, range(60, 80), 0)
    assert list(gather(database, settings).sites) == ["example.org"]
