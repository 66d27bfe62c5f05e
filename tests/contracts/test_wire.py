"""The short way to the server, on every server: each reply belongs to its command, whatever went wrong before."""

from __future__ import annotations

import signal
import threading
from typing import TYPE_CHECKING, Any

import pytest

from shared.stores.connection import ResponseError
from shared.stores.wire import fields

if TYPE_CHECKING:
    from shared.stores.connection import Database


def test_several_commands_are_answered_in_their_order(database: Database) -> None:
    assert database.ask(("SET", "a", "1"), ("GET", "a"), ("GET", "b")) == ["OK", "1", None]
    assert database.ask() == []


def test_a_refused_command_raises_when_the_others_are_done(database: Database) -> None:
    with pytest.raises(ResponseError, match="WRONGTYPE"):
        database.ask(("SET", "a", "1"), ("LPUSH", "a", "x"), ("SET", "b", "2"))
    assert database.ask(("MGET", "a", "b")) == [["1", "2"]]


def test_a_script_that_the_server_has_lost_is_sent_whole(database: Database) -> None:
    assert database.script("add", "[]") == 0
    database.redis.script_flush()
    assert database.ask(("SET", "a", "1"), database.call("add", "[]"), ("GET", "a")) == ["OK", 0, "1"]


def test_a_connection_that_the_server_has_closed_is_opened_again(database: Database) -> None:
    database.ask(("SET", "a", "1"))
    database.redis.client_kill_filter(_type="normal", skipme=False)
    assert database.ask(("GET", "a")) == ["1"]


def test_a_wait_that_was_broken_off_leaves_no_reply_to_the_next_command(database: Database) -> None:
    def break_off(*_: Any) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, break_off)
    signal.setitimer(signal.ITIMER_REAL, 0.05)
    try:
        with pytest.raises(KeyboardInterrupt):
            database.ask(("BLPOP", "list", "0"))
    finally:
        signal.signal(signal.SIGALRM, before)
    database.redis.rpush("list", "late")
    assert database.ask(("GET", "a")) == [None]


def test_threads_do_not_read_each_other_s_replies(database: Database) -> None:
    wrong: list[tuple[int, Any]] = []

    def echo(number: int) -> None:
        for turn in range(50):
            text = f"{number}/{turn}"
            if database.ask(("ECHO", text)) != [text]:
                wrong.append((number, turn))

    threads = [threading.Thread(target=echo, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_bytes_come_as_they_are(database: Database) -> None:
    database.redis.set("a", b"\xff\x00")
    assert database.blobs(["a", "b"]) == [b"\xff\x00", None]


def test_a_hash_is_read_in_either_version_of_the_protocol() -> None:
    assert fields({"a": "1"}) == fields(["a", "1"]) == {"a": "1"}
