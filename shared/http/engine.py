"""Which HTTP library works inside, and the one place that touches its types.

The guard stands on public hooks, httpcore's `network_backend` and httpx's `BaseTransport`: it is handed in where a
connection is made, instead of being patched into a private attribute. httpx gets no header that makes it
act by itself: a Location it would parse with its own URL parser, a Set-Cookie it would keep.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Final

ENGINE: Final = "httpx"  # "httpx2" is its maintained continuation; docs/decisions/0010-http-client.md says when

HIDDEN = frozenset({b"location", b"set-cookie"})
IDLE_SECONDS = 5.0


@dataclass(frozen=True)
class Engine:
    """The modules `httpx` and `httpcore`, or `httpx2` and `httpcore2`."""

    http: Any
    core: Any


def load(name: str = ENGINE) -> Engine:
    """The engine by the name of its upper half."""
    return Engine(http=import_module(name), core=import_module(name.replace("httpx", "httpcore")))


def make_client(engine: Engine, backend: Any, *, tls: ssl.SSLContext, connections: int) -> Any:
    """An `httpx.Client` that connects through `backend` only and does nothing unasked.

    `connections` that idle are kept, twice as many may be open: with fewer kept than threads, threads at work
    would close each other's.
    """
    pool = engine.core.ConnectionPool(
        ssl_context=tls,
        max_connections=2 * connections,
        max_keepalive_connections=connections,
        keepalive_expiry=IDLE_SECONDS,
        network_backend=backend,
    )
    transport = _transport_type(engine)(pool)
    return engine.http.Client(transport=transport, trust_env=False, follow_redirects=False, auth=None)


def _transport_type(engine: Engine) -> type:
    """A class of the engine's own kinds, made at run time because the engine is chosen at run time."""

    class Stream(engine.http.SyncByteStream):  # type: ignore[misc, name-defined]
        def __init__(self, stream: Any, connection: Any) -> None:
            self._stream = stream
            self._connection = connection

        def __iter__(self) -> Iterator[bytes]:
            yield from self._stream

        def close(self) -> None:
            if _left_over(self._stream):
                # A closed connection counts as expired, so the pool hands it to nobody.
                self._connection.close()
            self._stream.close()

    class Transport(engine.http.BaseTransport):  # type: ignore[misc, name-defined]
        def __init__(self, pool: Any) -> None:
            self._pool = pool

        def handle_request(self, request: Any) -> Any:
            url = request.url
            answer = self._pool.handle_request(
                engine.core.Request(
                    method=request.method,
                    url=engine.core.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
                    headers=request.headers.raw,
                    content=request.stream,
                    extensions=request.extensions,
                )
            )
            return engine.http.Response(
                status_code=answer.status,
                headers=[(name, value) for name, value in answer.headers if name.lower() not in HIDDEN],
                stream=Stream(answer.stream, answer.extensions["network_stream"]),
                extensions={**answer.extensions, "fields": answer.headers},
            )

        def close(self) -> None:
            self._pool.close()

    return Transport


def _left_over(stream: Any) -> bool:
    """Whether bytes came after the end of the answer, which the next request on the connection would get as its own.

    httpcore lets nobody see that, so this looks into it; where it can no longer look, it says yes and connections are
    not kept. The contract tests show on either engine that they are, and that no such answer gets through.
    """
    try:
        data, _ = stream._stream._connection._h11_state.trailing_data  # noqa: SLF001
    except AttributeError:
        return True
    return bool(data)
