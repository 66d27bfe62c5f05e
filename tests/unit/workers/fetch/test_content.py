"""Whether an answer is a page."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.outcomes import Reason
from workers.fetch.core.content import MAGIC, judge_content, judge_type, media_type, wants_page

PAGE = b"<!doctype html><html><body><p>Words</p></body></html>"


@pytest.mark.parametrize(
    "kind",
    [
        "text/html",
        "TEXT/HTML; charset=utf-8",
        "application/xhtml+xml",
        "",
        "text/plain",
        "application/octet-stream",
        "text/xml",
        "html",
        "charset=utf-8",
        "-",
        "application/json, text/html",
    ],
)
def test_a_page_is_one_under_every_type_that_servers_give_pages(kind: str) -> None:
    assert judge_content({"content-type": kind}, PAGE) is None


@pytest.mark.parametrize(
    "kind",
    [
        "application/pdf",
        "image/png",
        "video/mp4",
        "audio/mpeg",
        "application/zip",
        "application/json",
        "application/rss+xml",
        "text/css",
        "text/calendar",
    ],
)
def test_another_type_is_dropped_by_its_name_without_reading_it(kind: str) -> None:
    drop = judge_type({"content-type": kind})
    assert drop is not None
    assert (drop.reason, drop.detail) == (Reason.NOT_HTML, kind)
    assert not wants_page(200, {"content-type": kind})


def test_a_download_is_not_read() -> None:
    assert not wants_page(200, {"content-type": "text/html", "content-disposition": 'Attachment; filename="a.html"'})
    assert wants_page(200, {"content-type": "text/html", "content-disposition": "inline"})


def test_the_body_of_an_error_is_not_read() -> None:
    assert not wants_page(404, {"content-type": "text/html"})


@pytest.mark.parametrize(("magic", "name"), MAGIC)
def test_a_file_that_calls_itself_a_page_is_known_by_its_first_bytes(magic: bytes, name: str) -> None:
    drop = judge_content({"content-type": "text/html"}, magic + b"<p>" * 100)
    assert drop is not None
    assert (drop.reason, drop.detail) == (Reason.NOT_HTML, name)


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        (b"\x00\x00\x00\x20ftypisom" + bytes(50), "MP4 media"),
        (b'{"a": "<p>"}', "JSON"),
        (b'\n [{"a": 1}]', "JSON"),
        (b"<?xml version='1.0'?>\n<!-- c --><feed xmlns='http://www.w3.org/2005/Atom'></feed>", "a feed or other XML"),
        (b"  <rss version='2.0'></rss>", "a feed or other XML"),
        (b"words and no tag", "no markup"),
        (bytes(range(256)) * 9, "binary"),
    ],
)
def test_other_things_under_the_name_of_a_page_are_dropped(body: bytes, detail: str) -> None:
    drop = judge_content({"content-type": "text/html"}, body)
    assert drop is not None
    assert (drop.reason, drop.detail) == (Reason.NOT_HTML, detail)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig"])
def test_a_page_with_a_byte_order_mark_is_no_binary(encoding: str) -> None:
    assert judge_content({"content-type": "text/html"}, PAGE.decode().encode(encoding)) is None


def test_plain_text_that_is_no_page_is_dropped() -> None:
    drop = judge_content({"content-type": "text/plain"}, b"a < b and nothing else")
    assert drop is not None
    assert drop.reason is Reason.NOT_HTML


@pytest.mark.parametrize("body", [b"", b"  \r\n\t "])
def test_an_empty_page_has_no_article(body: bytes) -> None:
    drop = judge_content({"content-type": "text/html"}, body)
    assert drop is not None
    assert drop.reason is Reason.NO_ARTICLE


def test_the_last_of_several_types_counts() -> None:
    assert media_type({"content-type": "text/plain, text/html; charset=x"}) == "text/html"


@given(st.binary(max_size=300), st.text(max_size=30))
def test_any_bytes_under_any_type_are_judged(body: bytes, kind: str) -> None:
    drop = judge_content({"content-type": kind}, body)
    assert drop is None or drop.reason in {Reason.NOT_HTML, Reason.NO_ARTICLE}
