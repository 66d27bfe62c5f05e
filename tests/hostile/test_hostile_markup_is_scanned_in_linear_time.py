"""Pages made to hold up whoever reads them. They run in threads here that nobody can kill, so each must end by itself."""

from __future__ import annotations

import pytest

from workers.fetch.core.pages import Fetched, judge_page
from workers.fetch.core.robots import judge_robots, robots_from

SIZE = 4_000_000
LIMIT = 60  # seconds: a second or two on an idle machine; what is not linear takes hours
TYPE = {"content-type": "text/html"}


def filled(piece: str, before: str = "<html><body>") -> bytes:
    return (before + piece * (SIZE // len(piece))).encode()


PAGES = {
    "attributes": filled("a=1 ", "<html><body><p "),
    "attributes without values": filled("a ", "<html><body><p "),
    "quotes": filled('"', "<html><body><p a="),
    "meta tags": filled("<meta "),
    "meta tags with a name": filled("<meta name=a content=b>"),
    "meta tags that never end": filled("<meta name=" + "a" * 1_900),
    "one attribute name": filled("a", "<html><meta "),
    "paragraphs": filled("<p>"),
    "paragraphs of white space": filled("<p>" + " " * 79),
    "links": filled("<a href=x>y</a>"),
    "links that never end": filled("<a "),
    "headings": filled("<h1>"),
    "titles": filled("<title>"),
    "comments": filled("<!--"),
    "scripts": filled("<script>"),
    "scripts in mixed case": filled("<ScRiPt></script>"),
    "styles that end": filled("<style></style>"),
    "nesting": filled("<div>"),
    "angles": filled("<"),
    "closing angles": filled(">"),
    "entities": filled("&amp;"),
    "an endless number": filled("9", "<html><body><p>&#"),
    "half entities": filled("&am"),
    "one word": filled("a"),
    "white space": filled(" "),
    "articleBody": filled('"articleBody":"'),
    "backslashes": filled("\\", '<html><script>"articleBody":"'),
    "strings": filled('"' + "a" * 199, "<html><script>"),
    "declared charsets": filled("<meta charset"),
    "refreshes": filled("<meta http-equiv=refresh content='0;url=" + " " * 400 + "'>"),
    "dots": filled(". "),
    "colons": filled(": ", "<title>"),
    "wide characters": filled("稀"),
    "phrases": filled("page not found "),
    "bytes that are no text": b"<html>" + bytes(range(128, 256)) * (SIZE // 128),
}


@pytest.mark.timeout(LIMIT)
@pytest.mark.parametrize("name", PAGES)
def test_a_hostile_page_is_judged_and_done_with(name: str) -> None:
    verdict = judge_page(
        Fetched(asked="https://a.example/b", url="https://a.example/b", headers=TYPE, body=PAGES[name])
    )
    assert verdict.charset or verdict.drop


@pytest.mark.timeout(LIMIT)
@pytest.mark.parametrize(
    "body",
    [
        b"User-agent: a1\n" * 16_000 + b"Allow: /1\n" * 25_000,
        b"".join(b"User-agent: a%d\n" % number for number in range(14_000)) + b"Disallow: /1\n" * 20_000,
        b"User-agent: *\n" * 18_000 + b"Disallow: /1\n" * 18_000,
        b"User-agent: *\nDisallow: /" + b"*a" * 240_000,
        b"User-agent: *\n" + b"Disallow: /*a*a*a*a*a*a*b$\n" * 15_000,
        b"\n" * 500_000,
        b"User-agent" * 50_000,
        bytes(range(256)) * 2_000,
    ],
)
def test_a_hostile_robots_txt_is_read_and_done_with(body: bytes) -> None:
    robots = robots_from(200, body)
    assert judge_robots(robots, "https://a.example/" + "a" * 1_900).delay is None
