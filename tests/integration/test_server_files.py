"""What docs/backup.md promises of the server's own files, on every kind of server that this machine has."""

from __future__ import annotations

import shutil
import subprocess
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest

from shared.stores.connection import Database, connect
from shared.stores.feeds import FeedStore
from shared.stores.work import WorkStore
from tests.deploy import external
from tests.deploy.running import wait
from tests.servers import KINDS, binary
from tests.world import populate

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.integration
# Written before each answer, so that a copy made at once has it all; by default it is up to a second or two behind.
KEPT = ("--appendonly", "yes", "--appendfsync", "always", "--save", "")


class Servers:
    """Servers of one kind, each in its own folder."""

    def __init__(self, program: str, stack: ExitStack) -> None:
        self._program, self._stack = program, stack

    def start(self, folder: Path, *options: str) -> tuple[Database, subprocess.Popen[bytes]]:
        port = external.a_port()
        given = ("--bind", "127.0.0.1", "--port", str(port), "--dir", str(folder), *options)
        process = external.start(self._stack, (self._program, *given), folder)
        external.until_ready(f"redis://127.0.0.1:{port}/0", process, folder / external.LOG)
        return connect(f"redis://127.0.0.1:{port}/0"), process


@pytest.fixture(params=KINDS, ids=lambda kind: kind.name)
def servers(request: pytest.FixtureRequest) -> Iterator[Servers]:
    program = binary(request.param)
    if program is None:
        pytest.skip(f"no {request.param.name} on this machine: {request.param.how}")
    with ExitStack() as stack:
        yield Servers(program, stack)


def picture(database: Database) -> Any:
    work = WorkStore(database)
    return sorted(FeedStore(database).ids()), work.books(), work.count_retries(), sorted(database.redis.scan_iter())


def test_a_copy_of_the_append_only_folder_is_a_backup(servers, tmp_path):
    database, process = servers.start(tmp_path / "old", *KEPT)
    populate(database, dead=5, published=2, dropped=2, retries=2)
    before = picture(database)
    shutil.copytree(tmp_path / "old" / "appendonlydir", tmp_path / "new" / "appendonlydir")
    process.kill()
    restored, _ = servers.start(tmp_path / "new", "--appendonly", "yes", "--save", "")
    assert picture(restored) == before


def test_a_copy_that_ends_within_an_entry_is_loaded_up_to_there(servers, tmp_path):
    database, _ = servers.start(tmp_path / "old", *KEPT)
    populate(database, dead=2, published=1, dropped=1, retries=1)
    shutil.copytree(tmp_path / "old" / "appendonlydir", tmp_path / "new" / "appendonlydir")
    (growing,) = (tmp_path / "new" / "appendonlydir").glob("*.incr.aof")
    with growing.open("r+b") as file:
        file.truncate(growing.stat().st_size - 3)
    restored, _ = servers.start(tmp_path / "new", "--appendonly", "yes", "--save", "")
    assert FeedStore(restored).ids() == FeedStore(database).ids()


def test_a_dump_is_loaded_only_where_no_append_only_file_is_kept(servers, tmp_path):
    database, process = servers.start(tmp_path / "old", *KEPT)
    populate(database, dead=5, published=2, dropped=2, retries=2)
    before = picture(database)
    database.redis.save()
    process.kill()
    for name in ("at once", "detour"):
        (tmp_path / name).mkdir()
        shutil.copy(tmp_path / "old" / "dump.rdb", tmp_path / name)
    empty, _ = servers.start(tmp_path / "at once", "--appendonly", "yes", "--save", "")
    assert empty.redis.dbsize() == 0, "the trap that the guide warns of"
    loaded, first = servers.start(tmp_path / "detour", "--appendonly", "no", "--save", "")
    assert picture(loaded) == before
    loaded.redis.config_set("appendonly", "yes")
    wait(lambda: loaded.redis.info("persistence")["aof_rewrite_in_progress"] == 0, "the append-only file")
    first.terminate()
    first.wait()
    (tmp_path / "detour" / "dump.rdb").unlink()
    restored, _ = servers.start(tmp_path / "detour", "--appendonly", "yes", "--save", "")
    assert picture(restored) == before
