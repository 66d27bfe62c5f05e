"""Logs: one JSON line an event, bound to what is worked on, and never a password."""

from __future__ import annotations

import json
import logging
from contextlib import suppress
from pathlib import Path

import pytest
import structlog

from shared.logs import Unfailing, about, configure, without_credentials


@pytest.fixture
def _restored():
    root = logging.getLogger()
    handlers, level, config = root.handlers[:], root.level, structlog.get_config()
    yield
    root.handlers[:], root.level = handlers, level
    structlog.configure(**config)


@pytest.mark.usefixtures("_restored")
def test_an_event_is_one_line_of_json_with_what_is_bound(capsys):
    configure(level="INFO", as_json=True)
    with structlog.contextvars.bound_contextvars(stage="fetch", work="a1", feed="f1"):
        structlog.get_logger().info("work_ended", outcome="dropped")
    logging.getLogger("library").warning("lost redis://:secret@host:1/0")
    first, second = (json.loads(line) for line in capsys.readouterr().err.splitlines())
    assert {name: first[name] for name in ("event", "stage", "work", "feed", "outcome", "level")} == {
        "event": "work_ended", "stage": "fetch", "work": "a1", "feed": "f1", "outcome": "dropped", "level": "info",
    }  # fmt: skip
    assert "secret" not in second["event"]


@pytest.mark.usefixtures("_restored")
def test_what_is_logged_within_a_block_says_what_it_is_about(capsys):
    configure(level="INFO", as_json=True)
    with about(lambda: {"stage": "fetch", "work": "a1"}):
        structlog.get_logger().info("host_blocked", work="a2")
        logging.getLogger("library").warning("odd")
    structlog.get_logger().info("over")
    own, library, over = (json.loads(line) for line in capsys.readouterr().err.splitlines())
    assert (own["stage"], own["work"], library["work"], "work" in over) == ("fetch", "a2", "a1", False)


@pytest.mark.usefixtures("_restored")
@pytest.mark.parametrize("as_json", [True, False])
def test_events_of_a_batch_are_lines_of_their_own(capsys, as_json):
    configure(level="INFO", as_json=as_json)
    structlog.get_logger().info("work_ended", stage="fetch", each=[{"work": "a1"}, {"work": "a2"}])
    lines = capsys.readouterr().err.splitlines()
    assert [("work_ended" in line, "fetch" in line) for line in lines] == [(True, True)] * 2
    assert ["a1" in line for line in lines] == [True, False]


@pytest.mark.usefixtures("_restored")
def test_a_traceback_holds_no_password_either(capsys):
    configure(level="INFO", as_json=True)
    structlog.get_logger().error("failed", exc_info=ValueError("cannot reach rediss://user:p%40ss@host/0"))
    assert "p%40ss" not in capsys.readouterr().err


def test_a_url_without_credentials_stays_as_it_is():
    event = {"url": "https://a.example/x@y", "n": 3}
    assert without_credentials(None, "", dict(event)) == event


def test_a_full_disk_loses_lines_and_stops_no_work() -> None:
    with suppress(OSError), Path("/dev/full").open("w", encoding="utf-8", buffering=1) as full:  # so does the closing
        stream = Unfailing(full)
        assert stream.write("a line\n") == 0
        stream.flush()
