"""Every bad behaviour ends a fetch with the right reason, on httpx and on httpx2."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from shared.charsets import charset_of, decode
from shared.errors import StageError
from shared.http_client import HTTPClient, Reach, Response
from tests.hostile import behaviours  # noqa: F401 - fills the table
from tests.hostile.server import BEHAVIOURS, PAGE, HostileServer
from workers.fetch.core.content import judge_content, wants_page
from workers.fetch.core.statuses import judge_status

# Behaviours that last until the client's patience is over get little of it.
SHORT, LONG = 0.7, 15.0


@pytest.fixture(scope="module")
def server() -> Iterator[HostileServer]:
    with HostileServer() as running:
        yield running


@pytest.fixture(scope="module", params=["httpx", "httpx2"])
def client(request: pytest.FixtureRequest) -> Iterator[HTTPClient]:
    with HTTPClient(reach=Reach(allow_loopback=True), engine=request.param, threads=8) as made:
        yield made


def end_of(client: HTTPClient, url: str, deadline: float) -> str:
    """`page`, or the reason: what the fetch step makes of an answer, without its shell."""
    try:
        response: Response = client.get(url, deadline=deadline, wants_body=wants_page)
        dropped = judge_status(response.status, response.headers, now=0.0) or judge_content(
            response.headers, response.body
        )
    except StageError as error:
        return error.reason.value
    if dropped:
        return dropped.reason.value
    text = decode(response.body, charset_of(response.body, response.headers.get("content-type", "")))
    assert text.startswith(PAGE.decode())
    return "page"


@pytest.mark.parametrize("name", [name for name, behaviour in BEHAVIOURS.items() if behaviour.ends])
def test_a_bad_behaviour_ends_with_its_reason(name: str, client: HTTPClient, server: HostileServer) -> None:
    behaviour = BEHAVIOURS[name]
    patience = SHORT if behaviour.ends == "timeout" else LONG
    assert end_of(client, f"{server.url}/{name}", patience) == behaviour.ends


def test_there_are_at_least_sixty_bad_behaviours() -> None:
    assert len(BEHAVIOURS) >= 60


def test_a_second_answer_on_a_kept_connection_is_never_taken_for_the_next_page(
    client: HTTPClient, server: HostileServer
) -> None:
    first = client.get(f"{server.url}/keep_and_send_a_second_answer")
    second = client.get(f"{server.url}/keep_well")
    assert (first.body, second.body) == (PAGE, PAGE)


def test_a_connection_is_kept_for_the_next_request_to_its_host(client: HTTPClient, server: HostileServer) -> None:
    client.get(f"{server.url}/keep_well")
    before = server.connections
    client.get(f"{server.url}/keep_well")
    assert server.connections == before


def test_a_kept_connection_that_died_is_replaced_without_an_error(client: HTTPClient, server: HostileServer) -> None:
    for _ in range(5):
        assert client.get(f"{server.url}/keep_for_one_answer_only").body == PAGE


def test_a_client_lives_on_after_every_bad_behaviour(client: HTTPClient, server: HostileServer) -> None:
    for name in ("closes_at_once", "sends_noise", "sends_a_gzip_bomb", "resets_in_the_body"):
        end_of(client, f"{server.url}/{name}", LONG)
    assert end_of(client, f"{server.url}/keep_well", LONG) == "page"
