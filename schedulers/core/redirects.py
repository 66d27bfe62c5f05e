"""When a feed's address is changed: after three equal permanent redirects over at least a day. Pure."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING

from schedulers.core.state import FeedState, changed
from shared.urls import BadURLError, canonical, host

if TYPE_CHECKING:
    from schedulers.core.policy import PollingPolicy

PRIVATE_NAMES = ("localhost", ".localhost", ".local", ".internal", ".lan", ".home.arpa", ".test", ".invalid", ".onion")


def confirmed(state: FeedState, moved_to: str, *, now: float, policy: PollingPolicy) -> FeedState:
    """The state after a good answer that came by permanent redirects from `moved_to` (empty: from the address itself).

    A new address replaces the old once it was the answer `policy.moves` times over `policy.moves_over`; any other
    answer starts the count again.
    """
    if not moved_to or moved_to == state.url or not may_move(state.url, moved_to):
        return changed(state, moved_to="", moved_count=0, moved_since=0.0) if state.moved_to else state
    if moved_to != state.moved_to:
        return changed(state, moved_to=moved_to, moved_count=1, moved_since=now)
    count = state.moved_count + 1
    if count >= policy.moves and now - state.moved_since >= policy.moves_over:
        return changed(state, url=moved_to, moved_to="", moved_count=0, moved_since=0.0)
    return changed(state, moved_count=count)


def may_move(old: str, new: str) -> bool:
    """Whether `new` may ever replace `old`: a public http(s) address, and never from https back to http.

    Names that resolve to a private address are the HTTP client's to refuse, at each request.
    """
    try:
        address = canonical(new)
    except BadURLError:
        return False
    return is_public(address) and (address.startswith("https:") or not old.startswith("https:"))


def is_public(url: str) -> bool:
    """Whether the host of a canonical URL is a public name or address, as far as its text shows."""
    name = host(url).strip("[]").rstrip(".").lower()
    try:
        return ipaddress.ip_address(name).is_global
    except ValueError:
        return "." in name and not name.endswith(PRIVATE_NAMES)
