"""One request and its answer on the wire: no redirects, which are the client's.

Whatever httpx, httpcore or h11 raises about what a server did leaves here as a StageError with its reason.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from shared import urls
from shared.errors import PermanentError, RetryableError
from shared.http.answer import Headers, Response
from shared.http.budget import Budget
from shared.http.decoding import Decoder
from shared.http.engine import Engine
from shared.outcomes import Reason

LIMIT: Final = 5_000_000  # bytes, on the wire and decoded
REDIRECT_STATUSES = frozenset({301, 302, 303, 307, 308})
FIRST_FINAL_STATUS = 200
FIRST_ERROR_STATUS = 400
# A server that cuts its answer into crumbs costs a thousandfold in events; honest ones flush lines at least.
CRUMBS, CRUMB_SIZE = 20_000, 16

WantsBody = Callable[[int, Headers], bool]


def successful(status: int, headers: Headers) -> bool:
    """The default for whose body is read: anything but an error's."""
    del headers
    return status < FIRST_ERROR_STATUS


def always(status: int, headers: Headers) -> bool:
    """For a caller that reads an error's body, too."""
    del status, headers
    return True


@dataclass(frozen=True, kw_only=True)
class Request:
    """One exchange to be made. `url` is canonical, `fields` are all header fields but Host.

    `repeatable`: receiving it twice does no harm, so that it may be sent anew on a fresh connection.
    """

    method: str
    url: str
    fields: Mapping[str, str]
    body: bytes = b""
    limit: int = LIMIT
    wants_body: WantsBody = field(default=successful)
    repeatable: bool = False


class Exchange:
    """Runs requests on an engine's client. Shared by threads."""

    def __init__(self, engine: Engine, client: Any) -> None:
        self._engine = engine
        self._client = client

    def run(self, request: Request, budget: Budget) -> Response:
        """The answer; asked anew if a connection that had been kept turned out to be dead."""
        try:
            return self._attempt(request, budget)
        except RetryableError:
            if budget.connected or budget.received or not request.repeatable:
                raise
        return self._attempt(request, budget)

    def _attempt(self, request: Request, budget: Budget) -> Response:
        budget.begin_exchange()
        try:
            answer = self._client.send(self._prepared(request, budget), stream=True)
        except Exception as error:
            raise self._named(error, budget) from error
        budget.end_head()
        try:
            return _read(request, answer, budget)
        except Exception as error:
            raise self._named(error, budget, in_body=True) from error
        finally:
            answer.close()

    def _prepared(self, request: Request, budget: Budget) -> Any:
        """The engine's request. The budget goes where httpcore takes timeouts, which it hands to our own backend."""
        http = self._engine.http
        url = http.URL(request.url)
        if url.raw_host.decode("ascii").strip("[]") != urls.host(request.url).strip("[]"):
            raise PermanentError(Reason.BAD_URL, f"parsers disagree on the host of {request.url[:200]}")
        return http.Request(
            request.method,
            url,
            headers=[(name.encode("latin-1"), value.encode("latin-1")) for name, value in request.fields.items()],
            content=request.body or None,
            extensions={"timeout": {"connect": budget, "read": budget, "write": budget, "pool": budget.left()}},
        )

    def _named(self, error: Exception, budget: Budget, *, in_body: bool = False) -> Exception:
        """The StageError that an engine's error is; an error that is none of theirs is a bug and stays itself."""
        core, http, text = self._engine.core, self._engine.http, str(error)[:200]
        if isinstance(error, core.PoolTimeout):
            return RetryableError(Reason.TIMEOUT, "no connection became free")
        if isinstance(error, (core.LocalProtocolError, UnicodeEncodeError)):
            return PermanentError(Reason.PROTOCOL, f"the request cannot be sent: {text}")
        if isinstance(error, (http.InvalidURL, UnicodeError)) and not in_body:
            # idna's errors, for labels that begin with xn-- and decode to nothing, are bare UnicodeErrors.
            return PermanentError(Reason.BAD_URL, text)
        if isinstance(error, core.NetworkError):
            return RetryableError(Reason.TRUNCATED if in_body else Reason.CONNECT, text)
        if isinstance(error, core.RemoteProtocolError):
            return RetryableError(_protocol_reason(text, budget, in_body=in_body), text)
        return error


def _protocol_reason(text: str, budget: Budget, *, in_body: bool) -> Reason:
    """h11 has one error for a peer that broke off and for one that talks nonsense; only its words tell them apart."""
    if in_body:
        return Reason.TRUNCATED if "without sending complete message" in text else Reason.PROTOCOL
    return Reason.PROTOCOL if budget.received else Reason.CONNECT


def _read(request: Request, answer: Any, budget: Budget) -> Response:
    fields = answer.extensions["fields"]
    headers = Headers((name.decode("latin-1"), value.decode("latin-1")) for name, value in fields)
    response = Response(url=request.url, status=answer.status_code, headers=headers)
    if response.status < FIRST_FINAL_STATUS:
        raise RetryableError(Reason.PROTOCOL, f"status {response.status} to a plain request")
    redirected = response.status in REDIRECT_STATUSES and "location" in headers
    if redirected or not request.wants_body(response.status, headers):
        return replace(response, body_read=False)
    return replace(response, body=_body(answer, headers, request.limit, budget))


def _body(answer: Any, headers: Headers, limit: int, budget: Budget) -> bytes:
    decoder = Decoder(headers.get("content-encoding", ""), limit)
    if _announced(headers) > limit:
        raise PermanentError(Reason.TOO_LARGE, f"{_announced(headers)} bytes announced, {limit} allowed")
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


def _announced(headers: Headers) -> int:
    """The Content-Length; h11 has checked that it is one number of at most 20 digits."""
    text = headers.get("content-length", "")
    return int(text) if text.isascii() and text.isdigit() else 0
