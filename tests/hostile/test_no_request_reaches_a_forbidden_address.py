"""Server-side request forgery: connects are counted by an audit hook, so no library can make one unseen."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from shared.errors import RetryableError, StageError
from shared.http_client import HTTPClient, Reach
from shared.outcomes import Reason
from tests.hostile import behaviours  # noqa: F401 - fills the table
from tests.hostile.certificates import Authority
from tests.hostile.connects import CONNECTS
from tests.hostile.server import HostileServer, Visit, behaviour

ENGINES = ("httpx", "httpx2")
ANY_PORT: frozenset[int] = frozenset()
PUBLIC = "93.184.215.14"
PUBLIC_V6 = "2606:2800:21f:cb07:6820:80da:af6b:8b2c"

# Each is an address that must not be asked, in one of the ways in which it can be written.
LOOPBACK = [
    "http://127.0.0.1/",
    "http://127.1/",
    "http://2130706433/",
    "http://0x7f000001/",
    "http://0x7f.1/",
    "http://0177.0.0.1/",
    "http://017700000001/",
    "http://127.0.0.1./",
    "http://127.127.127.127/",
    "http://①②⑦.⓪.⓪.①/",
    "http://127。0。0。1/",
    "http://%31%32%37.0.0.1/",
    "http:\\\\127.0.0.1\\",
    "http:127.0.0.1",
    "http:////127.0.0.1/",
    "http://127.0.0.1#@example.com/",
    "http://127.0.0.1\\@example.com/",
    "http://127.0.0.1\t/",
    "https://127.0.0.1/",
    "http://[::1]/",
    "https://[0:0:0:0:0:0:0:1]/",
    "http://name-of-loopback/",
]
ELSEWHERE = [
    "http://0/",
    "http://0.0.0.0/",
    "http://0.1.2.3/",
    "http://[::]/",
    "http://[::ffff:127.0.0.1]/",
    "http://[::ffff:7f00:1]/",
    "http://[::127.0.0.1]/",
    "http://[::ffff:0:127.0.0.1]/",
    "http://[64:ff9b::127.0.0.1]/",
    "http://[64:ff9b:1::10.0.0.1]/",
    "http://[2002:7f00:1::]/",
    "http://[2002:a00:1::1]/",
    "http://[2001:0:53aa:64c::1]/",
    "http://[2001:2::1]/",
    "http://[2001:10::1]/",
    "http://[2001:20::1]/",
    "http://[2001:db8::1]/",
    "http://[3ffe::1]/",
    "http://[3fff::1]/",
    "http://[100::1]/",
    "http://[5f00::1]/",
    "http://[fc00::1]/",
    "http://[fd00:ec2::254]/",
    "http://[fe80::1]/",
    "http://[fec0::1]/",
    "http://[ff02::1]/",
    "http://10.0.0.1/",
    "http://10.255.255.255/",
    "http://172.16.0.1/",
    "http://172.31.255.255/",
    "http://192.168.0.1/",
    "http://169.254.169.254/latest/meta-data/",
    "http://0xa9fea9fe/",
    "http://169.254.170.2/",
    "http://168.63.129.16/",
    "http://100.64.0.1/",
    "http://100.100.100.200/",
    "http://192.0.0.192/",
    "http://192.0.2.1/",
    "http://192.88.99.1/",
    "http://198.18.0.1/",
    "http://198.51.100.1/",
    "http://203.0.113.1/",
    "http://224.0.0.1/",
    "http://239.255.255.250/",
    "http://240.0.0.1/",
    "http://255.255.255.255/",
    "http://name-of-private/",
    "https://name-of-metadata/",
    "http://name-of-private-v6/",
    "http://name-of-link-local-v6/",
    "http://name-of-public-and-private/",
    "http://name-of-many-public-and-one-private/",
    "http://name-of-mapped/",
    "http://name-of-nonsense/",
    f"http://{PUBLIC}:22/",
    f"http://{PUBLIC}:25/",
    f"http://{PUBLIC}:6379/",
    f"http://[{PUBLIC_V6}]:11211/",
]
FORBIDDEN = LOOPBACK + ELSEWHERE
NOT_EVEN_A_URL = [
    "http://user@127.0.0.1/",
    "http://example.com:80@127.0.0.1/",
    "http://127.0.0.1%00.example.com/",
    "http://[::1%25lo]/",
    "http://1.2.3.4.5/",
    "http://256.256.256.256/",
    "http://127.0.0.1:99999/",
    "file:///etc/passwd",
    "gopher://127.0.0.1:6379/_INFO",
    "unix:///run/docker.sock",
    "http+unix://%2Frun%2Fdocker.sock/",
    "javascript:alert(1)",
    "//example.com/",
    "",
]
NAMES: dict[str, list[str]] = {
    "name-of-private": ["192.168.7.7"],
    "name-of-loopback": ["127.0.0.1"],
    "name-of-metadata": ["169.254.169.254"],
    "name-of-private-v6": ["fd12::1"],
    "name-of-link-local-v6": ["fe80::1%eth0"],
    "name-of-public-and-private": [PUBLIC, "10.0.0.1"],
    "name-of-many-public-and-one-private": [PUBLIC, PUBLIC, PUBLIC_V6, PUBLIC, "10.0.0.1"],
    "name-of-mapped": ["::ffff:10.0.0.1"],
    "name-of-nonsense": ["not an address"],
}

TARGETS: dict[str, str] = {}


@behaviour("")
def sends_where_told(visit: Visit) -> None:
    visit.answer(b"", f"Location: {TARGETS[visit.path.split('/')[1]]}", status="302 Found")


def resolve(host: str, port: int) -> Sequence[str]:
    if host not in NAMES:
        raise OSError(f"no such name: {host}")
    return NAMES[host]


@pytest.fixture(scope="module", params=ENGINES)
def strict(request: pytest.FixtureRequest) -> Iterator[HTTPClient]:
    with HTTPClient(engine=request.param, resolve=resolve, threads=4) as client:
        yield client


@pytest.fixture(scope="module", params=ENGINES)
def local(request: pytest.FixtureRequest) -> Iterator[HTTPClient]:
    """A client that may reach loopback, as a server that redirects needs; nothing else becomes allowed by that."""
    with HTTPClient(engine=request.param, resolve=resolve, threads=4, reach=Reach(allow_loopback=True)) as client:
        yield client


@pytest.fixture(scope="module")
def server() -> Iterator[HostileServer]:
    with HostileServer() as running:
        yield running


def reason_of(client: HTTPClient, url: str) -> Reason:
    with pytest.raises(StageError) as caught:
        client.get(url, deadline=5.0)
    return caught.value.reason


def test_there_are_at_least_sixty_forbidden_addresses() -> None:
    assert len(set(FORBIDDEN)) >= 60


@pytest.mark.parametrize("url", FORBIDDEN)
def test_a_forbidden_address_is_refused_without_a_connect(url: str, strict: HTTPClient) -> None:
    with CONNECTS as connects:
        assert reason_of(strict, url) is Reason.FORBIDDEN_ADDRESS
        assert reason_of(strict, url.replace("http:", "https:")) is Reason.FORBIDDEN_ADDRESS
    assert connects.seen == []


@pytest.mark.parametrize("url", NOT_EVEN_A_URL)
def test_what_is_no_url_of_the_web_is_refused_without_a_connect(url: str, strict: HTTPClient) -> None:
    with CONNECTS as connects:
        assert reason_of(strict, url) is Reason.BAD_URL
    assert connects.seen == []


@pytest.mark.parametrize("url", ELSEWHERE)
def test_a_redirect_reaches_no_forbidden_address(url: str, local: HTTPClient, server: HostileServer) -> None:
    TARGETS[str(ELSEWHERE.index(url))] = url
    with CONNECTS as connects:
        assert reason_of(local, f"{server.url}/sends_where_told/{ELSEWHERE.index(url)}") is Reason.FORBIDDEN_ADDRESS
    assert connects.seen == [("127.0.0.1", server.port)]


def test_a_post_is_held_to_the_same_rules(strict: HTTPClient) -> None:
    with CONNECTS as connects:
        for url in FORBIDDEN[:30]:
            with pytest.raises(StageError) as caught:
                strict.post(url, body=b"x", content_type="text/plain")
            assert caught.value.reason is Reason.FORBIDDEN_ADDRESS
    assert connects.seen == []


def test_a_public_address_is_connected_to_as_it_was_checked(strict: HTTPClient) -> None:
    with CONNECTS as connects:
        assert reason_of(strict, f"http://{PUBLIC}/") is Reason.CONNECT
        assert reason_of(strict, f"https://[{PUBLIC_V6}]/") is Reason.CONNECT
    assert connects.seen == [(PUBLIC, 80), (PUBLIC_V6, 443)]


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_name_whose_address_changes_after_the_check_is_connected_to_at_the_checked_one(
    engine: str, scheme: str
) -> None:
    answers = iter([[PUBLIC], ["127.0.0.1"], ["169.254.169.254"], ["10.0.0.1"]])
    with HTTPClient(engine=engine, resolve=lambda host, port: next(answers)) as client, CONNECTS as connects:
        reasons = [reason_of(client, f"{scheme}://rebinds.test/") for _ in range(4)]
    assert reasons == [Reason.CONNECT, *[Reason.FORBIDDEN_ADDRESS] * 3]
    assert [host for host, _ in connects.seen] == [PUBLIC]


@pytest.mark.parametrize("engine", ENGINES)
def test_a_name_is_looked_up_once_for_a_connection_also_under_tls(engine: str, tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    asked: list[str] = []

    def changing(host: str, port: int) -> Sequence[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["10.0.0.1"]

    with (
        HostileServer(tls=authority.server("news.test")) as server,
        HTTPClient(engine=engine, resolve=changing, tls=authority.trust(), reach=Reach(allow_loopback=True)) as client,
        CONNECTS as connects,
    ):
        answer = client.get(f"https://news.test:{server.port}/answers_without_reading_on")
        assert answer.status == 200
        assert (
            reason_of(client, f"https://news.test:{server.port}/answers_without_reading_on") is Reason.FORBIDDEN_ADDRESS
        )
    assert [host for host, _ in connects.seen] == ["127.0.0.1"]
    assert asked == ["news.test", "news.test"]


@pytest.mark.parametrize("engine", ENGINES)
def test_addresses_are_tried_in_turn_until_one_answers(engine: str, server: HostileServer) -> None:
    with (
        HTTPClient(
            engine=engine,
            resolve=lambda *_: [PUBLIC_V6, PUBLIC, "127.0.0.1"],
            reach=Reach(ports=ANY_PORT, allow_loopback=True),
        ) as client,
        CONNECTS as connects,
    ):
        assert client.get(f"http://two.test:{server.port}/answers_without_reading_on").status == 200
    assert [host for host, _ in connects.seen] == [PUBLIC_V6, PUBLIC, "127.0.0.1"]


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (OSError("no such name"), Reason.DNS),
        (UnicodeError("label too long"), Reason.BAD_URL),
        ([], Reason.DNS),
    ],
)
def test_a_failed_look_up_has_a_reason(answer: Exception | list[str], reason: Reason) -> None:
    def fails(host: str, port: int) -> Sequence[str]:
        if isinstance(answer, Exception):
            raise answer
        return answer

    with HTTPClient(resolve=fails) as client:
        assert reason_of(client, "http://anything.test/") is reason


def test_a_resolver_that_hangs_is_left_at_the_deadline() -> None:
    release = threading.Event()

    def hangs(host: str, port: int) -> Sequence[str]:
        release.wait(30)
        return []

    with HTTPClient(resolve=hangs, threads=1) as client, pytest.raises(RetryableError) as caught:
        client.get("http://slow.test/", deadline=0.3)
    release.set()
    assert caught.value.reason is Reason.DNS


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("reach", [Reach(), Reach(allow_loopback=True), Reach(ports=ANY_PORT)])
def test_the_self_test_passes_on_a_guarded_client(engine: str, reach: Reach) -> None:
    with HTTPClient(engine=engine, reach=reach) as client:
        client.self_test()


def test_the_self_test_fails_on_a_client_whose_guard_was_lost() -> None:
    with HTTPClient() as guarded, HTTPClient(reach=Reach(allow_loopback=True)) as open_client:
        guarded._exchange = open_client._exchange
        with pytest.raises(RuntimeError, match="does not refuse"):
            guarded.self_test()


def test_proxies_and_credentials_of_the_environment_are_not_used(
    monkeypatch: pytest.MonkeyPatch, server: HostileServer
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://10.0.0.1:3128")
    with HTTPClient(reach=Reach(allow_loopback=True)) as client, CONNECTS as connects:
        assert client.get(f"{server.url}/answers_without_reading_on").status == 200
    assert connects.seen == [("127.0.0.1", server.port)]
