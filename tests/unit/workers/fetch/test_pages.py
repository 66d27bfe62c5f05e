"""The verdict on a page, in one call."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.outcomes import Reason
from workers.fetch.core.pages import Fetched, PageVerdict, judge_page

URL = "https://news.example/a/story"
PROSE = "<p>" + "The plant makes magnets for motors and looks for a second site near the port. " * 4 + "</p>"


def verdict(body: bytes | str, url: str = URL, asked: str = URL, **headers: str) -> PageVerdict:
    fields = {"content-type": "text/html", **{name.replace("_", "-"): value for name, value in headers.items()}}
    data = body if isinstance(body, bytes) else body.encode()
    return judge_page(Fetched(asked=asked, url=url, headers=fields, body=data))


def page(body: str, head: str = "") -> str:
    return f"<!doctype html><html><head><title>Plant looks for a second site</title>{head}</head><body><h1>Plant looks for a second site</h1>{body}</body></html>"


def test_an_article_passes_with_its_charset_rights_and_canonical_link() -> None:
    found = verdict(page(PROSE * 3, '<link rel="canonical" href="/a/story-1"><meta name="robots" content="noarchive">'))
    assert found == PageVerdict(charset="utf-8", rights="noarchive", canonical="https://news.example/a/story-1")


def test_a_file_is_dropped_before_anything_else_is_looked_at() -> None:
    found = verdict(b"%PDF-1.7 ...")
    assert found.drop is not None
    assert found.drop.reason is Reason.NOT_HTML


def test_a_page_that_sends_its_reader_on_is_followed_and_not_judged() -> None:
    found = verdict(
        '<html><head><title>Redirecting</title><meta http-equiv="refresh" content="0; url=/real"></head><body>Redirecting</body></html>'
    )
    assert (found.follow, found.drop) == ("https://news.example/real", None)


def test_a_wall_is_dropped_with_its_reason() -> None:
    found = verdict("<html><head><title>Page not found</title></head><body><h1>Page not found</h1></body></html>")
    assert found.drop is not None
    assert found.drop.reason is Reason.SOFT_404


def test_a_short_article_passes() -> None:
    assert verdict(page(PROSE)).drop is None


@pytest.mark.parametrize("codec", ["cp1251", "koi8-r", "utf-16-le"])
def test_a_wall_is_known_in_any_charset(codec: str) -> None:
    text = "<html><head><title>Страница не найдена</title></head><body><h1>404</h1><p>Запрашиваемая страница не существует.</p></body></html>"
    found = verdict(text.encode(codec), content_type=f"text/html; charset={codec}")
    assert found.drop is None or found.drop.reason in {Reason.SOFT_404, Reason.NOT_HTML}
    if codec != "utf-16-le":
        assert found.drop is not None


@settings(max_examples=60)
@given(
    st.lists(
        st.sampled_from(
            [
                "<p>",
                "</p>",
                "<div",
                ">",
                "<script>",
                "</script>",
                "<!--",
                "-->",
                "<meta charset=",
                '"',
                "'",
                "=",
                "&#9;",
                "&#99999999999;",
                "404",
                "稀土",
                "\x00",
                "<title>",
                "<h1>",
                "refresh",
                "http-equiv",
            ]
        ),
        max_size=60,
    )
)
def test_any_markup_gets_a_verdict(pieces: list[str]) -> None:
    assert isinstance(verdict("<html>" + "".join(pieces)), PageVerdict)


@settings(max_examples=60)
@given(st.binary(max_size=500))
def test_any_bytes_get_a_verdict(body: bytes) -> None:
    assert isinstance(verdict(body), PageVerdict)
