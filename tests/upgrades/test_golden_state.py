"""The golden files of every release are read, and the work in them is done, by the code of today."""

from __future__ import annotations

import base64
import json
import re
from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from console import backup
from console.conformance.server import ThrowAwayServer
from console.doctor import Level, questions
from schedulers.core import FeedState
from shared.article import Article
from shared.events import parse
from shared.messages import ALL
from shared.stores import blobs, keys
from shared.stores.admission import UnusableServerError, admit, layout
from shared.stores.dead_letters import DeadLetterStore
from shared.stores.feeds import FeedStore
from shared.stores.groups import GroupStore
from shared.stores.sites import SiteStore
from shared.stores.streams import StreamStore
from shared.stores.work import WorkStore
from shared.topology import TOPOLOGY, Stage
from tests.deploy.places import Start
from tests.deploy.running import LOOPBACK, Place, wait
from tests.integration.test_the_flow import STREAM, Flow
from tests.upgrades.golden import BROKER, dump, load
from workers.poll.core.seen import Seen

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shared.stores.connection import Database

pytestmark = pytest.mark.integration
BRIEF = 120_000  # milliseconds: what lives shorter may be gone when it is looked for on a busy machine
RELEASES = sorted(path for path in (Path(__file__).parent / "golden").iterdir() if path.is_dir())


@pytest.fixture(params=RELEASES, ids=lambda path: path.name)
def release(request: pytest.FixtureRequest) -> Path:
    return request.param


@pytest.fixture
def state(release: Path, database: Database) -> Database:
    """A server that holds what the release left behind."""
    load(database, release / "state.jsonl")
    return database


def rows(release: Path) -> list[dict]:
    return [json.loads(line) for line in (release / "state.jsonl").read_text(encoding="utf-8").splitlines()]


def test_the_golden_state_is_a_whole_one(release):
    found = {row["key"] for row in rows(release)}
    for stage in (Stage.FETCH, Stage.EXTRACT, Stage.CLASSIFY):
        assert any(key.startswith(keys.WORK(stage, "")) for key in found), f"work waits at {stage}"
    for family in (keys.FEED, keys.ARTICLE, keys.TEXT, keys.PAGE, keys.DEAD, keys.SITE, keys.SHINGLE):
        assert any(key.startswith(family("")) for key in found), family.pattern


def test_what_is_put_back_is_what_was_dumped(release, state):
    found = {row["key"]: (row["type"], row["value"]) for row in json.loads(json.dumps(list(dump(state))))}
    kept = {row["key"]: (row["type"], row["value"]) for row in rows(release)}
    brief = {row["key"] for row in rows(release) if 0 < row["lifetime"] < BRIEF}
    assert found | {key: kept[key] for key in brief} == kept


def test_every_key_belongs_to_a_family_of_today(release):
    families = [re.compile(keys.PREFIX + re.escape(key.pattern).replace(r"\{\}", ".+")) for key in keys.ALL]
    ours = [row["key"] for row in rows(release) if row["key"].startswith(keys.PREFIX)]
    assert [key for key in ours if not any(family.fullmatch(key) for family in families)] == []


def test_the_layout_is_admitted_and_doctor_is_content(state):
    admit(state)
    assert layout(state) <= keys.LAYOUT
    assert [one for one in questions(state) if one.level is Level.BAD] == []


def test_every_waiting_message_is_read(state):
    classes = {stage: row.takes for stage, row in TOPOLOGY.items()}
    assert set(classes.values()) < set(ALL)
    for stage, kind in classes.items():
        for key in state.redis.scan_iter(match=keys.WORK(stage, "*")):
            message = kind.model_validate_json(state.redis.hget(key, "m"))
            assert message.id == key.removeprefix(keys.WORK(stage, ""))


def test_feeds_articles_texts_letters_groups_sites_and_events_are_read(state):
    assert all(FeedState.from_fields(fields).url for _, fields in FeedStore(state).all())
    texts = list(state.redis.scan_iter(match=keys.TEXT("*")))
    assert all(
        Article.model_validate_json(blobs.texts(state).read(key.removeprefix(keys.TEXT("")))).paragraphs
        for key in texts
    )
    letters = DeadLetterStore(state)
    assert len(list(letters.letters(letters.names()))) == letters.count() > 0
    assert [(group.name, group.owner) for group in GroupStore(state).states(STREAM)] == [("readers", "a team")]
    assert all(site["pages"] for site in SiteStore(state).list())
    entries = [fields for _, fields in StreamStore(state).range(STREAM)]
    assert entries
    assert all(parse(fields).data is not None for fields in entries)


@pytest.fixture
def flow(state: Database, server_url: str) -> Iterator[Flow]:
    made = Flow(state, server_url)
    yield made
    made.ports.http.close()


def test_work_that_waited_is_done_and_the_books_balance(state, flow):
    work = WorkStore(state)
    waiting = {stage: work.backlog()[stage]["due"] for stage in (Stage.EXTRACT, Stage.CLASSIFY)}
    assert all(waiting.values())
    before = work.books()
    for stage in (Stage.EXTRACT, Stage.CLASSIFY):
        flow.run(stage)
    books, backlog = work.books(), work.backlog()
    assert not any(":bug" in name for name in Counter(books) - Counter(before))
    assert (
        sum(books[f"extract:{end}"] - before.get(f"extract:{end}", 0) for end in ("forwarded",))
        == waiting[Stage.EXTRACT]
    )
    for stage in (Stage.EXTRACT, Stage.CLASSIFY):
        out = sum(books.get(f"{stage}:{kind}", 0) for kind in ("forwarded", "dropped", "retried", "dead"))
        assert books[f"{stage}:in"] == out + backlog[stage]["waiting"] + backlog[stage]["leased"]


def test_dead_letters_of_an_older_release_can_be_retried(state):
    letters = DeadLetterStore(state)
    names = letters.names()
    assert letters.redrive(names, "retry") == len(names) > 0


def test_what_a_feed_has_shown_is_not_new_again(state):
    feeds = FeedStore(state)
    shown = {feed: feeds.seen(feed) for feed in feeds.ids()}
    memories = [Seen.decode(entries["known"]) for entries in shown.values() if entries]
    assert sum(len(memory.current) for memory in memories) >= 10


def test_an_archive_of_an_older_release_is_imported_whole(release, database):
    found = backup.restore(database, release / "archive.jsonl")
    assert found["work"][0] > 0
    assert all(count == new for count, new in found.values())
    lines = map(json.loads, (release / "archive.jsonl").read_text(encoding="utf-8").splitlines())
    page = next(line for line in lines if line.get("family") == "page")
    assert database.blob(keys.PAGE(page["id"])) == base64.b64decode(page["data"])


@pytest.mark.e2e
def test_a_worker_of_today_hears_a_doorbell_of_an_older_release(release, tmp_path):
    """Nobody else rings: neither beat nor scheduler runs."""
    start = Start(role="text", command=("rarewire", "run", "text"), environment={}, probe=(), grace=30.0)
    bells = json.loads((release / "doorbells.json").read_text(encoding="utf-8"))
    with ExitStack() as stack:
        server = stack.enter_context(ThrowAwayServer(tmp_path / "server"))
        database = server.database()
        load(database, release / "state.jsonl")
        place = Place([start], folder=tmp_path, common={**LOOPBACK, "RAREWIRE_REDIS_URL": server.url})
        stack.callback(place.close)
        place.start()
        due = WorkStore(database).backlog()[Stage.CLASSIFY]["due"]
        assert due
        queue = TOPOLOGY[Stage.CLASSIFY].queue
        database.redis.lpush(BROKER + queue, *bells[queue])
        wait(lambda: WorkStore(database).backlog()[Stage.CLASSIFY]["due"] == 0, "the worker", seconds=60)


def test_a_state_of_a_newer_release_is_refused_with_what_to_do(database):
    database.redis.set(keys.LAYOUT_KEY, keys.LAYOUT + 1)
    with pytest.raises(UnusableServerError, match="restore a backup made before the upgrade"):
        admit(database)
    (finding,) = questions(database)
    assert finding.level is Level.BAD
    assert f"layout {keys.LAYOUT + 1}" in finding.do
    assert "newer release" in finding.do
