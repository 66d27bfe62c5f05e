"""WebSub, the subscriber's side."""

from __future__ import annotations

import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers.poll.core import ParsedFeed
from workers.poll.core.websub import (
    Advertised,
    Verified,
    advertised,
    authentic,
    links_in_header,
    secret_for,
    subscription,
    token_for,
    verified,
)

URL = "https://news.example.com/feed"
TOPIC = "https://news.example.com/feed.xml"


def test_the_header_goes_before_the_document() -> None:
    feed = ParsedFeed(version="rss20", hubs=("https://doc-hub.example.com/",), self_url="https://news.example.com/doc")
    header = f'<https://hub.example.com/>; rel="hub", <{TOPIC}>; rel=self'
    assert advertised(feed, link_header=header, url=URL) == Advertised(hub="https://hub.example.com/", topic=TOPIC)
    assert advertised(feed, url=URL) == Advertised(
        hub="https://doc-hub.example.com/", topic="https://news.example.com/doc"
    )


def test_without_a_hub_nothing_is_advertised_and_without_a_self_the_address_is_the_topic() -> None:
    assert advertised(ParsedFeed(version="rss20", self_url=TOPIC), url=URL) is None
    found = advertised(ParsedFeed(version="rss20"), link_header="</hub>; rel=hub", url=URL)
    assert found == Advertised(hub="https://news.example.com/hub", topic=URL)


@pytest.mark.parametrize(
    ("value", "pairs"),
    [
        ('<a>; rel="hub self"', [("hub", "a"), ("self", "a")]),
        ('<a>; title="x, y"; REL=Hub , <b>;rel=next', [("hub", "a"), ("next", "b")]),
        ("<a>", []),
        ("", []),
        ("<<<>>>;;;rel", []),
    ],
)
def test_link_headers_are_read(value: str, pairs: list[tuple[str, str]]) -> None:
    assert links_in_header(value) == pairs


@given(st.text(alphabet='<>;,=" relhub', max_size=200))
def test_no_link_header_makes_it_fail(value: str) -> None:
    links_in_header(value)


def test_a_subscription_asks_for_a_signed_push() -> None:
    fields = subscription(TOPIC, callback="https://me.example.com/websub/t", secret="s", lease=60)
    assert fields == {
        "hub.mode": "subscribe",
        "hub.topic": TOPIC,
        "hub.callback": "https://me.example.com/websub/t",
        "hub.secret": "s",
        "hub.lease_seconds": "60",
    }


QUERY = {"hub.mode": "subscribe", "hub.topic": TOPIC, "hub.challenge": "echo me", "hub.lease_seconds": "86400"}


def test_a_subscription_that_we_want_is_affirmed() -> None:
    assert verified(QUERY, topic=TOPIC, wanted=True) == Verified(challenge="echo me", lease=86_400)


@pytest.mark.parametrize(
    "change",
    [
        {"hub.topic": "https://evil.example.com/"},
        {"hub.mode": "unsubscribe"},
        {"hub.mode": "denied"},
        {"hub.challenge": ""},
        {"hub.challenge": "x" * 5_000},
    ],
)
def test_anything_else_is_refused(change: dict[str, str]) -> None:
    assert verified(QUERY | change, topic=TOPIC, wanted=True) is None


def test_nobody_subscribes_us_against_our_will_and_who_wants_out_gets_out() -> None:
    assert verified(QUERY, topic=TOPIC, wanted=False) is None
    left = verified(QUERY | {"hub.mode": "unsubscribe"}, topic=TOPIC, wanted=False)
    assert left == Verified(challenge="echo me", lease=0)


@pytest.mark.parametrize(("asked", "given"), [("1", 3_600), ("99999999", 90 * 86_400), ("", 864_000), ("-5", 864_000)])
def test_a_lease_is_kept_within_reason(asked: str, given: int) -> None:
    answer = verified(QUERY | {"hub.lease_seconds": asked}, topic=TOPIC, wanted=True)
    assert answer is not None
    assert answer.lease == given


def signed(body: bytes, method: str, secret: str = "s") -> str:
    return f"{method}={hmac.new(secret.encode(), body, getattr(hashlib, method)).hexdigest()}"


@pytest.mark.parametrize("method", ["sha256", "sha384", "sha512"])
def test_a_push_with_a_good_signature_is_authentic(method: str) -> None:
    assert authentic(b"news", signature=signed(b"news", method), secret="s")
    assert authentic(b"news", signature=signed(b"news", method).upper(), secret="s")


@pytest.mark.parametrize(
    "signature",
    [
        "",
        "sha256=",
        signed(b"news", "sha1"),
        signed(b"news", "md5"),
        signed(b"other", "sha256"),
        signed(b"news", "sha256", "wrong"),
        signed(b"news", "sha256")[:-1],
        "sha256=é",
        "none=" + signed(b"news", "sha256").partition("=")[2],
    ],
)
def test_a_push_without_one_is_not(signature: str) -> None:
    assert not authentic(b"news", signature=signature, secret="s")


def test_without_a_secret_nothing_is_authentic() -> None:
    assert not authentic(b"news", signature=signed(b"news", "sha256", ""), secret="")


def test_secrets_and_tokens_differ_by_feed_and_by_purpose() -> None:
    made = {secret_for("a", master=b"m"), secret_for("b", master=b"m"), secret_for("a", master=b"n")}
    assert len(made | {token_for("a", master=b"m"), token_for("b", master=b"m")}) == 5
    assert all(len(secret) < 200 for secret in made)
