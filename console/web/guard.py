"""The gate before every view: host, login, role, and the headers that keep hostile text harmless.

Two locks keep a viewer from changing anything: this gate refuses every method but GET and HEAD, and `act` asks again.
"""

from __future__ import annotations

import base64
import hmac
import secrets
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse
from starlette.routing import Route

from console.web.desk import COOKIE, Visitor, csrf_of, desk_of, message, visitor_of
from console.web.exposure import is_loopback
from shared.stores.connection import RedisError

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.datastructures import FormData
    from starlette.responses import Response
    from starlette.types import ASGIApp, Receive, Scope, Send

    from console.web.desk import Desk

    View = Callable[[Request, FormData], Response]

SAFE = frozenset({"GET", "HEAD"})
OPEN = ("/static/", "/websub/", "/livez", "/readyz")  # for everyone; WebSub hubs prove themselves by their secret
FEEDS = frozenset({"/feed.atom", "/feed.json"})
CHALLENGE = {"www-authenticate": 'Basic realm="rarewire feeds", charset="UTF-8"'}
ANYONE_MAY_POST = frozenset({"/login", "/logout"})
HEADERS = {
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "cache-control": "no-store",
}
MOST_FIELDS, MOST_BYTES = 2_000, 1_000_000


class Guard:
    """ASGI middleware: answers for those who may not pass, names the visitor for those who may."""

    def __init__(self, app: ASGIApp, desk: Desk) -> None:
        self._app = app
        self._desk = desk

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request pass or answer it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope, receive)
        try:
            refusal, fresh = await run_in_threadpool(self._admit, request)
        except RedisError:
            refusal, fresh = PlainTextResponse("the server that holds the state does not answer", 503), ""
        app: Any = refusal or self._app
        await app(scope, receive, _with_headers(send, self._cookie(fresh)))

    def _admit(self, request: Request) -> tuple[Response | None, str]:
        """Return a refusal, or None; and the secret of a cookie to set, or ''."""
        path, secret = request.url.path, request.cookies.get(COOKIE, "")
        if not self._desk.users and not self._known_host(request):
            return PlainTextResponse("this console answers on its own machine's names only", 421), ""
        if path.startswith(OPEN):
            request.scope["rarewire.visitor"] = Visitor(name="anyone", role="viewer", secret="")
            return None, ""
        visitor = self._visitor(request, secret)
        if path in FEEDS:
            return self._admit_reader(request, visitor), ""
        fresh = "" if secret else secrets.token_urlsafe(32)
        anonymous = Visitor(name="anyone", role="viewer", secret=secret or fresh)
        request.scope["rarewire.visitor"] = visitor or anonymous
        if visitor is None and path != "/login":
            return _to_login(request), ""
        if visitor and not visitor.secret:  # no login is used, and this browser is new
            request.scope["rarewire.visitor"] = Visitor(name=visitor.name, role=visitor.role, secret=fresh)
        if request.method not in SAFE and path not in ANYONE_MAY_POST and not (visitor and visitor.may_act):
            return PlainTextResponse("a viewer changes nothing here", 403), ""
        return None, fresh

    def _admit_reader(self, request: Request, visitor: Visitor | None) -> Response | None:
        """Let a feed reader pass: it cannot fill in a form, so that a token will do, for the feeds alone."""
        if visitor is None and not any(
            hmac.compare_digest(given.encode(), token.get_secret_value().encode())
            for given in _feed_tokens(request)
            for token in self._desk.settings.feed_tokens
        ):
            return PlainTextResponse("a token is needed: docs/console.md, feeds", 401, headers=CHALLENGE)
        request.scope["rarewire.visitor"] = visitor or Visitor(name="feed reader", role="viewer", secret="")
        if request.method not in SAFE:
            return PlainTextResponse("a feed is only read", 405, headers={"allow": "GET, HEAD"})
        return None

    def _visitor(self, request: Request, secret: str) -> Visitor | None:
        if not self._desk.users:
            return Visitor(name="local", role="operator", secret=secret)
        token, given = self._desk.settings.console_token, request.headers.get("authorization", "")
        if token and hmac.compare_digest(given.encode(), f"Bearer {token.get_secret_value()}".encode()):
            return Visitor(name="token", role="viewer", secret=secrets.token_hex(16), signed_in=True)
        found = self._desk.sessions.find(secret) if secret else None
        if found is None or found[0] not in self._desk.users:
            return None
        # The settings, not the session, say what a user may do now.
        return Visitor(name=found[0], role=self._desk.users[found[0]].role, secret=secret, signed_in=True)

    def _known_host(self, request: Request) -> bool:
        """Whether it was asked for under a name of its own: a page elsewhere could have its name point here."""
        name = urlsplit(f"//{request.headers.get('host', '')}").hostname or ""
        return is_loopback(name) or name in self._desk.hosts

    def _cookie(self, secret: str) -> str:
        return cookie(secret, secure=self._desk.secure) if secret else ""


def _feed_tokens(request: Request) -> tuple[str, ...]:
    """Return what a reader offers: the password of basic authentication (whatever its user name), and `?token=`."""
    kind, _, value = request.headers.get("authorization", "").partition(" ")
    try:
        decoded = base64.b64decode(value, validate=True).decode() if kind.lower() == "basic" else ""
    except ValueError:
        decoded = ""
    return tuple(filter(None, (decoded.partition(":")[2], request.query_params.get("token", ""))))


def cookie(secret: str, *, secure: bool) -> str:
    """Return the header that sets the browser's secret."""
    return f"{COOKIE}={secret}; Path=/; HttpOnly; SameSite=Strict" + ("; Secure" if secure else "")


def _to_login(request: Request) -> Response:
    if request.method not in SAFE or request.url.path in {"/metrics", "/live"}:
        return PlainTextResponse("sign in first", 401)
    target = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return RedirectResponse(f"/login?next={quote(target)}", 303)


def _with_headers(send: Send, set_cookie: str) -> Send:
    async def sending(event: Any) -> None:
        if event["type"] == "http.response.start":
            headers = MutableHeaders(scope=event)
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
            if set_cookie and "set-cookie" not in headers:
                headers.append("set-cookie", set_cookie)
        await send(event)

    return sending


def act(path: str, view: View, *, for_all: bool = False) -> Route:
    """Return the route of something that changes things: POST, from our own page, by an operator (unless `for_all`)."""

    async def endpoint(request: Request) -> Response:
        if not _same_origin(request):
            return message(request, "Refused", "The request came from another site.", status=403)
        if not _of_known_size(request):
            return PlainTextResponse("the form is too large, or does not say how large it is", 413)
        form = await request.form(max_files=0, max_fields=MOST_FIELDS)
        visitor = visitor_of(request)
        if not hmac.compare_digest(str(form.get("csrf", "")), csrf_of(visitor.secret)):
            return message(
                request, "Please try again", "The form was too old, or came from another window.", status=403,
                do="Go back, reload the page and press the button again.",
            )  # fmt: skip
        if not for_all and not visitor.may_act:
            return message(request, "Refused", "A viewer changes nothing here.", status=403)
        return await run_in_threadpool(view, request, form)

    return Route(path, endpoint, methods=["POST"])


def _of_known_size(request: Request) -> bool:
    """Whether the body says its length and is small: it is read into memory, for anyone who may try to sign in."""
    length = request.headers.get("content-length", "")
    return length.isascii() and length.isdigit() and int(length) <= MOST_BYTES


def _same_origin(request: Request) -> bool:
    origin = request.headers.get("origin")
    if origin is None:
        return request.headers.get("sec-fetch-site", "same-origin") in {"same-origin", "none"}
    public = desk_of(request).settings.console_url
    return urlsplit(origin).netloc in {request.headers.get("host", ""), urlsplit(public).netloc} - {""}
