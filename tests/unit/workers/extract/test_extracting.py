"""From a page to its article, whole."""

from __future__ import annotations

import json
import random
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.outcomes import Reason
from workers.extract.core import Witness, article_of, extract, text_of

URL = "https://daily.example.org/2025/11/24/plant"
TITLE = "Magnet plant opens on the coast"
BODY = [
    "A plant that makes sintered magnets opened on Monday on the country's western coast, the first of its kind in the region, the operator said.",
    "The line is to make 900 tonnes a year at first, enough for the motors of about half a million cars, and may be doubled before the end of the decade.",
    "“We have buyers for everything that we can make until 2029,” the head of the company told reporters at the gate. She did not name them.",
    "Oxides come from a separation works two hundred kilometres inland, which began deliveries in the spring after three years of delays.",
    "Officials hope that the two works will draw makers of motors and turbines to the harbour town, where a shipyard closed ten years ago.",
]


def page(*, footer: str = "", body: list[str] | None = None, title: str = TITLE, lang: str = "en") -> str:
    text = "".join(f"<p>{line}</p>" for line in (BODY if body is None else body))
    menu = "".join(f'<li><a href="/s/{n}">Section {n}</a></li>' for n in range(9))
    teasers = "".join(
        f'<div class="teaser"><h3><a href="/t/{n}">Some other story number {n}</a></h3></div>' for n in range(6)
    )
    return (
        f'<!doctype html><html lang="{lang}"><head><title>{title} - The Daily</title><meta property="og:title" content="{title}">'
        f'<meta property="og:site_name" content="The Daily"></head><body><nav><ul>{menu}</ul></nav>'
        f'<main><article><h1>{title}</h1><div class="byline">By Ada Lund</div><div class="article-body">{text}{footer}</div></article></main>'
        f'<aside class="sidebar"><h4>Most read</h4>{teasers}</aside><footer><p>© 2025 The Daily. All rights reserved.</p></footer></body></html>'
    )


FOOTERS = {
    "none": "",
    "bold labels": (
        '<p><strong>Also read: <a href="/a">A harbour for turbines</a></strong></p><p><strong>Do follow: <a href="https://fb.example/x">'
        'Facebook</a> | <a href="https://x.example/x">X</a></strong></p><p><strong>About us:</strong></p><p>The Daily is a leading platform '
        "for readers who want to know what moves the coast. It runs three conferences a year and reaches a million people.</p>"
    ),
    "other words": (
        '<p>You might also like: <a href="/a">A harbour for turbines</a></p><p>Find us on <a href="https://fb.example/x">Facebook</a>, '
        '<a href="https://t.example/x">Telegram</a></p><p><b>Our story:</b></p><p>Founded by fishermen, this paper has told the news of the coast for ninety years.</p>'
    ),
    "a heading": "<h4>About The Daily</h4><p>The Daily reports on trade and industry from nine towns along the coast.</p>",
    "German": (
        '<p><strong>Lesen Sie auch: <a href="/a">Ein Hafen für Turbinen</a></strong></p><p><strong>Über uns:</strong></p>'
        "<p>Wir berichten täglich aus neun Orten an der Küste über Handel und Gewerbe.</p>"
    ),
    "French": (
        '<p><strong>À lire aussi : <a href="/a">Un port pour les turbines</a></strong></p><p><strong>À propos :</strong></p>'
        "<p>Nous racontons chaque jour les marchés et les techniques de la côte.</p>"
    ),
}


@pytest.mark.parametrize("footer", FOOTERS.values(), ids=FOOTERS)
def test_an_article_is_its_title_and_paragraphs_whatever_its_footer_says(footer):
    article = extract(page(footer=footer), URL).article
    assert article is not None
    assert article.title == TITLE
    assert list(article.paragraphs) == BODY


def test_a_last_section_under_a_bold_heading_stays():
    last = "Ministers of five countries meet in the town in the spring to speak of how such works are to be paid for."
    article = extract(page(footer=f"<p><strong>What comes next:</strong></p><p>{last}</p>"), URL).article
    assert article is not None
    assert article.paragraphs[-1] == last


def test_lists_and_tables_of_the_article_keep_their_place_and_kind():
    listed = (
        "<h2>What the plant makes</h2><ul><li>Magnets for the motors of electric cars, from neodymium and praseodymium</li>"
        "<li>Magnets for wind turbines, with some dysprosium against the heat</li></ul>"
    )
    html = page(body=BODY[:3]).replace(f"<p>{BODY[2]}</p>", f"<p>{BODY[2]}</p>{listed}<p>{BODY[3]}</p><p>{BODY[4]}</p>")
    article = extract(html, URL).article
    assert article is not None
    kinds = dict(zip(article.paragraphs, article.kinds, strict=True))
    assert kinds["Magnets for wind turbines, with some dysprosium against the heat"] == "list_item"
    assert list(article.paragraphs)[:3] == BODY[:3]
    assert list(article.paragraphs)[-2:] == BODY[3:]


def test_the_feed_is_a_witness():
    bare = f"<html><body><article>{''.join(f'<p>{line}</p>' for line in BODY)}</article></body></html>"
    witness = Witness(title=TITLE, published_at=1_764_000_000.0, authors=("Ada Lund",), language="en-GB")
    article = extract(bare, "https://daily.example.org/x", witness=witness).article
    assert article is not None
    assert (article.title, article.authors, article.language, article.published_at_source) == (
        TITLE,
        ("Ada Lund",),
        "en",
        "feed",
    )


@pytest.mark.parametrize(
    ("html", "reason"),
    [
        ("", Reason.NO_ARTICLE),
        (b"", Reason.NO_ARTICLE),
        ("<html><body><script>app()</script></body></html>", Reason.NO_ARTICLE),
        ("<html><body><nav><a href='/'>Home</a></nav></body></html>", Reason.NO_ARTICLE),
        (page(body=["Opened on Monday."]), None),
    ],
    ids=["nothing", "no bytes", "a script's shell", "a menu", "one short line"],
)
def test_a_page_without_an_article_says_why(html, reason):
    found = extract(html, URL)
    assert found.article is None
    assert found.drop in ({reason} if reason else {Reason.TOO_SHORT, Reason.NO_ARTICLE})


def test_every_block_is_explained():
    found = extract(page(footer=FOOTERS["bold labels"]), URL)
    assert {block.kept for block in found.blocks} == {True, False}
    assert all(block.why for block in found.blocks)
    assert found.article is not None
    assert [block.text for block in found.blocks if block.kept] == list(found.article.paragraphs)


def test_an_article_says_where_it_comes_from_and_how_good_it_is():
    article = extract(page(), URL).article
    assert article is not None
    assert article.extractor
    assert article.path
    assert 0.5 < article.quality <= 1.0


def test_bytes_and_text_of_a_page_give_the_same_article():
    assert article_of(page().encode(), URL) == article_of(page(), URL)
    assert text_of(page(), URL) == "\n\n".join(BODY)
    assert text_of("", None) == ""


def test_the_order_of_pages_changes_nothing():
    pages = [page(footer=footer, lang=lang) for footer in FOOTERS.values() for lang in ("en", "")]
    first = [extract(one, URL) for one in pages]
    order = list(range(len(pages)))
    random.Random(3).shuffle(order)
    assert {at: extract(pages[at], URL) for at in order} == dict(enumerate(first))


def test_another_process_gives_the_same_article():
    code = (
        "import json, sys; from workers.extract.core import extract;"
        "f = extract(sys.stdin.read(), sys.argv[1]); print(json.dumps([f.article.model_dump(), [b.score for b in f.blocks]]))"
    )
    html = page(footer=FOOTERS["other words"])
    runs = [
        subprocess.run(
            [sys.executable, "-c", code, URL],
            input=html,
            capture_output=True,
            text=True,
            check=True,
            env={"PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2")
    ]
    here = extract(html, URL)
    assert here.article is not None
    assert runs[0] == runs[1]
    assert json.loads(runs[0]) == json.loads(
        json.dumps([here.article.model_dump(), [block.score for block in here.blocks]])
    )


@settings(deadline=None, max_examples=60)
@given(st.text(alphabet="<>/=\"' abpdivtrh1lu&;\n", max_size=600))
def test_any_markup_is_an_article_or_a_reason(markup):
    found = extract(f"<html><body>{markup}", URL)
    assert (found.article is None) == (found.drop is not None)
