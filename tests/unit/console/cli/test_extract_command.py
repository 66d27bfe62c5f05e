"""`rarewire extract` on a file: what it prints, where, and how it ends."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from console.cli.extract import extract
from console.cli.output import NOTHING, USAGE

TITLE = "A works for magnets opens in the hills"
BODY = (
    "The first magnets left the works on Monday, a month later than its owners had promised to the town.",
    "Four hundred people are to work there by the end of the year, most of them from the closed mill nearby.",
    "Oxides come from a separation plant on the coast, which has had troubles of its own since the spring.",
)
PAGE = (
    f'<html lang="en"><head><title>{TITLE}</title><meta property="og:title" content="{TITLE}">'
    '<meta property="article:published_time" content="2026-11-02T08:00:00Z"><meta name="author" content="Ada Lund">'
    '<link rel="canonical" href="https://daily.example.org/works"></head><body><nav><a href="/">Home</a></nav>'
    f"<article><h1>{TITLE}</h1>{''.join(f'<p>{line}</p>' for line in BODY)}</article></body></html>"
)
app = typer.Typer()
app.command()(extract)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "page.html"
    path.write_text(PAGE, encoding="utf-8")
    return path


def run(*arguments: object) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, [str(each) for each in arguments])
    return result.exit_code, result.stdout, result.stderr


def test_as_json_it_has_the_promised_fields(file: Path) -> None:
    code, out, _ = run(file, "--url", "https://daily.example.org/works?utm_source=x", "--json")
    told = json.loads(out)
    assert code == 0
    assert told["title"] == TITLE
    assert told["paragraphs"] == list(BODY)
    assert told["text"] == "\n\n".join(BODY)
    assert told["authors"] == ["Ada Lund"]
    assert told["published_at"] == "2026-11-02T08:00:00Z"
    assert (told["language"], told["canonical_url"]) == ("en", "https://daily.example.org/works")
    assert 0 <= told["quality"] <= 1


def test_as_json_with_explain_each_block_says_why(file: Path) -> None:
    _, out, _ = run(file, "--json", "--explain")
    blocks = json.loads(out)["blocks"]
    assert [block["text"] for block in blocks if block["kept"]] == list(BODY)
    assert all(block["why"] for block in blocks)


def test_as_markdown_it_is_a_document(file: Path) -> None:
    assert run(file, "--markdown")[:2] == (0, f"# {TITLE}\n\n" + "\n\n".join(BODY) + "\n")


def test_markdown_and_json_together_are_refused(file: Path) -> None:
    assert run(file, "--markdown", "--json")[0] == USAGE


def test_a_page_without_an_article_has_its_own_exit_code(tmp_path: Path) -> None:
    empty = tmp_path / "empty.html"
    empty.write_text("<html><body><nav><a href='/'>Home</a></nav></body></html>", encoding="utf-8")
    assert run(empty, "--markdown")[0] == NOTHING
    assert json.loads(run(empty, "--json")[1])["dropped"] == "no_article"


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7\n", b"<html><frameset><frame src=a></frameset></html>", b"{}"])
def test_what_holds_no_article_has_the_keys_of_one_and_says_why(tmp_path, content):
    path = tmp_path / "page.html"
    path.write_bytes(content)
    code, out, _ = run(path, "--json")
    found = json.loads(out)
    assert code == NOTHING
    assert {"title", "text", "paragraphs", "authors", "published_at", "language", "canonical_url", "quality"} < set(
        found
    )
    assert found["paragraphs"] == []
    assert found["dropped"] in {"no_article", "too_short"}
    assert found["detail"]


def test_a_file_that_is_not_there_is_told_in_words(tmp_path):
    code, _, talk = run(tmp_path / "nothing.html")
    assert code == 1
    assert "cannot read" in talk
    assert "Errno" not in talk
