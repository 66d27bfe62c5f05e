"""What the HTTP client and the consumer do for whoever posts: private networks by name, a repeat over a dead connection,
an event that is to come again at a time of one's own."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from ipaddress import ip_network
from typing import TYPE_CHECKING

import pytest

from shared.consumer import Consumer, Policy
from shared.errors import PermanentError, RetryableError
from shared.http_client import HTTPClient, Reach
from shared.outcomes import Reason
from shared.stores.groups import OLDEST, GroupStore
from tests.events import STREAM, fill

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shared.stores.connection import Database

pytestmark = pytest.mark.integration

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


class Fickle:
    """Answers the first request of each connection and closes it at the second, once that has come."""

    def __init__(self) -> None:
        self.requests = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}/"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                threading.Thread(target=self._visit, args=(connection,), daemon=True).start()

    def _visit(self, connection: socket.socket) -> None:
        with connection:
            data = b""
            while not data.endswith(b"\r\n\r\nx"):
                data += connection.recv(65_536)
            self.requests += 1
            connection.sendall(ANSWER)
            connection.recv(65_536)

    def close(self) -> None:
        self._listener.close()


@pytest.fixture
def fickle() -> Iterator[Fickle]:
    server = Fickle()
    yield server
    server.close()


def client(*networks: str) -> HTTPClient:
    return HTTPClient(reach=Reach(ports=frozenset(), only=tuple(ip_network(one) for one in networks)), threads=1)


def test_what_may_be_repeated_is_sent_anew_where_a_kept_connection_was_dead(fickle):
    with client("127.0.0.0/8") as http:
        for _ in range(4):
            assert http.post(fickle.url, body=b"x", content_type="text/plain", repeatable=True).status == 200
    assert fickle.requests == 4


def test_what_may_not_is_an_error(fickle):
    with client("127.0.0.0/8") as http:
        http.post(fickle.url, body=b"x", content_type="text/plain")
        with pytest.raises(RetryableError):
            http.post(fickle.url, body=b"x", content_type="text/plain")


@pytest.mark.parametrize("networks", [("10.0.0.0/8",), ("127.0.0.2/32",), ("::1/128",)])
def test_networks_that_are_named_are_all_that_is_reached(fickle, networks):
    with client(*networks) as http, pytest.raises(PermanentError) as caught:
        http.get(fickle.url)
    assert caught.value.reason is Reason.FORBIDDEN_ADDRESS
    assert fickle.requests == 0


@pytest.fixture
def consumer(database: Database) -> Consumer:
    GroupStore(database).add(STREAM, "desk", owner="tests", start=OLDEST)
    fill(database, 1)
    policy = Policy(waits=(0.4, 60.0, 0.4), batch=1, block=0.05)
    return Consumer(database.redis, stream=STREAM, group="desk", name="one", policy=policy)


def numbers(consumer: Consumer, database: Database, *again: float | None) -> list[int]:
    """Fail each delivery, to come again in so many seconds; returns the deliveries' numbers."""
    got: list[int] = []
    for delivery in consumer:
        got.append(delivery.held.number)
        if len(got) > len(again):
            delivery.ack()
            break
        delivery.fail("not now", again_in=again[len(got) - 1])
    return got


def test_an_event_may_come_again_sooner_than_its_wait(consumer, database):
    assert numbers(consumer, database, None, 0.1) == [1, 2, 3]


def test_an_event_never_comes_later_than_its_wait_and_its_deliveries_are_counted(consumer, database):
    assert numbers(consumer, database, 9_000.0) == [1, 2]


def test_after_the_last_delivery_nothing_comes_again(consumer, database):
    got = []
    for delivery in consumer:
        got.append(delivery.held.number)
        delivery.fail("no", again_in=0.05)
        if len(got) == 3:
            break
    assert GroupStore(database).state(STREAM, "desk").dead == 1


def test_one_that_another_has_taken_is_not_taken_back_by_postponing_it(consumer, database):
    delivery = next(iter(consumer))
    database.redis.xclaim(STREAM, "desk", "two", 0, [delivery.held.entry])
    delivery.postpone(0.0)
    (row,) = database.redis.xpending_range(STREAM, "desk", "-", "+", 10)
    assert row["consumer"] == "two"
