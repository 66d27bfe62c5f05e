"""How a stage's work on one message ends. Every message ends in exactly one counted outcome.

    forwarded    the next stage has the work, or the stream has the event
    dropped      a normal result that goes no further, with its reason
    retried      the same input may work later, with the reason
    dead         it never will, or not within its tries: kept for the operator

A step returns `Forward`, `Drop` or `Defer`; retries and deaths are decided by the runner from the errors a step raises
(`shared.errors`). `Defer` is no outcome: the work goes back untouched because its turn has not come.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shared.lessons import Teaching
    from shared.messages import Message


class Disposition(StrEnum):
    """The four counted outcomes."""

    FORWARDED = "forwarded"
    DROPPED = "dropped"
    RETRIED = "retried"
    DEAD = "dead"


class Reason(StrEnum):
    """Why a message was dropped, retried or buried.

    Low in number on purpose: each is a metric label, a field of the dead letter and a filter in the console.
    """

    # poll
    NOT_MODIFIED = "not_modified"
    NOTHING_NEW = "nothing_new"
    NOT_A_FEED = "not_a_feed"
    FEED_PAUSED = "feed_paused"
    FEED_GONE = "feed_gone"
    # the web
    DNS = "dns"
    CONNECT = "connect"
    TLS = "tls"
    TIMEOUT = "timeout"
    PROTOCOL = "protocol"
    TRUNCATED = "truncated"
    BAD_URL = "bad_url"
    FORBIDDEN_ADDRESS = "forbidden_address"
    TOO_MANY_REDIRECTS = "too_many_redirects"
    TOO_LARGE = "too_large"
    BAD_ENCODING = "bad_encoding"
    RATE_LIMITED = "rate_limited"
    SERVER_ERROR = "server_error"
    CLIENT_ERROR = "client_error"
    NOT_FOUND = "not_found"
    GONE = "gone"
    FORBIDDEN = "forbidden"
    ROBOTS = "robots"
    NOT_HTML = "not_html"
    # walls: pages that answer 200 and are no article
    CONSENT_WALL = "consent_wall"
    LOGIN_WALL = "login_wall"
    CAPTCHA = "captcha"
    PAYWALL = "paywall"
    SOFT_404 = "soft_404"
    JAVASCRIPT_SHELL = "javascript_shell"
    ERROR_PAGE = "error_page"
    # extract
    HOSTILE_PAGE = "hostile_page"
    PAGE_EXPIRED = "page_expired"
    NO_ARTICLE = "no_article"
    TOO_SHORT = "too_short"
    # classify
    NOT_RARE_EARTH = "not_rare_earth"
    PASSING_MENTION = "passing_mention"
    UNCHANGED = "unchanged"
    # any stage
    WORKER_LOST = "worker_lost"
    BAD_MESSAGE = "bad_message"
    DISCARDED = "discarded"
    BUG = "bug"


@dataclass(frozen=True, kw_only=True)
class Save:
    """Fields to write onto a record (`feed`, `article`, …) in the same transaction that completes the work.

    `record` names the kind and `id` the one; a value of None removes the field. Values are strings.
    """

    record: str
    id: str
    fields: Mapping[str, str | None]


@dataclass(frozen=True, kw_only=True)
class Keep:
    """Bytes for the next stage (`family`: `page` or `text`), kept in the transaction that hands it the work."""

    family: str
    id: str
    data: bytes


@dataclass(frozen=True, kw_only=True)
class Notice:
    """Something an operator should know of, e.g. that a feed has moved; kept in a short list, newest first."""

    kind: str
    about: str
    detail: str = ""


@dataclass(frozen=True, kw_only=True)
class Later:
    """Work for a later time, queued with the outcome; the same work that waits for an earlier time stays there."""

    message: Message
    at: float  # epoch seconds


@dataclass(frozen=True, kw_only=True)
class Forward:
    """The work succeeded. `messages` go to the next stage (or the stream); none of them is also a success.

    `teaches` is written before the outcome is, so that a lost worker loses no lesson; learning is once an article.
    """

    messages: tuple[Message, ...] = ()
    saves: tuple[Save, ...] = ()
    note: Mapping[str, str] = field(default_factory=dict)
    again_at: float | None = None
    notices: tuple[Notice, ...] = ()
    later: tuple[Later, ...] = ()
    keeps: tuple[Keep, ...] = ()
    teaches: Teaching | None = None


@dataclass(frozen=True, kw_only=True)
class Drop:
    """A normal result that goes no further. `events`: what consumers are told of it all the same, as a retraction."""

    reason: Reason
    detail: str = ""
    saves: tuple[Save, ...] = ()
    note: Mapping[str, str] = field(default_factory=dict)
    again_at: float | None = None
    notices: tuple[Notice, ...] = ()
    later: tuple[Later, ...] = ()
    events: tuple[Message, ...] = ()
    teaches: Teaching | None = None


@dataclass(frozen=True, kw_only=True)
class Defer:
    """Not now: the work waits until `until` (epoch seconds) and costs no try."""

    until: float
    why: str


Outcome = Forward | Drop | Defer
