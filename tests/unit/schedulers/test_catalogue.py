"""The feeds file: what ships is sound, and what is wrong in one's own is said with file, entry and field."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from schedulers.catalogue import CatalogueError, load
from shared.urls import host

GOOD = '[[feed]]\nname = "A"\nurl = "https://a.example.com/feed"\nlanguage = "en"\n'


def written(tmp_path: Path, text: str | bytes) -> Path:
    path = tmp_path / "feeds.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_the_feeds_that_ship_are_many_real_and_in_many_languages() -> None:
    feeds = load()
    assert len(feeds) >= 25
    assert len({feed.language for feed in feeds}) >= 6
    assert all(feed.language and feed.tags for feed in feeds)
    assert all(feed.url.startswith("https://") for feed in feeds)
    assert len({feed.id for feed in feeds}) == len(feeds)
    assert max(Counter(host(feed.url) for feed in feeds).values()) <= 2
    assert sum(feed.seen == "unverified" for feed in feeds) <= 5


def test_a_block_becomes_a_feed_with_a_canonical_address(tmp_path: Path) -> None:
    (feed,) = load(written(tmp_path, GOOD.replace("https://a.example.com/feed", " HTTPS://A.example.com:443/feed#x ")))
    assert feed.url == "https://a.example.com/feed"
    assert (feed.name, feed.seen, feed.paused) == ("A", "unverified", False)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[[feed]", "is not TOML"),
        (b"\xff\xfe", "is not UTF-8"),
        ("", "must hold [[feed]] blocks"),
        ("[feed]\nname='x'\n", "must hold [[feed]] blocks"),
        (GOOD + "\n[other]\n", "must hold [[feed]] blocks and nothing else"),
        (GOOD + "\n[[feed]]\nname = 'B'\n", "feed 2 (B): url: Field required"),
        (GOOD + "\n[[feed]]\nurl = 'https://b.example.com/'\n", "feed 2 (without a name): name: Field required"),
        (GOOD + "\n[[feed]]\nname = 'B'\nurl = 'ftp://b.example.com/'\n", "feed 2 (B): url: only http"),
        (GOOD + "colour = 'red'\n", "feed 1 (A): colour: Extra inputs are not permitted"),
        (GOOD.replace('"en"', '"English"'), "feed 1 (A): language:"),
        (GOOD + GOOD.replace('"A"', '"B"'), "feed 2 (B): url: already feed 1"),
    ],
)
def test_an_error_says_where_and_what(tmp_path: Path, text: str | bytes, words: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(CatalogueError) as refused:
        load(path)
    assert str(refused.value).startswith(f"{path}: ")
    assert words in str(refused.value)


def test_a_missing_file_is_said_to_be_missing(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match="cannot be read: No such file"):
        load(tmp_path / "none.toml")
