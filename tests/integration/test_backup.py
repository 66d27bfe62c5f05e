"""The state goes into a file and comes back whole, on a real server."""

from __future__ import annotations

import gzip
import json
import stat

import pytest
from typer.testing import CliRunner

from console import backup
from console.cli.main import app
from demo.press import Press
from shared.messages import PageFetched
from shared.outcomes import Disposition
from shared.stores import blobs, keys
from shared.stores.archive import ArchiveStore
from shared.stores.articles import ArticleStore
from shared.stores.dead_letters import DeadLetterStore, Redrive, Scope
from shared.stores.feeds import FeedStore
from shared.stores.groups import GroupStore
from shared.stores.streams import StreamStore
from shared.stores.work import WorkStore
from shared.topology import Stage
from tests.integration.test_the_flow import Flow
from tests.world import populate, publish

STREAM = "rarewire:rare-earth:v1"
pytestmark = pytest.mark.integration


@pytest.fixture
def archive(database, tmp_path):
    """A lively world's archive, and what was in the world."""
    populate(database, dead=30, published=5, dropped=4, retries=3)
    work = WorkStore(database)
    page = PageFetched(
        article_id="a-page", url="https://x.example/1", final_url="https://x.example/1", feed_id="f", found_at=1.0,
        fetched_at=2.0, page_key="a-page",
    )  # fmt: skip
    blobs.pages(database).keep("a-page", b"<p>bytes \xff of a page</p>")
    work.add([page])
    assert work.claim(Stage.EXTRACT, most=1, lease=60)
    feed = FeedStore(database).ids()[0]
    database.redis.hset(keys.SEEN(feed), mapping={"e1": "h1 20000", "e2": "h2 20001"})
    GroupStore(database).add(STREAM, "readers", owner="team")
    DeadLetterStore(database).redrive(
        DeadLetterStore(database).names(most=2), "discard", Redrive(who="me", why="no use")
    )
    path = tmp_path / "state.jsonl"
    with path.open("wb") as file:
        backup.write(database, file)
    return path


def picture(database):
    """All that an archive promises to keep."""
    letters, feeds, work = DeadLetterStore(database), FeedStore(database), WorkStore(database)
    names = letters.names()
    store = ArchiveStore(database)
    return {
        "feeds": {one["id"]: (one["fields"], one["seen"]) for one in store.feeds()},
        "polls": {feed: feeds.next_poll(feed) for feed in feeds.ids()},
        "letters": {name: letters.get(name) for name in names},
        "order": names,
        "facets": {name: sorted(letters.facet(name)) for name in Scope.__dataclass_fields__},
        "lineage": {name: letters.lineage(name) for name in names},
        "articles": {one["id"]: one["fields"] for one in store.articles()},
        "retries": [(one["id"], one["tries"], one["at"]) for one in work.retries()],
        "owners": [(one.name, one.owner) for one in GroupStore(database).states(STREAM)],
        "numbers": database.redis.hgetall(keys.SEQUENCES()),
        "page": blobs.pages(database).read("a-page"),
        "claimed before": database.redis.hget(keys.WORK("extract", "a-page"), "m"),
    }


def test_an_empty_server_becomes_what_the_old_one_was(archive, database):
    before = picture(database)
    database.redis.flushall()
    found = backup.restore(database, archive)
    assert all(count == new for count, new in found.values())
    after = picture(database)
    assert after == before


def test_the_books_of_a_restored_system_balance(archive, database):
    database.redis.flushall()
    backup.restore(database, archive)
    work = WorkStore(database)
    books, backlog = work.books(), work.backlog()
    assert {stage.value: books.get(f"{stage}:in", 0) for stage in Stage} == {
        stage.value: backlog[stage]["waiting"] for stage in Stage
    }


def test_a_second_import_changes_nothing(archive, database):
    database.redis.flushall()
    backup.restore(database, archive)
    before, books = picture(database), WorkStore(database).books()
    assert {new for _, new in backup.restore(database, archive).values()} == {0}
    assert picture(database) == before
    assert WorkStore(database).books() == books


def test_what_is_there_already_stays_as_it_is(archive, database):
    feed = FeedStore(database).ids()[0]
    FeedStore(database).put(feed, {"name": "Called otherwise"})
    backup.restore(database, archive)
    assert FeedStore(database).get(feed)["name"] == "Called otherwise"


def test_a_published_article_is_not_published_again_after_a_restore(database, tmp_path):
    identity = publish(database, 1)
    path = tmp_path / "state.jsonl"
    with path.open("wb") as file:
        backup.write(database, file)
    assert ArticleStore(database).get(identity)["version:rare_earth"] == "1"
    database.redis.flushall()
    backup.restore(database, path)
    database.redis.delete(keys.WORK("fetch", identity))
    with pytest.raises(StopIteration):  # the record keeps it from being queued at all
        publish(database, 1)
    assert StreamStore(database).length(STREAM) == 0


def test_the_numbers_of_a_stream_go_on_where_they_were(archive, database):
    database.redis.flushall()
    backup.restore(database, archive)
    publish(database, 99)
    assert int(StreamStore(database).newest(STREAM, 1)[0][1]["sequence"]) == 6


def test_restored_dead_letters_can_be_retried(archive, database):
    database.redis.flushall()
    backup.restore(database, archive)
    letters = DeadLetterStore(database)
    names = letters.names(scope=Scope(stage="fetch"))
    assert letters.redrive(names, "retry") == len(names) > 0
    assert letters.count(Scope(stage="fetch")) == 0


def test_work_in_progress_is_due_at_once_without_a_death(archive, database):
    database.redis.flushall()
    backup.restore(database, archive)
    claimed = WorkStore(database).claim(Stage.EXTRACT, most=500, lease=5)
    assert [(one.deaths, one.tries) for one in claimed if one.id == "a-page"] == [(0, 0)]


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda lines: lines[:-1], "torn"),
        (lambda lines: lines[:5] + lines[6:], "torn"),
        (lambda lines: [*lines[:3], b"{not json\n", *lines[3:]], "line 4: is not JSON"),
        (lambda lines: [b'{"kind":"something else"}\n', *lines[1:]], "is no archive of rarewire"),
        (lambda lines: [lines[0].replace(b'"version":1', b'"version":2'), *lines[1:]], "reads up to 1"),
        (lambda lines: [*lines[:2], b'{"kind":"work","stage":"poll","id":"x"}\n', *lines[2:]], "line 3 (work): stage"),
        (lambda lines: [], "torn"),
    ],
    ids=["no end", "a line is missing", "not JSON", "another file", "a newer version", "a broken row", "empty"],
)
def test_a_broken_archive_changes_nothing(archive, database, spoil, words):
    lines = archive.read_bytes().splitlines(keepends=True)
    archive.write_bytes(b"".join(spoil(lines)))
    database.redis.flushall()
    with pytest.raises(backup.ArchiveError) as caught:
        backup.restore(database, archive)
    assert words in str(caught.value)
    assert database.redis.dbsize() == 0


def test_a_half_written_gzip_is_torn(archive, database):
    whole = gzip.compress(archive.read_bytes())
    archive.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(backup.ArchiveError, match="torn"):
        backup.check(archive)


def test_kinds_and_fields_of_a_later_minor_release_are_passed_over(archive, database):
    lines = archive.read_text(encoding="utf-8").splitlines()
    more = ['{"kind":"mood","of":"the moon"}']
    changed = [json.dumps({**json.loads(line), "later": True}) for line in lines]
    archive.write_text("\n".join([changed[0], *more, *changed[1:]]) + "\n", encoding="utf-8")
    before = picture(database)
    database.redis.flushall()
    backup.restore(database, archive)
    assert picture(database) == before


def test_the_commands_write_a_private_packed_file_and_read_it_back(database, server_url, tmp_path, monkeypatch):
    from shared import settings

    monkeypatch.setenv("RAREWIRE_REDIS_URL", server_url)
    settings.settings.cache_clear()
    populate(database, dead=3, published=1, dropped=0, retries=1)
    before = picture(database)
    file, run = tmp_path / "state.jsonl.gz", CliRunner()
    exported = run.invoke(app, ["export", str(file), "--texts", "--json"])
    assert exported.exit_code == 0
    assert json.loads(exported.stdout)["counts"]["dead"] == 3
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    database.redis.flushall()
    assert run.invoke(app, ["import", str(file)]).exit_code == 2, "without a terminal it wants --yes"
    assert run.invoke(app, ["import", str(file), "--dry-run"]).exit_code == 0
    assert database.redis.dbsize() == 0
    imported = run.invoke(app, ["import", str(file), "--yes", "--json"])
    assert imported.exit_code == 0, imported.output
    assert json.loads(imported.stdout)["rows"]["dead"] == {"found": 3, "new": 3}
    assert picture(database) == before
    assert list(ArticleStore(database).with_text())
    settings.settings.cache_clear()


def test_an_export_that_fails_leaves_the_old_file(database, server_url, tmp_path, monkeypatch):
    from shared import settings

    monkeypatch.setenv("RAREWIRE_REDIS_URL", server_url)
    settings.settings.cache_clear()
    file = tmp_path / "state.jsonl"
    file.write_text("the old one", encoding="utf-8")

    def fails(*_args, **_options):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(backup, "write", fails)
    answer = CliRunner().invoke(app, ["export", str(file)])
    assert answer.exit_code == 1
    assert file.read_text(encoding="utf-8") == "the old one"
    assert [one.name for one in tmp_path.iterdir()] == ["state.jsonl"]
    settings.settings.cache_clear()


def test_work_that_ended_after_the_export_comes_back_and_publishes_nothing_twice(database, server_url, tmp_path):
    flow = Flow(database, server_url)
    with Press(seed=6, outlets=4, stock=8, faults=False) as press:
        flow.watch(press)
        while not WorkStore(database).backlog()[Stage.CLASSIFY]["due"]:
            for stage in (Stage.POLL, Stage.FETCH, Stage.EXTRACT):
                flow.run(stage)
        path = tmp_path / "state.jsonl"
        with path.open("wb") as file:
            backup.write(database, file)
        flow.until_all_end(press)
        published = StreamStore(database).length(STREAM)
        assert published
        assert backup.restore(database, path)["work"][1] > 0
        flow.until_all_end(press)
        while flow.run(Stage.CLASSIFY):
            pass
    flow.ports.http.close()
    assert WorkStore(database).backlog()[Stage.CLASSIFY]["due"] == 0
    assert StreamStore(database).length(STREAM) == published
    work = WorkStore(database)
    books, backlog = work.books(), work.backlog()
    for stage in Stage:
        out = sum(books.get(f"{stage}:{kind}", 0) for kind in Disposition)
        assert books.get(f"{stage}:in", 0) == out + backlog[stage]["waiting"] + backlog[stage]["leased"]
