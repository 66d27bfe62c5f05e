"""The receiver of docs/samples as a process, and `rarewire webhooks` against it."""

from __future__ import annotations

import http.client
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from console.cli.main import app
from shared.settings import settings
from shared.stores.groups import GroupStore
from shared.stores.webhooks import WebhookStore
from tests.events import STREAM, fill, tagged
from tests.receiver import KEY, SECRET
from workers.deliver.core import headers, payload
from workers.deliver.core.signing import secret_of

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.integration

SAMPLE = Path(__file__).parents[2] / "docs/samples/webhook_receiver.py"
DONE, FAILED, USAGE, NOTHING = 0, 1, 2, 3
EVENT = {"id": "e1", "type": "rarewire.article.published.v1", "time": "2026-11-24T10:00:00Z", "data": tagged().data}


class Sample:
    """The running sample."""

    def __init__(self, folder: Path) -> None:
        environment = {**os.environ, "WEBHOOK_SECRET": SECRET, "WEBHOOK_MEMORY": str(folder / "memory")}
        self.process = subprocess.Popen(
            [sys.executable, str(SAMPLE), "0"],
            env=environment,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        assert self.process.stderr is not None
        self.port = int(self.process.stderr.readline().rstrip().rstrip("/").rpartition(":")[2])

    def post(self, body: bytes, fields: dict[str, str]) -> int:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        connection.request("POST", "/", body, fields)
        status = connection.getresponse().status
        connection.close()
        return status

    def said(self) -> list[str]:
        """End it; returns what it printed."""
        self.process.terminate()
        return self.process.communicate()[0].splitlines()


@pytest.fixture
def sample(tmp_path: Path) -> Iterator[Sample]:
    running = Sample(tmp_path)
    yield running
    running.said()


@pytest.fixture
def endpoint(sample, database, server_url, tmp_path, monkeypatch):
    """Set the settings to an endpoint at the sample."""
    monkeypatch.setenv("RAREWIRE_REDIS_URL", server_url)
    monkeypatch.setenv("RAREWIRE_STATE_DIR", str(tmp_path))
    monkeypatch.setenv("RAREWIRE_WEBHOOKS_FILE", str(tmp_path / "hooks.toml"))
    monkeypatch.setenv("DESK_SECRET", SECRET)
    (tmp_path / "hooks.toml").write_text(
        f'[[endpoint]]\nname = "desk"\nurl = "http://127.0.0.1:{sample.port}/in?key=hush"\nowner = "tests"\n'
        'secret = "env:DESK_SECRET"\nallow_networks = ["127.0.0.0/8"]\nstart = "oldest"\n'
    )
    settings.cache_clear()
    yield
    settings.cache_clear()


def run(*arguments: str, code: int = DONE):
    result = CliRunner().invoke(app, ["webhooks", *arguments])
    assert result.exit_code == code, result.output
    return result


def data(*arguments: str, code: int = DONE):
    return json.loads(run(*arguments, "--json", code=code).stdout)


def test_the_sample_takes_what_is_genuine_and_fresh_once(sample):
    body, now = payload(EVENT), int(time.time())
    genuine = headers("e1", now, body, [KEY])
    assert sample.post(body, genuine) == 204
    assert sample.post(body, headers("e1", now + 1, body, [b"o" * 32, KEY])) == 204
    for fields in (
        headers("e2", now, body, [b"o" * 32]),
        headers("e2", now - 3_600, body, [KEY]),
        {**genuine, "webhook-id": "e2"},
        {**genuine, "webhook-timestamp": str(now + 5)},
        {**genuine, "webhook-signature": "v1, ü".encode().decode("latin-1")},
        {**genuine, "webhook-timestamp": "²"},
        {},
    ):
        assert sample.post(body, fields) == 401
    assert sample.post(body + b" ", genuine) == 401
    assert sample.said() == [f"article a1 1 {json.loads(EVENT['data'])['title']}"]


def test_what_the_sample_cannot_do_comes_again(sample):
    body = b'{"type":"rarewire.article.retracted.v1","data":{}}'
    fields = headers("e1", int(time.time()), body, [KEY])
    assert [sample.post(body, fields), sample.post(body, fields)] == [500, 500]


def test_a_canary_is_posted_signed_and_what_came_back_is_told(endpoint, sample, monkeypatch):
    told = data("test", "desk")
    assert (told["delivered"], told["status"], told["outcome"]) == (True, 204, "delivered")
    monkeypatch.setenv("DESK_SECRET", secret_of(b"o" * 32))
    told = data("test", "desk", code=FAILED)
    assert (told["delivered"], told["status"], told["outcome"]) == (False, 401, "forbidden")
    monkeypatch.delenv("DESK_SECRET")
    assert "DESK_SECRET: the variable is not set" in data("test", "desk", code=FAILED)["answer"]
    assert sample.said() == ["passed over rarewire.canary.v1"]


def test_an_endpoint_that_is_none_is_named_with_those_that_are(endpoint, tmp_path):
    assert "there are desk" in run("test", "nobody", code=NOTHING).stderr
    (tmp_path / "hooks.toml").write_text("[[endpoint]]\nname = 'desk'\n")
    assert "endpoint 1 (desk): url: Field required" in run("test", "desk", code=USAGE).stderr


def test_a_secret_is_made(endpoint):
    made = {run("secret").stdout.strip() for _ in range(3)}
    assert len(made) == 3
    assert all(len(one) == 50 and one.startswith("whsec_") for one in made)


def test_the_sender_s_process_delivers_and_the_list_says_so_without_the_address_s_secret(endpoint, sample, database):
    fill(database, 7)
    process = subprocess.Popen([sys.executable, "-m", "workers.deliver"], stderr=subprocess.PIPE)
    try:
        end = time.monotonic() + 60
        while WebhookStore(database).standing("desk").counts.get("delivered") != 7:
            assert time.monotonic() < end
            time.sleep(0.05)
    finally:
        process.terminate()
    logged = process.communicate()[1].decode()
    assert process.returncode == 0
    (row,) = data("list")
    assert (row["state"], row["undelivered"], row["attempts"]) == ("sends", 0, {"delivered": 7})
    assert row["address"] == f"http://127.0.0.1:{sample.port}/…"
    assert "disabled" not in run("list").stdout
    assert "hush" not in logged + json.dumps(row)
    assert SECRET.removeprefix("whsec_") not in logged
    assert len(sample.said()) == 7


def test_an_endpoint_is_disabled_enabled_and_forgotten(endpoint, database):
    from workers.deliver.catalogue import endpoints
    from workers.deliver.sender import register

    assert "no sender has been started with desk yet" in run("list").stderr
    (desk,) = endpoints(settings())
    register(database, desk)
    assert data("list")[0]["state"] == "not configured"
    WebhookStore(database).tell({"desk": {"stream": STREAM, "group": desk.group, "url": "u", "owner": "o"}})
    run("disable", "desk", "--why", "moves on Monday")
    (row,) = data("list")
    assert (row["state"], row["why"]) == ("disabled", "moves on Monday")
    assert "sent to again" in run("enable", "desk").stderr
    assert "neither" in run("enable", "desk").stderr
    run("forget", "desk", code=USAGE)
    run("forget", "desk", "--yes")
    assert data("list") == []
    assert GroupStore(database).states(STREAM) == []
    run("enable", "desk", code=NOTHING)


def test_without_endpoints_the_sender_says_what_to_set(tmp_path):
    environment = {**os.environ, "RAREWIRE_STATE_DIR": str(tmp_path), "RAREWIRE_REDIS_URL": "redis://127.0.0.1:1"}
    environment.pop("RAREWIRE_WEBHOOKS_FILE", None)
    ended = subprocess.run(
        [sys.executable, "-m", "workers.deliver"], env=environment, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 2
    assert "RAREWIRE_WEBHOOKS_FILE" in ended.stderr
