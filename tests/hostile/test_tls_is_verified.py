"""TLS: what is wrong with a certificate or a handshake ends with its reason, on httpx and on httpx2."""

from __future__ import annotations

import datetime as dt
import socket
import ssl
import threading
from collections.abc import Callable, Iterator

import pytest

from shared.errors import StageError
from shared.http_client import HTTPClient, Reach
from shared.outcomes import Reason
from tests.hostile import behaviours  # noqa: F401 - fills the table
from tests.hostile.certificates import NOW, Authority
from tests.hostile.server import PAGE, HostileServer


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("trusted"))


@pytest.fixture(scope="module")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("stranger"))


@pytest.fixture(scope="module", params=["httpx", "httpx2"])
def client(request: pytest.FixtureRequest, authority: Authority) -> Iterator[HTTPClient]:
    with HTTPClient(
        engine=request.param,
        tls=authority.trust(),
        reach=Reach(allow_loopback=True),
        resolve=lambda host, port: ["127.0.0.1"],
    ) as made:
        yield made


def reason_of(client: HTTPClient, url: str, deadline: float = 5.0) -> Reason:
    with pytest.raises(StageError) as caught:
        client.get(url, deadline=deadline)
    return caught.value.reason


def test_a_good_certificate_is_believed(client: HTTPClient, authority: Authority) -> None:
    with HostileServer(tls=authority.server("news.test", "127.0.0.1")) as server:
        assert client.get(f"https://news.test:{server.port}/answers_without_reading_on").body == PAGE
        assert client.get(f"https://127.0.0.1:{server.port}/answers_without_reading_on").body == PAGE
        assert client.get(f"https://news.test.:{server.port}/answers_without_reading_on").body == PAGE


def test_a_certificate_for_another_host_is_refused(client: HTTPClient, authority: Authority) -> None:
    with HostileServer(tls=authority.server("other.test")) as server:
        assert reason_of(client, f"https://news.test:{server.port}/") is Reason.TLS


def test_an_expired_certificate_is_refused(client: HTTPClient, authority: Authority) -> None:
    with HostileServer(tls=authority.server("news.test", expires=NOW - dt.timedelta(days=1))) as server:
        assert reason_of(client, f"https://news.test:{server.port}/") is Reason.TLS


def test_a_certificate_of_a_stranger_is_refused(client: HTTPClient, stranger: Authority) -> None:
    with HostileServer(tls=stranger.server("news.test")) as server:
        assert reason_of(client, f"https://news.test:{server.port}/") is Reason.TLS


def test_a_server_that_knows_only_old_tls_is_refused(client: HTTPClient, authority: Authority) -> None:
    context = authority.server("news.test")
    with pytest.warns(DeprecationWarning, match="TLSv1"):
        context.minimum_version = ssl.TLSVersion.TLSv1
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    with HostileServer(tls=context) as server:
        assert reason_of(client, f"https://news.test:{server.port}/") is Reason.TLS


@pytest.mark.parametrize(
    "name", ["sends_a_gzip_bomb", "sends_an_endless_body", "sends_noise", "ends_before_the_length", "drips_headers"]
)
def test_bad_behaviour_under_tls_ends_as_it_does_without(name: str, client: HTTPClient, authority: Authority) -> None:
    from tests.hostile.server import BEHAVIOURS

    with HostileServer(tls=authority.server("news.test")) as server:
        deadline = 0.7 if BEHAVIOURS[name].ends == "timeout" else 10.0
        assert reason_of(client, f"https://news.test:{server.port}/{name}", deadline) == BEHAVIOURS[name].ends


def _says_plain_http(sock: socket.socket) -> None:
    sock.recv(10_000)
    sock.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")


def _hangs_up(sock: socket.socket) -> None:
    sock.recv(10_000)


def _says_nothing(sock: socket.socket) -> None:
    while sock.recv(10_000):
        pass


def _drips_a_handshake(sock: socket.socket) -> None:
    waits = threading.Event()
    sock.recv(10_000)
    for byte in b"\x16\x03\x03\x40\x00" + bytes(500):
        sock.sendall(bytes([byte]))
        waits.wait(0.05)


@pytest.mark.parametrize(
    ("act", "reason"),
    [
        (_says_plain_http, Reason.TLS),
        (_hangs_up, Reason.TLS),
        (_says_nothing, Reason.TIMEOUT),
        (_drips_a_handshake, Reason.TIMEOUT),
    ],
)
def test_a_handshake_that_goes_wrong_has_a_reason(
    act: Callable[[socket.socket], None], reason: Reason, client: HTTPClient
) -> None:
    def serve(listener: socket.socket) -> None:
        try:
            sock, _ = listener.accept()
            with sock:
                act(sock)
        except OSError:
            return

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=serve, args=(listener,), daemon=True).start()
        assert reason_of(client, f"https://news.test:{listener.getsockname()[1]}/", 0.7) is reason
