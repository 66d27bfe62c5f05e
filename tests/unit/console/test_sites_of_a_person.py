"""Sites as an operator meets them: the commands and the screens, on the real server."""

from __future__ import annotations

import html
import json
from typing import TYPE_CHECKING

import pytest
from starlette.testclient import TestClient
from typer.testing import CliRunner

from console.cli.main import app
from console.notice_rows import notice_rows
from console.web.app import make_app
from console.web.desk import COOKIE, csrf_of
from shared.settings import Settings, settings
from shared.stores.audit import AuditStore
from shared.stores.notices import NoticeStore
from shared.stores.sites import SiteStore
from workers.extract.core.memory import Fingerprint, PageBlocks, fingerprint
from workers.extract.lesson import PageLesson

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from shared.stores.connection import Database

SITE = "paper.example"
ABOUT = (
    "About the paper: we <b>have told</b> the region what it needs to know since the first press stood by the harbour."
)
SENTENCE = (
    "The {} council met at the harbour to speak about the price of ore, and its members went home late that evening."
)
PAGE = "<html><head><title>Ore at the harbour</title></head><body><article><h1>Ore at the harbour</h1>{}</article></body></html>"


def lesson(number: int, chars: int = 2_000) -> PageLesson:
    texts = [SENTENCE.format("x" * number + letter) for letter in "abcd"] + [ABOUT]
    blocks = tuple(Fingerprint(key=fingerprint(text), text=text, chars=len(text), kept=True) for text in texts)
    return PageLesson(page=PageBlocks(article=str(number), title="y" * number, blocks=blocks), chars=chars)


@pytest.fixture
def world(database: Database, server_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Database]:
    monkeypatch.setenv("RAREWIRE_REDIS_URL", server_url)
    monkeypatch.setenv("RAREWIRE_STATE_DIR", str(tmp_path))
    settings.cache_clear()
    store = SiteStore(database)
    for number in range(1, 50):
        store.learn(SITE, lesson(number, chars=2_000 if number < 40 else 0))
    yield database
    settings.cache_clear()


def run(*arguments: str, code: int = 0) -> str:
    result = CliRunner().invoke(app, list(arguments))
    assert result.exit_code == code, result.output
    return result.stdout


def test_a_site_is_listed_with_its_drift(world: Database) -> None:
    (found,) = json.loads(run("sites", "list", "--json"))
    assert (found["site"], found["state"], found["learnt"], found["pages"]) == (SITE, "drifting", 1, 49)
    assert found["success"]["recent"] < found["success"]["before"]
    assert SITE in run("sites", "list")


def test_one_site_is_shown_with_what_is_left_out(world: Database) -> None:
    found = json.loads(run("sites", "show", SITE, "--json"))
    assert found["texts"] == [{"text": ABOUT, "chars": len(ABOUT), "seen": 49, "of": 49}]
    assert "49 of 49" in run("sites", "show", SITE)
    run("sites", "show", "other.example", code=3)


def test_a_reset_is_asked_for_and_written_down(world: Database) -> None:
    run("sites", "reset", SITE, code=2)
    run("sites", "reset", SITE, "--why", "a test", "--yes")
    run("sites", "reset", SITE, "--yes", code=3)
    assert json.loads(run("sites", "list", "--json")) == []
    (act,) = AuditStore(world).acts()
    assert (act.what, act.scope, act.why, act.count) == ("site begun anew", SITE, "a test", 1)


def test_the_screens_show_it_harmlessly_and_begin_anew(world: Database, server_url: str, tmp_path: Path) -> None:
    console = TestClient(
        make_app(Settings(redis_url=server_url, state_dir=tmp_path), database=world),
        base_url="http://127.0.0.1",
        follow_redirects=False,
    )
    listed = console.get("/sites")
    assert listed.status_code == 200
    assert f"/sites/{SITE}" in listed.text
    assert "drifting" in listed.text
    shown = console.get(f"/sites/{SITE}").text
    assert "we &lt;b&gt;have told" in shown
    assert console.get("/sites/other.example").status_code == 404
    form = {"csrf": csrf_of(console.cookies.get(COOKIE) or ""), "verb": "reset", "why": "a test"}
    assert console.post(f"/sites/{SITE}/change", data={**form, "verb": "burn"}).status_code == 400
    assert SiteStore(world).count() == 1
    assert console.post(f"/sites/{SITE}/change", data=form).status_code == 303
    assert SiteStore(world).count() == 0
    assert AuditStore(world).acts()[0].scope == SITE
    assert "No site has been read yet" in console.get("/sites").text


def test_a_notice_of_drift_leads_to_its_site(world: Database) -> None:
    NoticeStore(world).add(kind="drift", about=SITE, detail="pages are not read as they were")
    assert notice_rows(world, 1)[0]["href"] == f"/sites/{SITE}"


def test_extract_tells_each_block_and_the_article(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text(PAGE.format("".join(f"<p>{SENTENCE.format(word)}</p>" for word in ("old", "new", "young"))))
    found = json.loads(run("extract", str(page), "--url", "https://paper.example/a", "--json", "--explain"))
    assert found["title"] == "Ore at the harbour"
    assert found["text"] == "\n\n".join(found["paragraphs"])
    assert SENTENCE.format("old") in found["paragraphs"]
    assert {"authors", "published_at", "language", "canonical_url", "quality", "path", "extractor"} <= set(found)
    assert {"kept", "kind", "score", "why", "text"} == set(found["blocks"][0])
    assert "Ore at the harbour" in run("extract", str(page))


def test_extract_says_by_its_exit_code_that_there_is_no_article(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text("<html><body><p>Nothing.</p></body></html>")
    assert json.loads(run("extract", str(page), "--json", code=3))["dropped"] in {"no_article", "too_short"}
    run("extract", str(tmp_path / "missing"), code=1)


def test_extract_uses_what_was_learnt_when_asked_to(world: Database, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    texts = [*(SENTENCE.format(word) for word in ("old", "new", "young")), html.escape(ABOUT)]
    page.write_text(PAGE.format("".join(f"<p>{text}</p>" for text in texts)))
    arguments = ("extract", str(page), "--url", f"https://www.{SITE}/a", "--json", "--memory")
    assert not any("About the paper" in text for text in json.loads(run(*arguments))["paragraphs"])
    run("extract", str(page), "--memory", code=1)
