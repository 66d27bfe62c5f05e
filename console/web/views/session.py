"""Signing in and out."""

from __future__ import annotations

import secrets
import threading
from typing import TYPE_CHECKING

import structlog

from console.web.desk import COOKIE, desk_of, page, see_other, visitor_of
from console.web.exposure import signed_in
from console.web.guard import cookie
from shared.stores.audit import Act, AuditStore

if TYPE_CHECKING:
    from starlette.datastructures import FormData
    from starlette.requests import Request
    from starlette.responses import Response

# Failed attempts within five minutes after which no further password is looked at.
MOST_BY_NAME, MOST_BY_ADDRESS = 5, 20
ONE_AT_A_TIME = threading.Lock()  # a check takes 19 MiB on purpose; many at once would be an attack on our memory

log = structlog.get_logger()


def login_page(request: Request) -> Response:
    """Show the form."""
    if visitor_of(request).signed_in or not desk_of(request).users:
        return see_other("/")
    return page(request, "login.html", error="", next=_local(request.query_params.get("next", "/")))


def login(request: Request, form: FormData) -> Response:
    """Sign in, if name and password fit and there were not too many failures lately."""
    desk = desk_of(request)
    name, password = str(form.get("name", ""))[:100], str(form.get("password", ""))[:1_000]
    target = _local(str(form.get("next", "/")))
    address = request.client.host if request.client else "unknown"
    sessions = desk.sessions
    if sessions.failures(f"name {name}") >= MOST_BY_NAME or sessions.failures(f"address {address}") >= MOST_BY_ADDRESS:
        text = "Too many failed attempts. Wait five minutes and try again."
        return page(request, "login.html", status=429, error=text, next=target)
    with ONE_AT_A_TIME:
        user = signed_in(desk.users, name, password)
    if user is None:
        sessions.failed(f"name {name}")
        sessions.failed(f"address {address}")
        log.warning("login_refused", name=name, address=address)
        return page(request, "login.html", status=401, error="Name or password is wrong.", next=target)
    secret = sessions.start(user=user.name, role=user.role)
    AuditStore(desk.database).write(Act(who=user.name, what="signed in", scope=address, count=0))
    answer = see_other(target)
    answer.headers.append("set-cookie", cookie(secret, secure=desk.secure))
    return answer


def logout(request: Request, form: FormData) -> Response:
    """End the session on the server, too."""
    del form
    desk = desk_of(request)
    desk.sessions.end(request.cookies.get(COOKIE, ""))
    answer = see_other("/login" if desk.users else "/")
    answer.headers.append("set-cookie", cookie(secrets.token_urlsafe(32), secure=desk.secure))
    return answer


def _local(target: str) -> str:
    """Return a path of our own to go on to; never another site."""
    return target if target.startswith("/") and not target.startswith(("//", "/\\")) and "\n" not in target else "/"
