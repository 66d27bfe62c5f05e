"""Documents that would keep feedparser busy for minutes are refused, ordinary ones are not."""

from __future__ import annotations

import pytest

from shared.errors import PermanentError
from shared.outcomes import Reason
from workers.poll.core import parse
from workers.poll.core.afford import MOST_SECONDS, seconds

HEAD = b'<?xml version="1.0"?><rss version="2.0" xmlns:x="http://www.itunes.com/dtds/podcast-1.0.dtd"><channel><item>'
SIZE = 400_000
HOSTILE = {
    "attributes": HEAD + b"<a " + b" ".join(b'a%d="1"' % number for number in range(SIZE // 10)) + b"/>",
    "an address without end": HEAD + b"<author>x@" + b"a." * (SIZE // 2) + b"</author>",
    "depth": HEAD + b"<a>" * (SIZE // 3),
    "bases": HEAD + b'<a xml:base="b/">' * (SIZE // 17),
    "keywords": HEAD + b"<x:keywords>" + b",".join(b"k%d" % number for number in range(SIZE // 7)) + b"</x:keywords>",
    "categories": HEAD + b"<x/>" + b"".join(b"<category>%d</category>" % number for number in range(SIZE // 20)),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_document_is_refused_unread(name: str) -> None:
    with pytest.raises(PermanentError) as refused:
        parse(HOSTILE[name], url="https://e.example.com/", now=1e9)
    assert refused.value.reason is Reason.HOSTILE_PAGE


@pytest.mark.parametrize(
    "opening", [b"<![CDATA[", b"<!--", b"<", b"&", b"<!DOCTYPE ", b"]]>", b"<item>", b"a@", b"<a "]
)
def test_the_price_of_any_document_is_found_in_linear_time(opening: bytes) -> None:
    # Six megabytes of each: a quadratic estimate would run into the suite's time limit.
    assert seconds(opening * (6_000_000 // len(opening))) > MOST_SECONDS


def test_an_ordinary_torn_feed_is_affordable() -> None:
    item = (
        b"<item><title>a & b</title><description><![CDATA["
        + b"<p class='x'>word</p>" * 200
        + b"]]></description></item>"
    )
    assert seconds(HEAD + item * 100) < MOST_SECONDS


def test_what_stands_in_a_cdata_section_is_no_markup() -> None:
    image = b"<img src='data:image/png;base64," + b"QUJD/" * 20_000 + b"'>"
    assert seconds(HEAD + b"<description><![CDATA[" + image + b"]]></description>") < MOST_SECONDS
