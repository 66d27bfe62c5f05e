"""The press on real loopback sockets: in this process, and as a process of its own."""

from __future__ import annotations

import contextlib
import http.client
import json
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request

import pytest

from demo.press import Press
from demo.press.exchange import Response
from demo.press.server import Server, bind


def _get(url):
    with urllib.request.urlopen(url, timeout=10) as answer:
        return answer.read()


@pytest.fixture(scope="module")
def press():
    with Press(seed=4, stock=120, page_kb=10) as running:
        yield running


def test_every_feed_answers_at_the_address_it_is_listed_under():
    with Press(seed=4, stock=40, faults=False) as press:
        feeds = press.feeds()
        assert len(feeds) >= 12
        assert {form for _, _, form in feeds} == {"rss2", "rss1", "atom", "json"}
        assert all(len(_get(url)) > 500 for _, url, _ in feeds)


def test_the_truth_is_where_it_says(press):
    sound = next(row for row in press.truth() if row.outlet == "mineral-courier" and not row.fault)
    page = _get(sound.url).decode()
    assert sound.title in page.replace("&#39;", "'").replace("&#34;", '"')


def test_the_truth_over_http_is_the_truth_in_process(press):
    told = json.loads(_get(f"{press.url}/_press/truth"))
    assert told == json.loads(json.dumps([row.as_json() for row in press.truth()]))


def test_a_truncated_answer_ends_before_its_length(press):
    cut = next(row for row in press.truth() if row.fault == "truncated")
    with pytest.raises(http.client.IncompleteRead):
        _get(cut.url)
    assert len(_get(cut.url)) > 5_000


def test_requests_are_counted_by_outlet_and_status(press):
    broken = next(row for row in press.truth() if row.fault == "broken")
    before = press.stats().get(broken.outlet, {}).get("500", 0)
    with pytest.raises(urllib.error.HTTPError):
        _get(broken.url)
    assert press.stats()[broken.outlet]["500"] == before + 1


def test_one_connection_serves_many_requests(press):
    host = press.url.removeprefix("http://")
    connection = http.client.HTTPConnection(host, timeout=10)
    connection.connect()
    first = connection.sock
    for _ in range(3):
        connection.request("GET", "/robots.txt")
        connection.getresponse().read()
    assert connection.sock is first
    connection.close()


def test_what_is_no_http_is_hung_up_on(press):
    host, port = press.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as raw:
        raw.sendall(b"hello?\r\n\r\n")
        assert raw.recv(100) == b""


def test_publishing_by_hand_gives_the_truth_and_fills_the_feed():
    with Press(seed=4, outlets=1, stock=0, faults=False) as press:
        published = press.publish(3)
        feed = _get(press.feeds()[0][1]).decode()
        assert [row.url in feed for row in published] == [True] * 3
        assert press.truth() == published


def test_the_seed_decides_everything_but_addresses_and_times():
    def story():
        with Press(seed=9, stock=50, clock=lambda: 1_700_000_000.0) as press:
            return [(row.title, row.paragraphs, row.fault, row.published_at) for row in press.truth()]

    assert story() == story()


def test_articles_come_out_while_it_runs():
    with Press(seed=4, stock=0, rate=200.0) as press:
        deadline = time.monotonic() + 20
        while len(press.truth()) < 30 and time.monotonic() < deadline:
            _get(f"{press.url}/_press/stats")
        assert len(press.truth()) >= 30
        assert any(row.revision == 2 for row in press.truth())


def test_a_press_with_an_end_publishes_exactly_so_many():
    with Press(seed=4, stock=5, rate=500.0, most=12) as press:
        deadline = time.monotonic() + 20
        while len(press.truth()) < 12 and time.monotonic() < deadline:
            _get(f"{press.url}/_press/stats")
        for _ in range(20):
            _get(f"{press.url}/_press/stats")
        assert len(press.truth()) == 12


@pytest.mark.parametrize("addresses", ["ports", "paths"])
def test_addresses_can_be_ports_or_paths(addresses):
    with Press(outlets=3, stock=6, faults=False, addresses=addresses) as press:
        bases = list(press.bases.values())
        assert {base.rsplit(":", 1)[0] for base in bases} == {"http://127.0.0.1"}
        assert len(set(bases)) == (3 if addresses == "ports" else 1)
        assert all(_get(row.url) for row in press.truth())


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux answers on all of 127.0.0.0/8")
def test_by_default_each_outlet_has_a_host_of_its_own():
    with Press(outlets=4, stock=0) as press:
        assert [base.split(":")[1] for base in press.bases.values()] == [f"//127.0.0.{n}" for n in (2, 3, 4, 5)]


def test_a_taken_port_is_said_at_the_start():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(OSError, match="in use"):
            Press(port=taken.getsockname()[1], addresses="paths").start()


def test_stopping_frees_the_port_and_may_be_repeated():
    press = Press(outlets=1, stock=1, addresses="paths").start()
    port = int(press.url.rsplit(":", 1)[1])
    press.stop()
    press.stop()
    with Press(outlets=1, stock=1, addresses="paths", port=port) as again:
        assert _get(again.feeds()[0][1])


def test_a_stopped_press_hangs_up_on_those_who_hold_a_connection():
    press = Press(outlets=1, stock=1).start()
    host, port = press.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as held:
        press.stop()
        with contextlib.suppress(ConnectionResetError):  # one that was not taken up yet is reset
            assert held.recv(100) == b""


def test_feeds_of_a_press_that_has_not_started_are_an_error():
    with pytest.raises(RuntimeError, match="started"):
        Press().feeds()


def test_the_command_prints_one_line_when_it_serves_and_stops_on_a_signal():
    command = [sys.executable, "-m", "demo.press", "--outlets", "12", "--rate", "0", "--stock", "24", "--seed", "3"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        ready = json.loads(process.stdout.readline())
        assert ready["ready"] is True
        assert len(ready["feeds"]) == 12
        assert len(json.loads(_get(ready["truth"]))) == 24
        assert _get(ready["feeds"][0]["url"]).startswith(b"<?xml")
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=20) == 0
        assert process.stdout.read() == ""


def test_a_breakdown_of_publishing_ends_the_press_in_the_open(monkeypatch):
    heard = []
    monkeypatch.setattr(threading, "excepthook", lambda args: heard.append(args.exc_value))

    async def breaks():
        raise ValueError("out of paper")

    server = Server(lambda _: Response(), breaks)
    server.start(bind([("127.0.0.1", 0)]))
    server.stop()
    assert [str(error) for error in heard] == ["out of paper"]
