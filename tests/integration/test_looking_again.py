"""A published page is looked at again a day after first sight: what its site changed or removed is told, all stages for real."""

from __future__ import annotations

import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest

from schedulers.catalogue import FeedSource
from schedulers.registry import Registry
from shared.events import parse
from shared.settings import Settings
from shared.stores.streams import StreamStore
from shared.topology import Stage
from workers.classify.rulesets import load_ruleset
from workers.classify.step import classify
from workers.extract.step import extract
from workers.fetch.step import fetch
from workers.poll.step import poll
from workers.ports import make_ports

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shared.stores.connection import Database

pytestmark = pytest.mark.integration

STREAM = "rarewire:rare-earth:v1"
DAY, HOUR = 86_400.0, 3_600.0
STORIES = {
    name: (
        f"Rare earth separation plant {place} starts its first line",
        (f"The rare earth separation plant {place} has started its first line, its owner said on Monday. It is to make "
        f"{tonnes} tonnes of dysprosium and terbium oxide a year from the ore of a mine nearby."),
        (f"Until now all heavy rare earths from {place} went abroad to be separated. The owner has borrowed {tonnes // 9} "
        "million dollars for a second line and hopes to decide on it before the winter."),
        (f"Buyers of magnets near {place} have asked for such a plant for years. Two of them have signed contracts over "
        f"half of the neodymium and praseodymium, the owner said, without saying at what price."),
        f"The council of {place} wants to see the figures for the acid that the plant uses before it permits more.",
    )
    for name, place, tonnes in (
        ("changed", "at Lowfell", 900), ("same", "in Osterby", 1_700), ("removed", "on Tarn Island", 450),
        ("turned", "near Quarrydale", 620), ("blinks", "above Vinmere", 310),
    )
}  # fmt: skip
OFF_TOPIC = (
    "Bakery opens at the harbour",
    "The bakery at the harbour has opened its doors, and the queue reached the fish market by nine on Saturday morning.",
    "Its owner learnt the trade in three countries and says that the water of the town makes the best dough of them all.",
    "A second oven is to come in spring, and with it cakes. The council has permitted tables on the quay until October.",
)


def page(title: str, *paragraphs: str) -> tuple[int, str]:
    body = "".join(f"<p>{text}</p>" for text in paragraphs)
    return 200, (
        f"<!doctype html><html lang=en><head><title>{title}</title></head><body><header><nav><a href=/>Home</a></nav></header>"
        f"<main><article><h1>{title}</h1>{body}</article></main><footer>About us</footer></body></html>"
    )


SOFT = page("Page not found", "Sorry, the page you are looking for could not be found. It may have been removed.")


class Site:
    """A site on loopback whose pages a test changes at will."""

    def __init__(self) -> None:
        self.pages: dict[str, tuple[int, str]] = {f"/{name}": page(*story) for name, story in STORIES.items()}
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                status, text = site.answer(self.path)
                data = text.encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/rss+xml" if self.path == "/feed" else "text/html")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_: object) -> None: ...

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def answer(self, path: str) -> tuple[int, str]:
        if path == "/feed":
            items = "".join(
                f"<item><title>{story[0]}</title><link>{self.url}/{name}</link><guid>{name}</guid></item>"
                for name, story in STORIES.items()
            )
            return 200, f"<?xml version='1.0'?><rss version='2.0'><channel><title>S</title>{items}</channel></rss>"
        return self.pages.get(path, (404, "not found"))

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class Days:
    """The four stages, and a clock that can be moved on."""

    def __init__(self, database: Database, server_url: str, site: Site) -> None:
        settings = Settings(
            redis_url=server_url, allow_loopback=True, ports=(), host_gap=0.0, recheck_after=(DAY, 2 * DAY)
        )
        self.database, self.passed = database, 0.0
        self.ports = make_ports(settings, ring=lambda _stage: None)
        self.rules = (load_ruleset("rare_earth"),)
        Registry(database).add([FeedSource(name="S", url=f"{site.url}/feed")])

    def run(self, after: float = 0.0) -> None:
        """Let time pass, and do what is due then."""
        self.passed += after
        while self._once():
            pass

    def _once(self) -> int:
        now = time.time() + self.passed
        self.ports.runner.work._db.now = now
        run, ports = self.ports.runner.run, self.ports
        return (
            run(Stage.POLL, lambda message, work: poll(message, ports, now=now, slot=work.slot))
            + run(Stage.FETCH, lambda message, work: fetch(message, ports, now=now, slot=work.slot))
            + run(Stage.EXTRACT, lambda message, _work: extract(message, ports), ahead=ports.read_pages)
            + run(Stage.CLASSIFY, lambda message, _work: classify(message, ports, self.rules), ahead=ports.read_texts)
        )

    def told(self) -> dict[str, list[tuple[str, int]]]:
        """What was told of each page, in order: kind and version."""
        found: dict[str, list[tuple[str, int]]] = {name: [] for name in STORIES}
        for _, fields in StreamStore(self.database).range(STREAM):
            event: Any = parse(fields)
            found[event.data.url.rpartition("/")[2]].append((event.type.split(".")[2], event.data.version))
        return found


@pytest.fixture
def site() -> Iterator[Site]:
    made = Site()
    yield made
    made.close()


@pytest.fixture
def days(database: Database, server_url: str, site: Site) -> Iterator[Days]:
    made = Days(database, server_url, site)
    yield made
    made.ports.http.close()


def test_corrections_removals_and_pages_that_turn_to_other_things_are_told_a_day_later(days: Days, site: Site) -> None:
    days.run()
    new = [("published", 1)]
    assert days.told() == dict.fromkeys(STORIES, new)

    title, first, *rest = STORIES["changed"]
    site.pages["/changed"] = page(title, first.replace("900", "950"), *rest)
    site.pages["/removed"] = SOFT
    site.pages["/turned"] = page(*OFF_TOPIC)
    site.pages["/blinks"] = (404, "gone for the moment")
    days.run(HOUR)
    assert days.told() == dict.fromkeys(STORIES, new)  # nobody has looked yet
    days.run(DAY)
    assert days.told() == dict.fromkeys(STORIES, new) | {
        "changed": [*new, ("updated", 2)],
        "turned": [*new, ("retracted", 2)],
    }

    site.pages["/blinks"] = page(*STORIES["blinks"])
    days.run(HOUR + 1)
    assert days.told()["removed"] == [*new, ("retracted", 2)]
    assert days.told()["blinks"] == new

    site.pages["/changed"] = site.pages["/same"] = (410, "gone")
    days.run(DAY)
    assert days.told() == {
        "changed": [*new, ("updated", 2), ("retracted", 3)],
        "same": [*new, ("retracted", 2)],
        "removed": [*new, ("retracted", 2)],
        "turned": [*new, ("retracted", 2)],
        "blinks": new,
    }
