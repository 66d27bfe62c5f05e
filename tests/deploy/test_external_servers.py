"""The pipeline on servers and brokers that others run: real ones, started here."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from console import backup
from console.alerts.facts import gather
from console.doctor import Level, examine
from console.doctor.server import broker as broker_of
from demo.press import Press
from schedulers.housekeeping import keep_house
from shared.broker import make_app, ring
from shared.metrics import expose
from shared.settings import Settings
from shared.stores import keys
from shared.stores.admission import admit, layout
from shared.stores.connection import RedisError, connect
from shared.topology import TOPOLOGY, Stage
from tests.deploy import external
from tests.deploy.documents import DEPLOY
from tests.deploy.places import Start
from tests.deploy.running import LOOPBACK, Place, articles, feeds_file, wait
from tests.hostile.certificates import Authority

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(400)]
# All that the scripts, stores and Celery do, and nothing that touches other people's keys or the server itself.
RIGHTS = "~rarewire:* &* +@all -@admin -@dangerous +info"


class System:
    """Beat, scheduler and workers on one server's address."""

    def __init__(self, stack: ExitStack, folder: Path, **settings: str) -> None:
        self.press = stack.enter_context(Press(seed=6, outlets=4, stock=8, faults=False))
        self.url = settings["RAREWIRE_REDIS_URL"]
        feeds = str(feeds_file(self.press, folder / "feeds.toml"))
        starts = [
            Start(role=role, command=("rarewire", "run", role), environment={}, probe=(), grace=30.0)
            for role in ("beat", "scheduler", "web", "text")
        ]
        self.place = Place(starts, folder=folder, common={**LOOPBACK, "RAREWIRE_FEEDS_FILE": feeds, **settings})
        stack.callback(self.place.close)
        self.place.start()

    def published(self) -> int:
        try:
            return articles(connect(self.url, timeout=2.0))
        except RedisError:
            return 0

    def wait_for_more_than(self, count: int) -> None:
        wait(lambda: self.published() > count, f"more than {count} articles; {self.logs()}", seconds=150)

    def logs(self) -> str:
        return "\n".join(f"{role}: {self.place.log(role)}" for role in self.place.starts)


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as made:
        yield made


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


def test_tls_and_a_user_of_few_rights_suffice(stack, tmp_path, authority):
    assert RIGHTS in (DEPLOY.parent / "docs/deployment.md").read_text(encoding="utf-8")
    user = ("--user", "rarewire", "on", f">{external.PASSWORD}", *RIGHTS.split())
    port, _ = external.redis(stack, tmp_path / "server", *user, tls=authority)
    address = f"rarewire:{external.QUOTED}@127.0.0.1:{port}/0"
    url = f"rediss://{address}?ssl_ca_certs={authority.file()}"
    System(stack, tmp_path, RAREWIRE_REDIS_URL=url).wait_for_more_than(0)
    _what_people_do(url, tmp_path)
    owner = connect(url.replace("rarewire:", ":", 1), timeout=2.0)
    assert owner.redis.execute_command("ACL LOG") == [], "nothing was refused"
    untrusted = connect(f"rediss://{address}", timeout=2.0)
    with pytest.raises(RedisError, match="certificate verify failed"):
        untrusted.redis.ping()


def _what_people_do(url: str, folder: Path) -> None:
    """Doctor, metrics, the console's facts, housekeeping, export and import, by the same user."""
    settings, database = Settings(redis_url=url, state_dir=folder / "state", contact="a@b.example"), connect(url)
    assert [one for one in examine(settings) if one.level is not Level.OK] == []
    assert "rarewire_published_total" in expose(database, settings.topics, {})
    gather(database, settings)
    keep_house(database, settings)
    archive = folder / "archive.jsonl"
    with archive.open("wb") as file:
        assert backup.write(database, file)["article"]
    assert {new for _, new in backup.restore(database, archive).values()} == {0}


def test_behind_sentinel_work_goes_on_after_the_primary_died(stack, tmp_path, authority):
    """With TLS between all of them, where a server here knows it; the first of the sentinels is away all the time."""
    tls = external.program_with_tls() is not None
    trusted = authority if tls else None
    port, primary = external.redis(stack, tmp_path / "primary", tls=trusted)
    external.redis(stack, tmp_path / "replica", "--replicaof", f"127.0.0.1 {port}", tls=trusted)
    watcher = external.sentinel(stack, tmp_path / "sentinel", port, tls=trusted)
    scheme, query = ("rediss", f"?ssl_ca_certs={authority.file()}") if tls else ("redis", "")
    url = f"{scheme}+sentinel://:{external.QUOTED}@127.0.0.1:1,127.0.0.1:{watcher}/main/0{query}"
    system = System(stack, tmp_path, RAREWIRE_REDIS_URL=url)
    system.wait_for_more_than(0)
    primary.kill()
    primary.wait()
    before = system.published()
    system.press.publish(8)
    system.wait_for_more_than(before)


def test_a_socket_serves_state_and_doorbells(stack, tmp_path):
    path = tmp_path / "s"
    external.redis(stack, tmp_path / "server", "--unixsocket", str(path))
    url = f"unix://:{external.QUOTED}@{path}?db=3"
    database, bells = connect(url), make_app("test", url)
    admit(database)
    ring(bells, Stage.FETCH)
    with bells.connection_for_read() as connection, connection.SimpleQueue(TOPOLOGY[Stage.FETCH].queue) as queue:
        queue.get(timeout=10).ack()
    assert layout(database) == keys.LAYOUT


def test_rabbitmq_carries_the_doorbells(stack, tmp_path):
    broker = external.rabbit(stack, tmp_path / "rabbit")
    assert broker_of(broker).level is Level.OK
    assert "ACCESS_REFUSED" in broker_of(broker.replace("guest@", "wrong@")).found
    port, _ = external.redis(stack, tmp_path / "server")
    url = f"redis://:{external.QUOTED}@127.0.0.1:{port}/0"
    System(stack, tmp_path, RAREWIRE_REDIS_URL=url, RAREWIRE_BROKER_URL=broker).wait_for_more_than(0)
    assert not list(connect(url).redis.scan_iter(match="rarewire:broker:*")), "no doorbell went over the state's server"


def test_a_cluster_is_refused_by_roles_and_doctor_alike(stack, tmp_path):
    port, _ = external.redis(stack, tmp_path / "server", "--cluster-enabled", "yes")
    url = f"redis://:{external.QUOTED}@127.0.0.1:{port}/0"
    environment = {**os.environ, "RAREWIRE_REDIS_URL": url, "RAREWIRE_STATE_DIR": str(tmp_path / "state")}
    command = (sys.executable, "-c", "from console.cli.main import main; main()", "run", "web")
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "the server is a Redis Cluster" in done.stderr
    assert "redis+sentinel://" in done.stderr, "it says what to use instead"
    found = list(examine(Settings(redis_url=url, state_dir=tmp_path / "state")))
    assert [one.level for one in found if "Cluster" in one.do] == [Level.BAD]
