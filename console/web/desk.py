"""What every view of the console works with: the stores' database, the settings, the templates, and who is asking."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import time
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape
from starlette.responses import HTMLResponse, RedirectResponse

from console import words
from console.web import pictures
from console.web.exposure import users_of
from shared.stores.sessions import SessionStore

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from console.web.exposure import Role, User
    from shared.settings import Settings
    from shared.stores.connection import Database

HERE = Path(__file__).parent
COOKIE = "rarewire"
IDLE = 2 * 3600.0
DIGITS = 9
CODE = re.compile(r"`([^`<>]{1,200})`")

SCREENS = (
    # path, name, the key after `g`, icon
    ("/", "Overview", "o", "overview"),
    ("/articles", "Articles", "a", "articles"),
    ("/feeds", "Feeds", "e", "feeds"),
    ("/failures", "Failures", "f", "failures"),
    ("/retries", "Retries", "r", "retries"),
    ("/consumers", "Consumers", "c", "consumers"),
    ("/workers", "Workers", "w", "workers"),
    ("/sites", "Sites", "s", "sites"),
    ("/audit", "Audit", "u", "audit"),
)


@dataclass(frozen=True, kw_only=True)
class Visitor:
    """Who asks: a name, a role, and the cookie's secret that binds forms to this browser."""

    name: str
    role: Role
    secret: str
    signed_in: bool = False

    @property
    def may_act(self) -> bool:
        """Whether this one may change anything."""
        return self.role == "operator"

    @property
    def csrf(self) -> str:
        """The token that proves a form came from one of our own pages in this browser."""
        return csrf_of(self.secret)


def csrf_of(secret: str) -> str:
    """Return the form token that belongs to a cookie."""
    return hmac.new(secret.encode(), b"rarewire form", hashlib.sha256).hexdigest()


@dataclass(frozen=True, kw_only=True)
class Desk:
    """The console as a whole, kept on `app.state.desk`."""

    settings: Settings
    database: Database
    users: dict[str, User]
    sessions: SessionStore
    boot: str = field(default_factory=lambda: secrets.token_hex(4))

    @property
    def secure(self) -> bool:
        """Whether the public address is https, so that cookies must be Secure."""
        return self.settings.console_url.startswith("https:")

    @property
    def hosts(self) -> frozenset[str]:
        """Host names under which the console may be asked for when there is no login."""
        public = urlsplit(self.settings.console_url).hostname or ""
        return frozenset({self.settings.console_host, public} - {""})


def make_desk(settings: Settings, database: Database) -> Desk:
    """Put the console together. Raises ExposureError where `console_users` cannot be read."""
    most = settings.console_session_hours * 3600
    return Desk(
        settings=settings,
        database=database,
        users=users_of(settings.console_users),
        sessions=SessionStore(database, most=most, idle=min(IDLE, most)),
    )


def desk_of(request: Request) -> Desk:
    """Return the console that a request came to."""
    desk: Desk = request.app.state.desk
    return desk


def visitor_of(request: Request) -> Visitor:
    """Return who asks; the guard has put it there."""
    visitor: Visitor = request.scope["rarewire.visitor"]
    return visitor


@cache
def asset_version() -> str:
    """Return a short hash of the static files, so that browsers may keep them for ever."""
    digest = hashlib.sha256()
    for path in sorted((HERE / "static").iterdir()):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:10]


@cache
def templates() -> Environment:
    """Return the templates. Everything is escaped, always: the pages show hostile text."""
    environment = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.filters |= {
        "number": words.number,
        "duration": words.duration,
        "size": words.size,
        "coded": coded,
        "reason": lambda reason: words.meaning(reason).title,
        "query": urlencode,
    }
    environment.globals |= {
        "screens": SCREENS,
        "plural": words.plural,
        "meaning": words.meaning,
        "draw": {name: _markup(getattr(pictures, name)) for name in pictures.__all__},
    }
    return environment


def coded(text: str) -> Markup:
    """Return a text of ours as markup, with what stands between backticks as code; escaped like any other."""
    return Markup(CODE.sub(r"<code>\1</code>", str(escape(text))))  # noqa: S704 - escaped before


def _markup(draw: Any) -> Any:
    """Mark a picture as safe: `pictures` escapes the texts that it sets."""
    return lambda *arguments, **named: Markup(draw(*arguments, **named))  # noqa: S704 - our own SVG


def render(template: str, **values: Any) -> str:
    """Render one template with the clock at hand."""
    now = values.pop("now", None) or time.time()
    values["asset"] = f"/static/{asset_version()}"
    return templates().get_template(template).render(now=now, ago=lambda at: words.ago(float(at or 0), now), **values)


def page(request: Request, template: str, *, status: int = 200, **values: Any) -> Response:
    """Answer with a whole page."""
    visitor = visitor_of(request)
    values.setdefault("search", "")
    text = render(
        template,
        path=request.url.path,
        visitor=visitor,
        csrf=visitor.csrf,
        may_act=visitor.may_act,
        login_used=bool(desk_of(request).users),
        **values,
    )
    return HTMLResponse(text, status_code=status)


def message(request: Request, title: str, text: str, *, status: int = 200, do: str = "") -> Response:
    """Answer with a sentence instead of a blank page."""
    return page(request, "message.html", status=status, title=title, text=text, do=do)


def whole(text: str) -> int:
    """Return the number in a query, 0 where it is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= DIGITS else 0


def see_other(path: str, **query: str) -> Response:
    """Send the browser on after an act, so that reloading repeats nothing."""
    return RedirectResponse(path + ("?" + urlencode(query) if query else ""), status_code=303)
