"""OPML both ways."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schedulers import opml
from schedulers.catalogue import FeedSource, load


def listed(*outlines: str) -> bytes:
    return f'<?xml version="1.0"?><opml version="2.0"><head/><body>{"".join(outlines)}</body></opml>'.encode()


def test_what_ships_survives_the_way_out_and_in() -> None:
    feeds = load()
    again = opml.read(opml.write(feeds).encode())
    assert again.rejected == ()
    assert [(one.name, one.url, one.tags) for one in again.feeds] == [(one.name, one.url, one.tags) for one in feeds]


def test_folders_become_tags() -> None:
    (feed,) = opml.read(
        listed(
            '<outline text="News"><outline text="Mines"><outline text="A" xmlUrl="https://a.example.com/f"/>'
            "</outline></outline>"
        )
    ).feeds
    assert (feed.name, feed.tags) == ("A", ("News/Mines",))


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("file:///etc/passwd", "only http and https"),
        ("http://127.0.0.1/feed", "not a public one"),
        ("http://192.168.1.1/", "not a public one"),
        ("http://[fd00::1]/", "not a public one"),
        ("http://intranet/feed", "not a public one"),
        ("http://2130706433/", "not a public one"),
        ("https://me:secret@a.example.com/", "user name or password"),
        ("not a url", "not a URL"),
    ],
)
def test_what_must_not_be_watched_is_rejected_by_name(url: str, why: str) -> None:
    taken = opml.read(
        listed(f'<outline text="Bad" xmlUrl="{url}"/>', '<outline text="A" xmlUrl="https://a.example.com/f"/>')
    )
    assert [one.url for one in taken.feeds] == ["https://a.example.com/f"]
    (rejected,) = taken.rejected
    assert (rejected.title, rejected.url) == ("Bad", url)
    assert why in rejected.why


def test_the_same_feed_twice_is_taken_once() -> None:
    taken = opml.read(
        listed(*[f'<outline text="{n}" xmlUrl="https://a.example.com/f{mark}"/>' for n, mark in enumerate(["", "#x"])])
    )
    assert len(taken.feeds) == 1
    assert taken.rejected[0].why == "named twice"


def test_a_feed_without_a_name_is_named_by_its_address() -> None:
    assert opml.read(listed('<outline xmlUrl="https://a.example.com/f"/>')).feeds[0].name == "https://a.example.com/f"


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"hello",
        b"<html><body><p>x</p></body></html>",
        b"\x00\x01",
        b"http://example.com/list.opml",
        b"/etc/passwd",
    ],
)
def test_what_is_no_list_is_refused(document: bytes) -> None:
    with pytest.raises(opml.OpmlError, match="no subscription list"):
        opml.read(document)


def test_a_list_too_large_or_too_deep_is_refused() -> None:
    with pytest.raises(opml.OpmlError, match="larger than"):
        opml.read(b" " * 5_000_001)
    with pytest.raises(opml.OpmlError, match="deep"):
        opml.read(listed(*['<outline text="x">'] * 30_000))


def test_entities_are_not_expanded() -> None:
    bomb = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    document = listed('<outline text="&a9;" xmlUrl="https://a.example.com/f"/>').replace(
        b"<opml", f'<!DOCTYPE opml [<!ENTITY a0 "ha">{bomb}]><opml'.encode(), 1
    )
    assert all(len(feed.name) < 200 for feed in opml.read(document).feeds)


NAMES = st.text(
    alphabet=st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cn", "Zs", "Zl", "Zp")),
    min_size=1,
    max_size=30,
)


@given(st.lists(st.tuples(NAMES, st.integers(0, 1000)), unique_by=lambda pair: pair[1], max_size=8))
def test_any_name_survives(pairs: list[tuple[str, int]]) -> None:
    feeds = [FeedSource(name=name, url=f"https://a.example.com/{number}?a=1&b=%22") for name, number in pairs]
    if feeds:
        again = opml.read(opml.write(feeds).encode()).feeds
        assert [(one.name, one.url) for one in again] == [(one.name, one.url) for one in feeds]
