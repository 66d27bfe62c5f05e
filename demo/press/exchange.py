"""One HTTP exchange: the request as read from a socket, the response as written to it. A small HTTP/1.1 of our own.

It is not a web server for anything else: it does GET and HEAD on loopback, and it can misbehave (stall, cut an answer
short) in ways that well-kept servers rightly refuse.
"""

from __future__ import annotations

import asyncio
import gzip
import hashlib
from dataclasses import dataclass, field, replace
from email.utils import formatdate, parsedate_to_datetime
from http import HTTPStatus
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

LONGEST_HEAD = 32_768
BODILESS = {304, 204}


@dataclass(frozen=True, kw_only=True)
class Request:
    """A request. `path` keeps no query; header names are lower-case."""

    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def host(self) -> str:
        """The Host header."""
        return self.headers.get("host", "")


@dataclass(frozen=True, kw_only=True)
class Response:
    """A response. `delay` is seconds before the first byte; `cut` ends the body halfway and drops the connection."""

    status: int = 200
    body: bytes = b""
    content_type: str = "text/html; charset=UTF-8"
    headers: Mapping[str, str] = field(default_factory=dict)
    delay: float = 0.0
    cut: bool = False


def etag(body: bytes) -> str:
    """A strong validator of a body."""
    return f'"{hashlib.sha256(body).hexdigest()[:20]}"'


def validated(request: Request, response: Response, *, tag: str = "", modified: float = 0.0) -> Response:
    """The response with its validators, or the 304 that they call for (RFC 9110 section 13.2.2).

    `tag` is an ETag and `modified` epoch seconds; an empty one is not sent.
    """
    headers = {name: value for name, value in (("ETag", tag), ("Last-Modified", _http_date(modified))) if value}
    response = replace(response, headers={**response.headers, **headers})
    if _unchanged(request, tag, modified):
        return replace(response, status=304, body=b"")
    return response


def _http_date(at: float) -> str:
    return formatdate(int(at), usegmt=True) if at else ""


def _unchanged(request: Request, tag: str, modified: float) -> bool:
    known = request.headers.get("if-none-match")
    if known is not None:
        return bool(tag) and tag in {part.strip().removeprefix("W/") for part in known.split(",")}
    since = request.headers.get("if-modified-since")
    if since is None or not modified:
        return False
    try:
        return int(modified) <= parsedate_to_datetime(since).timestamp()
    except ValueError:
        return False


def compressed(request: Request, response: Response) -> Response:
    """The response in gzip, if the client takes it."""
    if not response.body or "gzip" not in request.headers.get("accept-encoding", ""):
        return response
    headers = {**response.headers, "Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
    if "ETag" in headers:  # another coding is another representation: its validator is weak
        headers["ETag"] = f"W/{headers['ETag']}"
    return replace(response, headers=headers, body=gzip.compress(response.body, compresslevel=1, mtime=0))


async def read_request(reader: asyncio.StreamReader) -> Request | None:
    """The next request of a connection; None at its end or when it is no HTTP."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, ConnectionError):
        return None
    lines = head.decode("latin-1").split("\r\n")
    parts = lines[0].split(" ")
    if len(parts) != 3:
        return None
    pairs = (line.partition(":") for line in lines[1:] if line)
    headers = {name.strip().lower(): value.strip() for name, _, value in pairs}
    return Request(method=parts[0], path=parts[1].partition("?")[0], headers=headers)


def as_bytes(request: Request, response: Response) -> bytes:
    """The response on the wire, cut where it is to be cut."""
    body = b"" if request.method == "HEAD" else response.body
    lines = [f"HTTP/1.1 {response.status} {HTTPStatus(response.status).phrase}", f"Date: {formatdate(usegmt=True)}"]
    lines += [f"{name}: {value}" for name, value in response.headers.items()]
    if response.status not in BODILESS:
        lines += [f"Content-Type: {response.content_type}", f"Content-Length: {len(response.body)}"]
    if response.cut:
        body = body[: len(body) // 2]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body
