"""What the HTTP client promises, on httpx and on httpx2: the same tests, so that the switch is one line."""

from __future__ import annotations

import errno
import gzip
import json
import os
import resource
import socket
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.errors import PermanentError, StageError
from shared.http.engine import ENGINE, load
from shared.http_client import HTTPClient, Reach, Response, user_agent
from shared.outcomes import Reason
from tests.hostile import behaviours  # noqa: F401 - fills the table
from tests.hostile.server import PAGE, HostileServer, Visit, behaviour


@behaviour("")
def keep_and_echo(visit: Visit) -> None:
    """The request as JSON: line, headers in order."""
    line, *fields = visit.head.decode("latin-1").split("\r\n\r\n", 1)[0].split("\r\n")
    visit.answer(
        json.dumps({"line": line, "fields": fields}).encode(),
        "Set-Cookie: a=b",
        'ETag: "x\xe9"',
        "X-Two: 1",
        "X-Two: 2",
    )


@behaviour("")
def redirects_to_echo(visit: Visit) -> None:
    visit.answer(b"", "Location: /keep_and_echo", "Set-Cookie: c=d", status="301 Moved")


@behaviour("")
def redirects_to_another_name(visit: Visit) -> None:
    visit.answer(b"", f"Location: http://other.test:{visit.base.rsplit(':', 1)[1]}/keep_and_echo", status="302 Found")


@behaviour("")
def redirects_a_post(visit: Visit) -> None:
    visit.answer(b"moved", "Location: /keep_and_echo", status="307 Temporary")


@behaviour("")
def says_304(visit: Visit) -> None:
    visit.send(b'HTTP/1.1 304 Not Modified\r\nETag: "x"\r\n\r\n')


@behaviour("")
def sends_gzip(visit: Visit) -> None:
    visit.answer(gzip.compress(PAGE), "Content-Encoding: gzip")


@behaviour("")
def sends_ten_thousand_bytes(visit: Visit) -> None:
    visit.answer(b"x" * 10_000)


@behaviour("")
def fails_with_a_long_page(visit: Visit) -> None:
    visit.start("Content-Length: 100000000", status="500 No")
    visit.hang()


@pytest.fixture(scope="module", params=["httpx", "httpx2"])
def engine(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def server() -> Iterator[HostileServer]:
    with HostileServer() as running:
        yield running


def resolve(host: str, port: int) -> Sequence[str]:
    return ["127.0.0.1"]


@pytest.fixture(scope="module")
def client(engine: str) -> Iterator[HTTPClient]:
    with HTTPClient(
        engine=engine,
        agent=user_agent("1.0", "https://desk.example/bot"),
        reach=Reach(allow_loopback=True),
        resolve=resolve,
        threads=8,
    ) as made:
        yield made


def fields_of(response: Response) -> dict[str, str]:
    return {
        name.lower(): value for name, value in (line.split(": ", 1) for line in json.loads(response.body)["fields"])
    }


def test_the_engine_that_ships_is_httpx() -> None:
    assert ENGINE == "httpx"
    assert load().http.__name__ == "httpx"


def test_a_request_says_who_asks_and_nothing_else(client: HTTPClient, server: HostileServer) -> None:
    fields = fields_of(client.get(f"{server.url}/keep_and_echo"))
    assert fields["user-agent"] == "rarewire/1.0 (+https://desk.example/bot)"
    assert fields["accept-encoding"] == "gzip, deflate"
    assert set(fields) == {"host", "user-agent", "accept", "accept-encoding"}


def test_the_callers_fields_are_sent_verbatim(client: HTTPClient, server: HostileServer) -> None:
    fields = fields_of(
        client.get(f"{server.url}/keep_and_echo", headers={"If-None-Match": 'W/"a, \xe9"'}, accept="text/plain")
    )
    assert (fields["if-none-match"], fields["accept"]) == ('W/"a, \xe9"', "text/plain")


def test_a_field_that_no_header_can_carry_is_an_error_with_a_reason(client: HTTPClient, server: HostileServer) -> None:
    for value in ("a\r\nX-Evil: 1", "稀土", "a\0b"):
        with pytest.raises(PermanentError) as caught:
            client.get(f"{server.url}/keep_and_echo", headers={"If-None-Match": value})
        assert caught.value.reason is Reason.PROTOCOL


def test_cookies_are_never_sent_back(client: HTTPClient, server: HostileServer) -> None:
    client.get(f"{server.url}/keep_and_echo")
    assert "cookie" not in fields_of(client.get(f"{server.url}/redirects_to_echo"))


def test_headers_come_back_as_they_were(client: HTTPClient, server: HostileServer) -> None:
    headers = client.get(f"{server.url}/keep_and_echo").headers
    assert (headers["etag"], headers["X-Two"]) == ('"x\xe9"', "1, 2")


def test_redirects_are_told_hop_by_hop(client: HTTPClient, server: HostileServer) -> None:
    answer = client.get(f"{server.url}/redirects_to_echo")
    assert answer.url == f"{server.url}/keep_and_echo"
    assert [(hop.url, hop.status, hop.location) for hop in answer.hops] == [
        (f"{server.url}/redirects_to_echo", 301, f"{server.url}/keep_and_echo")
    ]


def test_another_host_gets_only_what_is_harmless(client: HTTPClient, server: HostileServer) -> None:
    secret = {"Authorization": "Bearer x", "X-Own": "y", "If-None-Match": '"z"'}
    fields = fields_of(client.get(f"{server.url}/redirects_to_another_name", headers=secret))
    assert fields["host"].startswith("other.test")
    assert fields["if-none-match"] == '"z"'
    assert {"authorization", "x-own"}.isdisjoint(fields)


def test_not_modified_is_an_answer(client: HTTPClient, server: HostileServer) -> None:
    answer = client.get(f"{server.url}/says_304")
    assert (answer.status, answer.body, answer.headers["etag"]) == (304, b"", '"x"')


def test_a_body_is_undone_from_its_coding(client: HTTPClient, server: HostileServer) -> None:
    assert client.get(f"{server.url}/sends_gzip").body == PAGE


def test_the_limit_is_the_callers(client: HTTPClient, server: HostileServer) -> None:
    assert len(client.get(f"{server.url}/sends_ten_thousand_bytes", limit=10_000).body) == 10_000
    with pytest.raises(PermanentError) as caught:
        client.get(f"{server.url}/sends_ten_thousand_bytes", limit=9_999)
    assert caught.value.reason is Reason.TOO_LARGE


def test_a_body_that_is_not_wanted_is_not_read(client: HTTPClient, server: HostileServer) -> None:
    answer = client.get(f"{server.url}/sends_an_endless_body", wants_body=lambda status, headers: False)
    assert (answer.status, answer.body, answer.body_read) == (200, b"", False)


def test_the_body_of_an_error_is_not_waited_for(client: HTTPClient, server: HostileServer) -> None:
    answer = client.get(f"{server.url}/fails_with_a_long_page", deadline=5.0)
    assert (answer.status, answer.body_read) == (500, False)


def test_a_post_carries_its_body_and_type(client: HTTPClient, server: HostileServer) -> None:
    answer = client.post(
        f"{server.url}/keep_and_echo",
        body=b"hub.mode=subscribe",
        content_type="application/x-www-form-urlencoded",
        headers={"X-Sign": "1"},
    )
    fields = fields_of(answer)
    assert json.loads(answer.body)["line"] == "POST /keep_and_echo HTTP/1.1"
    assert (fields["content-length"], fields["content-type"], fields["x-sign"]) == (
        "18",
        "application/x-www-form-urlencoded",
        "1",
    )


def test_a_post_goes_where_it_was_sent_and_no_further(client: HTTPClient, server: HostileServer) -> None:
    answer = client.post(f"{server.url}/redirects_a_post", body=b"secret", content_type="text/plain")
    assert (answer.status, answer.hops) == (307, ())


def test_a_url_is_asked_for_in_its_canonical_form(client: HTTPClient, server: HostileServer) -> None:
    answer = client.get(f" HTTP://LOCALHOST:{server.port}/x/../keep_and_echo?q=ü#part ")
    assert answer.url == f"http://localhost:{server.port}/keep_and_echo?q=%C3%BC"
    assert json.loads(answer.body)["line"] == "GET /keep_and_echo?q=%C3%BC HTTP/1.1"


def test_threads_share_one_client(client: HTTPClient, server: HostileServer) -> None:
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda number: client.get(f"{server.url}/keep_and_echo?{number}"), range(200)))
    assert [json.loads(answer.body)["line"].split("?")[1].split(" ")[0] for answer in answers] == [
        str(number) for number in range(200)
    ]


def test_the_time_that_a_request_took_is_told(client: HTTPClient, server: HostileServer) -> None:
    assert 0 < client.get(f"{server.url}/keep_well").elapsed < 20


HEADS = st.sampled_from(
    [
        b"",
        b"HTTP/1.1 200 OK\r\n",
        b"HTTP/1.0 200 OK\r\n",
        b"HTTP/1.1 302 Found\r\nLocation: ",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n",
        b"HTTP/1.1 100 \r\n\r\n",
    ]
)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(head=HEADS, rest=st.binary(max_size=200))
def test_whatever_bytes_a_server_sends_only_our_own_errors_come_out(
    client: HTTPClient, head: bytes, rest: bytes
) -> None:
    def serve(listener: socket.socket) -> None:
        sock, _ = listener.accept()
        with sock:
            sock.recv(10_000)
            sock.sendall(head + rest)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, args=(listener,), daemon=True)
        thread.start()
        with suppress(StageError):
            client.get(f"http://127.0.0.1:{listener.getsockname()[1]}/", deadline=2.0)
        thread.join()


@pytest.mark.parametrize("engine", ["httpx", "httpx2"])
@pytest.mark.parametrize("host", ["xn--a.example", "xn--zzzzzz-.example", "xn--0.example"])
def test_a_name_whose_label_decodes_to_nothing_ends_with_a_reason(engine: str, host: str) -> None:
    def nowhere(_host: str, _port: int) -> list[str]:
        raise socket.gaierror("no such name")

    with HTTPClient(engine=engine, resolve=nowhere) as client, pytest.raises(StageError) as caught:
        client.get(f"http://{host}/")
    assert caught.value.reason in {Reason.BAD_URL, Reason.DNS}


def test_a_machine_without_a_file_descriptor_blames_no_host(client: HTTPClient) -> None:
    spare = os.dup(0)
    os.close(spare)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (spare, hard))
    try:
        with pytest.raises(OSError, match="open files") as caught:
            client.get("http://127.0.0.1:9/")
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert caught.value.errno == errno.EMFILE
