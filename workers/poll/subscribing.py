"""Asking a feed's hub for pushes (WebSub), when that is due. A push is a doorbell: it makes the feed's next poll due.

What a hub sends is never read as news; the feed itself is asked, with all that a poll checks. So a forged or doubled
push costs one poll, and a lost one is made up for by the next.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlencode

import structlog

from schedulers.core.push import asked, subscription_due
from shared.errors import StageError
from workers.poll.core.websub import secret_for, subscription, token_for

if TYPE_CHECKING:
    from schedulers.core import FeedState
    from shared.http_client import HTTPClient
    from shared.settings import Settings
    from shared.stores.feeds import FeedStore

log = structlog.get_logger()


class Ports(Protocol):
    """What subscribing needs of the world."""

    @property
    def settings(self) -> Settings: ...  # noqa: D102
    @property
    def http(self) -> HTTPClient: ...  # noqa: D102
    @property
    def feeds(self) -> FeedStore: ...  # noqa: D102


def callback_url(base: str, feed_id: str, *, master: bytes) -> str:
    """Return the address that a hub pushes a feed to; its last part cannot be guessed."""
    return f"{base.rstrip('/')}/websub/{feed_id}/{token_for(feed_id, master=master)}"


def subscribe(feed_id: str, state: FeedState, ports: Ports, *, now: float) -> FeedState:
    """Ask the hub if it is due and we can be reached from outside; the hub verifies later, at the callback."""
    if not ports.settings.console_url or not subscription_due(state, now=now):
        return state
    master = ports.feeds.push_key()
    callback = callback_url(ports.settings.console_url, feed_id, master=master)
    form = subscription(state.topic, callback=callback, secret=secret_for(feed_id, master=master))
    try:
        answer = ports.http.post(
            state.hub, body=urlencode(form).encode(), content_type="application/x-www-form-urlencoded"
        )
        log.info("hub_asked", feed=feed_id, hub=state.hub, status=answer.status)
    except StageError as error:
        log.warning("hub_not_reached", feed=feed_id, hub=state.hub, reason=error.reason.value)
    return asked(state, now=now)
