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
from collections.abc import Mapping
from dataclasses import replace
from types import TracebackType
from typing import Final, Self

import certifi

from shared import urls
from shared.errors import PermanentError, StageError
from shared.http.answer import Headers, Hop, Response
from shared.http.backend import GuardedBackend, Reach, system_resolve
from shared.http.budget import Budget
from shared.http.engine import ENGINE, load, make_client
from shared.http.exchange import LIMIT, REDIRECT_STATUSES, Exchange, Request, WantsBody, always, successful
from shared.http.lookups import Resolve
from shared.outcomes import Reason

__all__ = ["HTTPClient", "Headers", "Hop", "Reach", "Response", "user_agent"]

PAGES: Final = "text/html,application/xhtml+xml;q=0.9,*/*;q=0.1"
POST_LIMIT: Final = 64_000  # bytes of an answer to a POST
DEADLINE: Final = 20.0  # seconds
REDIRECTS: Final = 5
# Of the caller's fields, those that may follow a redirect to another host.
TRAVELLING = frozenset({"accept", "accept-language", "if-none-match", "if-modified-since"})


def user_agent(version: str, contact: str) -> str:
    """Who we say we are: `rarewire/0.1.0 (+https://example.org/bot)`; `contact` is a URL or an e-mail address."""
    return f"rarewire/{version} (+{contact})" if contact else f"rarewire/{version}"


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
        parts = load(engine)
        self._backend = GuardedBackend(self._reach, parts.core, resolve=resolve, threads=threads)
        tls = tls or ssl.create_default_context(cafile=certifi.where())
        self._client = make_client(parts, self._backend, tls=tls, connections=threads)
        self._exchange = Exchange(parts, self._client)

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
        headers: Mapping[str, str] = {},
        accept: str = PAGES,
        limit: int = LIMIT,
        deadline: float = DEADLINE,
        wants_body: WantsBody = successful,
    ) -> Response:
        """What `url` answers after at most five redirects, with at most `limit` bytes, within `deadline` seconds.

        `wants_body` is asked once the status and headers of the last answer are there; where it says no, the
        connection is closed without reading on. Raises RetryableError or PermanentError; a status is not an error.
        """
        request = Request(
            method="GET",
            url=_checked(url),
            fields=self._fields(headers, accept),
            limit=limit,
            wants_body=wants_body,
            repeatable=True,
        )
        return self._follow(request, Budget(seconds=deadline, body=limit))

    def post(
        self,
        url: str,
        *,
        body: bytes,
        content_type: str,
        headers: Mapping[str, str] = {},
        limit: int = POST_LIMIT,
        deadline: float = DEADLINE,
        wants_body: WantsBody = always,
        repeatable: bool = False,
    ) -> Response:
        """What `url` answers to `body`. A redirect is an answer like any other: what was posted goes nowhere else.

        `repeatable`: the receiver can tell a repeat, so that it may be sent anew where a kept connection was dead.
        """
        fields = {**self._fields(headers, "*/*"), "content-type": content_type, "content-length": str(len(body))}
        request = Request(
            method="POST", url=_checked(url), fields=fields, body=body, limit=limit, wants_body=wants_body,
            repeatable=repeatable,
        )  # fmt: skip
        budget = Budget(seconds=deadline, body=limit)
        return replace(self._exchange.run(request, budget), elapsed=budget.elapsed)

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
            # A machine on which localhost has no address is odd, but not open.
            return error.reason in {Reason.FORBIDDEN_ADDRESS, Reason.DNS}
        return False

    def _fields(self, headers: Mapping[str, str], accept: str) -> dict[str, str]:
        return {
            "user-agent": self._agent,
            "accept": accept,
            "accept-encoding": "gzip, deflate",
            **{name.lower(): value for name, value in headers.items()},
        }

    def _follow(self, request: Request, budget: Budget) -> Response:
        """The chain of redirects, each hop checked like the first URL."""
        hops: list[Hop] = []
        while True:
            answer = self._exchange.run(request, budget)
            location = answer.headers.all("location")
            if answer.status not in REDIRECT_STATUSES or not location:
                return replace(answer, hops=tuple(hops), elapsed=budget.elapsed)
            if len(hops) == REDIRECTS:
                raise PermanentError(
                    Reason.TOO_MANY_REDIRECTS, f"more than {REDIRECTS}, the last to {location[0][:200]}"
                )
            target = _checked(_location(location[0]), base=request.url)
            hops.append(Hop(url=request.url, status=answer.status, location=target))
            request = _redirected(request, target)


def _checked(url: str, base: str | None = None) -> str:
    """The canonical URL; raises PermanentError(bad_url)."""
    try:
        return urls.canonical(url, base)
    except urls.BadURLError as error:
        raise PermanentError(Reason.BAD_URL, str(error)) from error


def _location(value: str) -> str:
    """A Location as its server meant it: header bytes are read as Latin-1, but many servers send UTF-8 ones."""
    try:
        return value.encode("latin-1").decode("utf-8")
    except UnicodeDecodeError:
        return value


def _redirected(request: Request, target: str) -> Request:
    """The request for the next hop; another host gets none of the caller's own fields but those that are harmless."""
    if urls.host(target) == urls.host(request.url):
        return replace(request, url=target)
    ours = {"user-agent", "accept-encoding"} | TRAVELLING
    return replace(request, url=target, fields={name: value for name, value in request.fields.items() if name in ours})
