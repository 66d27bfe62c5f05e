"""Lists of many feeds come from the kept order, a page at a time, and read the same as those of few."""

from __future__ import annotations

import re

import pytest

from console.web.desk import make_desk
from console.web.views import feeds as view
from console.web.watch import Watch
from schedulers.core import FeedState
from shared.stores.feeds import FeedStore


@pytest.fixture
def many(world):
    store, now = FeedStore(world), world.time()
    for number in range(30):
        state = FeedState(
            url=f"https://h{number}.example/feed", asked_at=now - 5, errors=4.0 * (number % 2), reason="dns"
        )
        store.put(f"feed{number:02}", {"name": f"Feed {number:02}", **state.to_fields()})
    return world


def names(client, path: str) -> list[str]:
    return re.findall(r'<a href="/feeds/[^"]+">([^<]+)</a>', client.get(path).text.split("<tbody>")[-1])


@pytest.mark.parametrize(
    "path", ["/feeds", "/feeds?q=state:failing", "/feeds?q=state:ok", "/feeds?q=state:parked", "/feeds?from=20"]
)
def test_the_kept_order_shows_what_reading_all_shows(local, many, monkeypatch, path):
    Watch(desk=make_desk(local.app.state.desk.settings, many)).look()
    monkeypatch.setattr(view, "PAGE", 10)
    all_read = names(local, path)
    monkeypatch.setattr(view, "MANY", 3)
    assert names(local, path) == all_read
