"""Processes are really killed while the whole system works; everything comes out, each article once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.e2e.world import World

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(240)]

KILLS = (("text", True), ("text", False), ("web", False), ("scheduler", False), ("beat", False), ("server", False))


def test_five_hundred_articles_come_out_once_though_every_process_is_killed_in_turn(tmp_path: Path) -> None:
    with World(tmp_path, press={"no-faults": "", "stock": 500, "rate": 0, "feed-length": 0}) as world:
        for number, (role, child) in enumerate(KILLS, 1):
            goal = number * 500 // (len(KILLS) + 1)
            world.wait(lambda goal=goal: world.done() >= goal, f"{goal} articles to come out")
            world.kill(role, child=child)
        world.wait(world.ended, "all articles to come out")
        elsewhere = {url: status for url, status in world.statuses().items() if not status.startswith("classify:")}
        assert elsewhere == {}
        assert len(world.statuses()) == 500
        assert world.doubled() == []
        published = {url for url, status in world.statuses().items() if status == "classify:forwarded"}
        assert sorted(event["data"]["url"] for event in world.events()) == sorted(published)
        assert world.imbalances() == {}
