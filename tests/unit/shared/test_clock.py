"""The shared clock: the server's time, whatever this machine says."""

from __future__ import annotations

from shared.clock import READ_EVERY, SharedClock


class Server:
    """Counts how often it was asked."""

    def __init__(self, at: float) -> None:
        self.at, self.asked = at, 0

    def time(self) -> float:
        self.asked += 1
        return self.at


def test_the_time_is_the_servers_and_goes_on_between_two_readings() -> None:
    server, here = Server(1_000.0), [50.0]
    clock = SharedClock(read=server.time, monotonic=lambda: here[0])
    assert clock() == 1_000.0
    here[0] += 2.5
    assert clock() == 1_002.5
    assert server.asked == 1


def test_the_server_is_asked_again_after_a_while_and_its_word_counts() -> None:
    server, here = Server(1_000.0), [50.0]
    clock = SharedClock(read=server.time, monotonic=lambda: here[0])
    clock()
    server.at, here[0] = 900.0, here[0] + READ_EVERY
    assert clock() == 900.0
    assert server.asked == 2


def test_a_clock_of_this_machine_that_jumps_back_is_not_believed() -> None:
    server, here = Server(1_000.0), [50.0]
    clock = SharedClock(read=server.time, monotonic=lambda: here[0])
    clock()
    here[0] -= 3_600
    assert clock() == 1_000.0
