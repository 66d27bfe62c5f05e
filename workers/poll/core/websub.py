"""WebSub (https://www.w3.org/TR/websub/), the subscriber's side, as pure functions.

    advertised(…)          which hub, for which topic
    subscription(…)        the form to post to the hub
    verified(…)            what to answer when the hub asks whether we meant it
    authentic(…)           whether a push is the hub's
    secret_for, token_for  what only we can know, derived and never stored

When a subscription is due or its lease has to be renewed is decided in `schedulers.core.push`.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from workers.poll.core.entries import absolute

if TYPE_CHECKING:
    from collections.abc import Mapping

    from workers.poll.core.values import ParsedFeed

LONGEST_HEADER = 8_000
LONGEST_CHALLENGE = 1_000
LEASE = 10 * 86_400  # seconds that we ask for; the hub decides
LEASE_LEAST, LEASE_MOST = 3_600, 90 * 86_400
# Weaker ones, sha1 among them, prove nothing any more.
METHODS = {"sha256": hashlib.sha256, "sha384": hashlib.sha384, "sha512": hashlib.sha512}
LINK = re.compile(r"<([^<>]*)>([^<>]*)")
REL = re.compile(r";\s{0,9}rel\s{0,9}=\s{0,9}(?:\"([^\"]*)\"|([^\s;,\"]+))", re.IGNORECASE)
SECONDS = re.compile(r"\d{1,9}", re.ASCII)


@dataclass(frozen=True, kw_only=True, slots=True)
class Advertised:
    """A hub that pushes a topic."""

    hub: str
    topic: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Verified:
    """A hub's question that was ours to affirm: the body to answer 200 with, and the lease in seconds (0: it ended)."""

    challenge: str
    lease: int


def links_in_header(value: str) -> list[tuple[str, str]]:
    """The (rel, target) pairs of a Link header (RFC 8288); several headers may be joined by commas."""
    found: list[tuple[str, str]] = []
    for target, parameters in LINK.findall(value[:LONGEST_HEADER]):
        if rel := REL.search(parameters):
            found.extend((name.lower(), target.strip()) for name in (rel.group(1) or rel.group(2)).split())
    return found


def advertised(feed: ParsedFeed, *, link_header: str = "", url: str) -> Advertised | None:
    """The hub and topic of a feed fetched from `url`: HTTP headers before the document; None unless there is a hub."""
    links = [(rel, address) for rel, target in links_in_header(link_header) if (address := absolute(target, url))]
    hubs = [address for rel, address in links if rel == "hub"] or list(feed.hubs)
    topics = [address for rel, address in links if rel == "self"] or [feed.self_url or url]
    return Advertised(hub=hubs[0], topic=topics[0]) if hubs else None


def subscription(topic: str, *, callback: str, secret: str, lease: int = LEASE) -> dict[str, str]:
    """The form fields that ask a hub to push a topic to us, signed with `secret` (less than 200 bytes)."""
    return {
        "hub.mode": "subscribe",
        "hub.topic": topic,
        "hub.callback": callback,
        "hub.secret": secret,
        "hub.lease_seconds": str(lease),
    }


def verified(query: Mapping[str, str], *, topic: str, wanted: bool) -> Verified | None:
    """What to answer to a hub's verification, None to refuse it (404).

    `query` is the request's; `topic` is what was asked for under this callback; `wanted` whether we still want it.
    """
    mode, challenge = query.get("hub.mode", ""), query.get("hub.challenge", "")
    if query.get("hub.topic") != topic or not challenge or len(challenge) > LONGEST_CHALLENGE:
        return None
    if mode == "subscribe" and wanted:
        asked = query.get("hub.lease_seconds", "")
        lease = int(asked) if SECONDS.fullmatch(asked) else LEASE
        return Verified(challenge=challenge, lease=min(max(lease, LEASE_LEAST), LEASE_MOST))
    return Verified(challenge=challenge, lease=0) if mode == "unsubscribe" and not wanted else None


def authentic(body: bytes, *, signature: str, secret: str) -> bool:
    """Whether `X-Hub-Signature` proves that the sender knows the secret: by SHA-256 or better, in constant time."""
    method, _, digest = signature.partition("=")
    algorithm = METHODS.get(method.strip().lower())
    if algorithm is None or not secret:
        return False
    expected = hmac.new(secret.encode(), body, algorithm).hexdigest()
    return hmac.compare_digest(expected.encode(), digest.strip().lower().encode("utf-8", "replace"))


def secret_for(feed_id: str, *, master: bytes) -> str:
    """The secret that a hub signs a feed's pushes with, from the installation's master key."""
    return hmac.new(master, f"websub secret {feed_id}".encode(), hashlib.sha256).hexdigest()


def token_for(feed_id: str, *, master: bytes) -> str:
    """The last part of a feed's callback address: nobody can guess it."""
    return hmac.new(master, f"websub callback {feed_id}".encode(), hashlib.sha256).hexdigest()[:32]
