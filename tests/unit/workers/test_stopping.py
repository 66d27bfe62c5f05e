"""A worker that stops: its pool children see it, and what its threads cannot end is given back before it leaves."""

from __future__ import annotations

import os

import pytest

from workers.stopping import Stop


def test_a_child_that_was_forked_before_sees_that_its_worker_is_to_stop() -> None:
    stop = Stop()
    assert not stop()
    heard, told = os.pipe()
    if (child := os.fork()) == 0:
        os.read(heard, 1)
        os._exit(int(stop()))
    stop.tell()
    os.write(told, b".")
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 1
    os.close(heard)
    os.close(told)


def test_what_is_in_hands_is_given_back_before_the_process_leaves() -> None:
    order: list[object] = []
    stop = Stop(leave=lambda code: order.append(("left", code)))
    stop.leave_in(0.0, lambda: order.append("given back") or 3).join(30)  # type: ignore[func-returns-value]
    assert order == ["given back", ("left", 0)]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_server_that_is_away_keeps_no_worker_from_leaving() -> None:
    left: list[int] = []

    def away() -> int:
        raise ConnectionError("no server")

    Stop(leave=left.append).leave_in(0.0, away).join(30)
    assert left == [0]
