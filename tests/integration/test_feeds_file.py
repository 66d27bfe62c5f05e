"""One's own feeds file is edited while the system runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from schedulers.emptied import begin_anew
from schedulers.feeds_file import FeedsFile
from schedulers.registry import Registry
from shared.stores.admission import admit
from shared.stores.notices import NoticeStore

if TYPE_CHECKING:
    from pathlib import Path

    from shared.stores.connection import Database

BLOCK = '[[feed]]\nname = "{0}"\nurl = "https://{0}.example.org/feed"\n'


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "feeds.toml"
    file.write_text(BLOCK.format("one"), encoding="utf-8")
    return file


def test_a_feed_that_is_added_to_the_file_is_watched_without_a_restart(path: Path, database: Database) -> None:
    file = FeedsFile(path=path)
    assert file.look(database) == 0, "the start has read it"
    path.write_text(BLOCK.format("one") + BLOCK.format("two"), encoding="utf-8")
    assert file.look(database) == 2
    assert {record["name"] for _, record in Registry(database).feeds.all()} == {"one", "two"}
    assert file.look(database) == 0
    assert NoticeStore(database).newest()[0]["kind"] == "feeds_file_read"


def test_a_file_that_cannot_be_used_changes_nothing_and_is_told_once(path: Path, database: Database) -> None:
    file = FeedsFile(path=path)
    path.write_text(BLOCK.format("one") + "[[feed]\n", encoding="utf-8")
    assert [file.look(database) for _ in range(3)] == [0, 0, 0]
    (notice,) = NoticeStore(database).newest()
    assert notice["kind"] == "feeds_file_refused"
    assert "is not TOML" in notice["detail"]
    assert Registry(database).feeds.ids() == []
    path.write_text(BLOCK.format("three"), encoding="utf-8")
    assert file.look(database) == 1


def test_a_file_that_is_away_for_a_moment_is_no_change(path: Path, database: Database) -> None:
    file = FeedsFile(path=path)
    path.unlink()
    assert file.look(database) == 0
    path.write_text(BLOCK.format("one"), encoding="utf-8")
    assert file.look(database) == 1
    assert len(NoticeStore(database).newest()) == 1


def test_a_state_that_was_emptied_under_us_is_begun_anew_with_the_feeds_of_the_file(
    path: Path, database: Database
) -> None:
    admit(database)
    assert not begin_anew(path, database)
    database.redis.flushall()
    assert begin_anew(path, database)
    assert {record["name"] for _, record in Registry(database).feeds.all()} == {"one"}
    assert NoticeStore(database).newest()[0]["kind"] == "state_emptied"
    assert not begin_anew(path, database)


def test_feeds_that_an_operator_removed_do_not_come_back_by_themselves(path: Path, database: Database) -> None:
    admit(database)
    assert not begin_anew(path, database)
    assert Registry(database).feeds.ids() == []
