"""The only door to the outside: every request of the house is made by an `HTTPClient`.

What it promises, whatever the server does:

    address     http and https, allowed ports, public addresses; checked where the connection is made, at every hop
    time        one deadline over name lookup, connects, handshakes and the whole redirect chain
    size        a limit on the wire and after decoding; gzip and deflate only, ended properly
    manners     an honest User-Agent with a contact, no cookies, no referrer, nothing from the environment
    errors      only `RetryableError` and `PermanentError`, each with a `Reason`; an HTTP status is no error here
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from types import TracebackType
from typing import Any, Final, Self

import certifi

from shared import urls
from shared.errors import PermanentError, RetryableError, StageError
from shared.http.answer import Headers, Hop, Response
from shared.http.backend import GuardedBackend, Reach, Resolve, system_resolve
from shared.http.budget import Budget
from shared.http.decoding import Decoder
from shared.http.engine import ENGINE, load, make_client
from shared.outcomes import Reason

__all__ = ["HTTPClient", "Headers", "Hop", "Reach", "Response", "user_agent"]

PAGES: Final = "text/html,application/xhtml+xml;q=0.9,*/*;q=0.1"
LIMIT: Final = 5_000_000  # bytes, on the wire and decoded
POST_LIMIT: Final = 64_000  # bytes of an answer to a POST
DEADLINE: Final = 20.0  # seconds
REDIRECTS: Final = 5
REDIRECT_STATUSES = frozenset({301, 302, 303, 307, 308})
FIRST_ERROR_STATUS = 400
# A server that cuts its answer into crumbs costs a thousandfold in events; honest ones flush lines at least.
CRUMBS, CRUMB_SIZE = 20_000, 16
# Of the caller's fields, those that may follow a redirect to another host.
TRAVELLING = frozenset({"accept", "accept-language", "if-none-match", "if-modified-since"})

WantsBody = Callable[[int, Headers], bool]


def user_agent(version: str, contact: str) -> str:
    """Who we say we are: `rarewire/0.1.0 (+https://example.org/bot)`; `contact` is a URL or an e-mail address."""
    return f"rarewire/{version} (+{contact})" if contact else f"rarewire/{version}"


def successful(status: int, headers: Headers) -> bool:
    """The default for whose body is read: anything but an error's."""
    del headers
    return status < FIRST_ERROR_STATUS


@dataclass(frozen=True, kw_only=True)
class _Request:
    """One exchange to be made. `fields` are all header fields but Host."""

    method: str
    url: str
    fields: Mapping[str, str]
    body: bytes = b""
    limit: int = LIMIT
    wants_body: WantsBody = field(default=successful)


class HTTPClient:
    """Safe to share between threads; make one a process, after it forked. Close it or use it as a context manager."""

    def __init__(
        self,
        *,
        agent: str = "rarewire",
        reach: Reach | None = None,
        threads: int = 64,
        tls: ssl.SSLContext | None = None,
        engine: str = ENGINE,
        resolve: Resolve = system_resolve,
    ) -> None:
        """`agent` is the User-Agent, `threads` how many use the client at once, `tls` the trust instead of certifi's.

        `resolve` and `engine` are there for tests.
        """
        self._agent = agent
        self._reach = reach or Reach()
        self._engine = load(engine)
        self._backend = GuardedBackend(self._reach, self._engine.core, resolve=resolve, threads=threads)
        tls = tls or ssl.create_default_context(cafile=certifi.where())
        self._client = make_client(self._engine, self._backend, tls=tls, connections=threads)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Close every connection."""
        self._client.close()
        self._backend.close()

    def get(
        self,
        url: str,
        *,
        headers: Mapping[str, str] = {},  # noqa: B006 - only read
        accept: str = PAGES,
        limit: int = LIMIT,
        deadline: float = DEADLINE,
        wants_body: WantsBody = successful,
    ) -> Response:
        """What `url` answers after at most five redirects, with at most `limit` bytes, within `deadline` seconds.

        `wants_body` is asked once the status and headers of the last answer are there; where it says no, the
        connection is closed without reading on. Raises RetryableError or PermanentError; a status is not an error.
        """
        request = _Request(
            method="GET",
            url=_checked(url),
            fields=self._fields(headers, accept),
            limit=limit,
            wants_body=wants_body,
        )
        return self._follow(request, Budget(seconds=deadline, body=limit))

    def post(
        self,
        url: str,
        *,
        body: bytes,
        content_type: str,
        headers: Mapping[str, str] = {},  # noqa: B006 - only read
        limit: int = POST_LIMIT,
        deadline: float = DEADLINE,
    ) -> Response:
        """What `url` answers to `body`. A redirect is an answer like any other: what was posted goes nowhere else."""
        fields = {**self._fields(headers, "*/*"), "content-type": content_type, "content-length": str(len(body))}
        request = _Request(
            method="POST", url=_checked(url), fields=fields, body=body, limit=limit, wants_body=lambda *_: True
        )
        budget = Budget(seconds=deadline, body=limit)
        return replace(self._exchange(request, budget), elapsed=budget.elapsed)

    def self_test(self) -> None:
        """Prove that the guard sits where connections are made; to be called at start-up.

        A listener on this machine must see no connection. Raises RuntimeError if it does: the process must not go on.
        """
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port = listener.getsockname()[1]
            # Linux connects 0.0.0.0 to loopback, and it stays forbidden where loopback is allowed.
            hosts = ("0.0.0.0",) if self._reach.allow_loopback else ("127.0.0.1", "0.0.0.0", "localhost")  # noqa: S104
            for host in hosts:
                if not self._refuses(f"http://{host}:{port}/"):
                    raise RuntimeError(f"the HTTP client does not refuse {host}: its address guard is not in place")
            listener.settimeout(0)
            try:
                listener.accept()
            except BlockingIOError:
                return
        raise RuntimeError("the HTTP client connected to a forbidden address before refusing it")

    def _refuses(self, url: str) -> bool:
        try:
            self.get(url, deadline=2.0)
        except StageError as error:
            return error.reason is Reason.FORBIDDEN_ADDRESS
        return False

    def _fields(self, headers: Mapping[str, str], accept: str) -> dict[str, str]:
        return {
            "user-agent": self._agent,
            "accept": accept,
            "accept-encoding": "gzip, deflate",
            **{name.lower(): value for name, value in headers.items()},
        }

    def _follow(self, request: _Request, budget: Budget) -> Response:
        """The chain of redirects, each hop checked like the first URL."""
        hops: list[Hop] = []
        while True:
            answer = self._exchange(request, budget)
            location = answer.headers.all("location")
            if answer.status not in REDIRECT_STATUSES or not location:
                return replace(answer, hops=tuple(hops), elapsed=budget.elapsed)
            if len(hops) == REDIRECTS:
                raise PermanentError(
                    Reason.TOO_MANY_REDIRECTS, f"more than {REDIRECTS}, the last to {location[0][:200]}"
                )
            target = _checked(location[0], base=request.url)
            hops.append(Hop(url=request.url, status=answer.status, location=target))
            request = _redirected(request, target)

    def _exchange(self, request: _Request, budget: Budget) -> Response:
        """One request and its answer; tried anew if a connection that had been kept turned out to be dead."""
        try:
            return self._attempt(request, budget)
        except RetryableError:
            if budget.connected or budget.received or request.method != "GET":
                raise
        return self._attempt(request, budget)

    def _attempt(self, request: _Request, budget: Budget) -> Response:
        budget.begin_exchange()
        core = self._engine.core
        opened: list[Any] = []
        try:
            return self._read(request, self._open(request, budget, opened), budget)
        except core.PoolTimeout as error:
            raise RetryableError(Reason.TIMEOUT, "no connection became free") from error
        except core.LocalProtocolError as error:
            raise PermanentError(Reason.PROTOCOL, f"the request cannot be sent: {error}") from error
        except (core.RemoteProtocolError, core.NetworkError) as error:
            raise _broken(error, answered=bool(opened), received=budget.received) from error
        except self._engine.http.InvalidURL as error:
            raise PermanentError(Reason.BAD_URL, str(error)[:200]) from error
        finally:
            for answer in opened:
                answer.close()

    def _open(self, request: _Request, budget: Budget, opened: list[Any]) -> Any:
        """Send the request and take the answer's status and headers."""
        http = self._engine.http
        timeouts = {"connect": budget, "read": budget, "write": budget, "pool": budget.left()}
        url = http.URL(request.url)
        if url.raw_host.decode("ascii").strip("[]") != urls.host(request.url).strip("[]"):
            raise PermanentError(Reason.BAD_URL, f"parsers disagree on the host of {request.url[:200]}")
        asked = http.Request(
            request.method,
            url,
            headers=[(name.encode("latin-1"), _encoded(value)) for name, value in request.fields.items()],
            content=request.body or None,
            extensions={"timeout": timeouts},
        )
        opened.append(self._client.send(asked, stream=True))
        return opened[0]

    def _read(self, request: _Request, answer: Any, budget: Budget) -> Response:
        fields = answer.extensions["fields"]
        headers = Headers((name.decode("latin-1"), value.decode("latin-1")) for name, value in fields)
        response = Response(url=request.url, status=answer.status_code, headers=headers)
        if answer.status_code < 200:  # noqa: PLR2004 - 101, the only interim status that comes through
            raise RetryableError(Reason.PROTOCOL, f"status {answer.status_code} to a plain request")
        if answer.status_code in REDIRECT_STATUSES or not request.wants_body(response.status, headers):
            return replace(response, body_read=False)
        return replace(response, body=_body(answer, headers, request.limit, budget))


def _body(answer: Any, headers: Headers, limit: int, budget: Budget) -> bytes:
    decoder = Decoder(headers.get("content-encoding", ""), limit)
    declared = headers.get("content-length", "")
    if declared.isdecimal() and len(declared) < 20 and int(declared) > limit:  # noqa: PLR2004 - no huge int()
        raise PermanentError(Reason.TOO_LARGE, f"{declared} bytes announced, {limit} allowed")
    size = 0
    for count, chunk in enumerate(answer.iter_raw()):
        size += len(chunk)
        if size > limit:
            raise PermanentError(Reason.TOO_LARGE, f"the body is larger than {limit} bytes on the wire")
        if count > CRUMBS and size < count * CRUMB_SIZE:
            raise RetryableError(Reason.PROTOCOL, "the body comes in crumbs")
        budget.left()
        decoder.feed(chunk)
    return decoder.finish()


def _checked(url: str, base: str | None = None) -> str:
    """The canonical URL; raises PermanentError(bad_url)."""
    try:
        return urls.canonical(url, base)
    except urls.BadURLError as error:
        raise PermanentError(Reason.BAD_URL, str(error)) from error


def _encoded(value: str) -> bytes:
    try:
        return value.encode("latin-1")
    except UnicodeEncodeError as error:
        raise PermanentError(Reason.PROTOCOL, "a header field that cannot be sent") from error


def _redirected(request: _Request, target: str) -> _Request:
    """The request for the next hop; another host gets none of the caller's own fields but those that are harmless."""
    if urls.host(target) == urls.host(request.url):
        return replace(request, url=target)
    ours = {"user-agent", "accept-encoding"} | TRAVELLING
    return replace(request, url=target, fields={name: value for name, value in request.fields.items() if name in ours})


def _broken(error: Exception, *, answered: bool, received: bool) -> RetryableError:
    """What a broken connection or a broken protocol is called, by how far the exchange had come."""
    text = str(error)[:200]
    if answered and ("without sending complete" in text or "incomplete" in text or not text.startswith("illegal")):
        return RetryableError(Reason.TRUNCATED, text)
    if "without sending a response" in text and not received:
        return RetryableError(Reason.CONNECT, "the server closed the connection without an answer")
    return RetryableError(Reason.PROTOCOL, text)
