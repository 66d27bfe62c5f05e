"""Logs: one JSON line an event, bound to what is worked on, and never a password."""

from __future__ import annotations

import json
import logging

import pytest
import structlog

from shared.logs import configure, without_credentials


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
def test_a_traceback_holds_no_password_either(capsys):
    configure(level="INFO", as_json=True)
    structlog.get_logger().error("failed", exc_info=ValueError("cannot reach rediss://user:p%40ss@host/0"))
    assert "p%40ss" not in capsys.readouterr().err


def test_a_url_without_credentials_stays_as_it_is():
    event = {"url": "https://a.example/x@y", "n": 3}
    assert without_credentials(None, "", dict(event)) == event
