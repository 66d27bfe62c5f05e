"""The shell around polling, with ports in memory."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import SimpleNamespace

import pytest

from schedulers.core import FeedState
from shared.errors import RetryableError
from shared.http_client import Headers, Hop, Response
from shared.messages import FeedDue, PageFound
from shared.outcomes import Defer, Drop, Forward, Outcome, Reason
from shared.stores.hosts import FEEDS, Lane
from workers.poll.step import TAKEN_MOST, poll

NOW = 1_790_000_000.0
URL = "https://news.example.com/feed"
DAY = 86_400.0


def rss(*numbers: int, extra: str = "") -> bytes:
    items = "".join(
        f"<item><title>T{number}</title><link>https://news.example.com/{number}</link>"
        f"<description>{'long text ' * 100 if number == 1 else 'short'}</description></item>"
        for number in numbers
    )
    return f'<rss version="2.0" xmlns:a="http://www.w3.org/2005/Atom"><channel><title>F</title>{extra}{items}</channel></rss>'.encode()


@dataclass
class Web:
    """Answers in turn, and the headers that each request had."""

    answers: list[Response | Exception]
    asked: list[dict[str, str]] = field(default_factory=list)

    def get(self, _url: str, *, headers: dict[str, str], accept: str) -> Response:
        self.asked.append(headers)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


@dataclass
class Hosts:
    """The turns of hosts: whoever comes may go, unless a test says otherwise."""

    turn_at: float | None = None
    taken: int = 0
    log: list[tuple[str, float, bool]] = field(default_factory=list)
    blocked: list[tuple[str, float]] = field(default_factory=list)

    def turn(self, _host: str, *, gap: float, slot: float | None = None, lane: Lane | None = None) -> float | None:
        self.taken += self.turn_at is None and lane == FEEDS
        return self.turn_at

    def leave(self, _host: str, _lane: Lane) -> None:
        self.taken -= 1

    def answered(self, host: str, *, at: float, reached: bool, keep: int) -> None:
        self.log.insert(0, (host, at, reached))

    def answers(self) -> list[tuple[str, float, bool]]:
        return self.log

    def block(self, host: str, until: float) -> None:
        self.blocked.append((host, until))


@dataclass
class Feeds:
    """One feed's record and what it has shown."""

    record: dict[str, str]
    known: dict[str, str] = field(default_factory=dict)

    def get(self, _feed_id: str) -> dict[str, str]:
        return self.record

    def seen(self, _feed_id: str) -> dict[str, str]:
        return self.known


class Entries:
    """Full texts, kept under the id they are given."""

    def keep(self, blob_id: str, _data: bytes) -> str:
        return blob_id


SETTINGS = SimpleNamespace(
    host_gap=2.0, poll_floor=600.0, poll_floor_unproven=3600.0, poll_ceiling=21_600.0, console_url=""
)


@dataclass
class World:
    """The step's ports."""

    http: Web
    hosts: Hosts
    feeds: Feeds
    entries: Entries = field(default_factory=Entries)
    settings: SimpleNamespace = field(default_factory=lambda: SETTINGS)

    def poll(self, at: float = NOW) -> Outcome:
        """Poll, and keep what the outcome says is to be kept."""
        outcome = poll(FeedDue(feed_id="f"), self, now=at)  # type: ignore[arg-type]
        for save in getattr(outcome, "saves", ()):
            target = self.feeds.record if save.record == "feed" else self.feeds.known
            target.update({name: value for name, value in save.fields.items() if value is not None})
            for name in [name for name, value in save.fields.items() if value is None]:
                target.pop(name, None)
        return outcome

    @property
    def state(self) -> FeedState:
        return FeedState.from_fields(self.feeds.record)


def ports(*answers: Response | Exception, record: dict[str, str] | None = None, turn_at: float | None = None) -> World:
    kept = {"u": URL} if record is None else record
    return World(http=Web(answers=list(answers)), hosts=Hosts(turn_at=turn_at), feeds=Feeds(record=kept))


def answer(
    body: bytes = b"", status: int = 200, url: str = URL, hops: tuple[Hop, ...] = (), **headers: str
) -> Response:
    pairs = [(name.replace("_", "-"), value) for name, value in headers.items()]
    return Response(url=url, status=status, headers=Headers(pairs), body=body, hops=hops)


def links(outcome: Outcome) -> list[str]:
    assert isinstance(outcome, Forward)
    return [message.url for message in outcome.messages if isinstance(message, PageFound)]


def test_new_entries_go_on_and_are_known_the_next_time() -> None:
    world = ports(answer(rss(2, 1), etag='"a"'), answer(rss(3, 2, 1), etag='"b"'))
    first = world.poll()
    assert links(first) == ["https://news.example.com/2", "https://news.example.com/1"]
    assert isinstance(first, Forward)
    assert first.again_at == pytest.approx(float(world.feeds.record["n"]), abs=1)
    assert links(world.poll(NOW + DAY)) == ["https://news.example.com/3"]
    assert world.http.asked == [{}, {"If-None-Match": '"a"'}]


def test_a_full_text_in_the_feed_is_kept_and_a_teaser_is_not() -> None:
    feed = rss(1).replace(b"<description>", b"<content:encoded>").replace(b"</description>", b"</content:encoded>")
    feed = feed.replace(b"<rss ", b'<rss xmlns:content="http://purl.org/rss/1.0/modules/content/" ')
    outcome = ports(answer(feed)).poll()
    assert isinstance(outcome, Forward)
    (found,) = outcome.messages
    assert isinstance(found, PageFound)
    assert found.entry.content_key == found.article_id
    (teaser,) = ports(answer(rss(2))).poll().messages  # type: ignore[union-attr]
    assert teaser.entry.content_key == ""


def test_an_equal_body_and_a_304_bring_nothing() -> None:
    world = ports(answer(rss(1)), answer(rss(1)), answer(status=304))
    world.poll()
    again = world.poll(NOW + DAY)
    assert isinstance(again, Drop)
    assert again.reason is Reason.NOTHING_NEW
    world.feeds.record["e"] = '"x"'
    third = world.poll(NOW + 2 * DAY)
    assert isinstance(third, Drop)
    assert third.reason is Reason.NOT_MODIFIED


def test_a_changed_entry_is_looked_at_again() -> None:
    world = ports(answer(rss(2, 1)), answer(rss(2, 1).replace(b"T2", b"T2, corrected")))
    world.poll()
    outcome = world.poll(NOW + DAY)
    assert links(outcome) == ["https://news.example.com/2"]
    assert outcome.messages[0].why == "recheck"  # type: ignore[union-attr]


def test_a_huge_first_poll_is_taken_in_parts_that_add_up() -> None:
    body = rss(*range(2, 2 * TAKEN_MOST + 202))
    world = ports(*[answer(body, etag='"same"') for _ in range(3)])
    taken = [links(world.poll(NOW + DAY * number)) for number in range(3)]
    assert [len(part) for part in taken] == [TAKEN_MOST, TAKEN_MOST, 200]
    assert len({link for part in taken for link in part}) == 2 * TAKEN_MOST + 200
    assert world.http.asked == [{}, {}, {}]


@pytest.mark.parametrize(
    ("response", "reason"),
    [
        (answer(b"<html><p>sorry</p></html>"), Reason.NOT_A_FEED),
        (answer(status=404), Reason.NOT_FOUND),
        (answer(status=500), Reason.SERVER_ERROR),
        (RetryableError(Reason.TIMEOUT), Reason.TIMEOUT),
        (
            answer(b"<sitemapindex><sitemap><loc>https://news.example.com/a.xml</loc></sitemap></sitemapindex>"),
            Reason.NOT_A_FEED,
        ),
    ],
)
def test_a_failure_has_its_reason_and_a_next_time(response: Response | Exception, reason: Reason) -> None:
    world = ports(response)
    outcome = world.poll()
    assert isinstance(outcome, Drop)
    assert outcome.reason is reason
    assert outcome.again_at is not None
    assert outcome.again_at > NOW


def test_a_retry_after_blocks_the_host() -> None:
    world = ports(answer(status=429, retry_after="7200"))
    world.poll()
    assert world.hosts.blocked == [("news.example.com", NOW + 7_200)]


def test_a_permanent_chain_counts_and_a_temporary_one_does_not() -> None:
    new = "https://new.example.com/feed"
    permanent = (
        Hop(url=URL, status=301, location="https://x.example.com/"),
        Hop(url="https://x.example.com/", status=308, location=new),
    )
    world = ports(answer(rss(1), url=new, hops=permanent))
    world.poll()
    assert world.state.moved_to == new
    mixed = (*permanent, Hop(url=new, status=302, location=new + "2"))
    world = ports(answer(rss(1), url=new + "2", hops=mixed))
    world.poll()
    assert not world.state.moved_to


def test_a_hub_in_the_header_or_the_document_is_remembered() -> None:
    world = ports(
        answer(rss(1), link='<https://hub.example.com/>; rel="hub", <https://news.example.com/topic>; rel="self"')
    )
    world.poll()
    assert (world.state.hub, world.state.topic) == ("https://hub.example.com/", "https://news.example.com/topic")


def test_nothing_is_asked_out_of_turn() -> None:
    assert ports(turn_at=NOW + 5).poll() == Defer(until=NOW + 5, why="the host's turn")
    midnight = NOW - NOW % DAY + DAY
    spared = {"u": URL, "sh": "0", "n": str(midnight - 60), "o": str(midnight - 3600)}
    assert ports(record=spared).poll(midnight + 60) == Defer(
        until=midnight + 3600, why="an hour that the feed asks to be spared"
    )


def test_a_feed_that_is_gone_or_paused_is_not_asked() -> None:
    for record, reason in (({}, Reason.DISCARDED), ({"u": URL, "pz": "1"}, Reason.FEED_PAUSED)):
        outcome = ports(record=record).poll()
        assert isinstance(outcome, Drop)
        assert outcome.reason is reason


def test_silence_of_all_hosts_is_ours() -> None:
    world = ports(*[RetryableError(Reason.TIMEOUT)] * 3)
    world.hosts.log = [(f"h{number}", NOW - number, False) for number in range(8)]
    world.poll()
    world.poll(NOW + 900)
    world.poll(NOW + 1_800)
    assert world.state.errors == world.state.uncharged == 0


def test_silence_of_one_host_is_its_own() -> None:
    world = ports(*[RetryableError(Reason.TIMEOUT)] * 2)
    world.poll()
    world.hosts.log.insert(0, ("other", NOW + 5, True))
    world.poll(NOW + 7_200)
    assert world.state.errors == 0.5


def test_a_poll_gives_its_place_at_the_host_back_whatever_the_answer() -> None:
    for response in (answer(rss(2, 1)), RetryableError(Reason.TIMEOUT)):
        world = ports(response)
        world.poll()
        assert world.hosts.taken == 0
