"""What a worker plans goes by the server's clock, whatever its own says."""

from __future__ import annotations

import pytest

from workers.clock import ASK_EVERY, SharedClock


class Machine:
    """A server's clock and a worker's, which may be wrong."""

    def __init__(self, skew: float = 0.0) -> None:
        self.true, self.skew, self.asked, self.slept = 1_000_000.0, skew, 0, 0.0
        self.clock = SharedClock(
            ask=self.ask, wall=lambda: self.true + self.skew, steady=lambda: self.true - self.slept
        )

    def ask(self) -> float:
        self.asked += 1
        return self.true


@pytest.mark.parametrize("skew", [0.0, 3_600.0, -20_000.0])
def test_a_wrong_clock_of_the_machine_does_not_matter(skew: float) -> None:
    machine = Machine(skew)
    for _ in range(100):
        machine.true += 1.0
        assert machine.clock.now() == pytest.approx(machine.true)


def test_the_server_is_asked_once_a_minute() -> None:
    machine = Machine(60.0)
    for _ in range(int(ASK_EVERY) * 3):
        machine.true += 1.0
        machine.clock.now()
    assert machine.asked == 3


def test_a_clock_that_is_set_meanwhile_is_noticed_at_once() -> None:
    machine = Machine()
    machine.clock.now()
    machine.skew = -7_200.0
    assert machine.clock.now() == pytest.approx(machine.true)


def test_a_machine_that_slept_knows_the_time_when_it_wakes() -> None:
    machine = Machine()
    machine.clock.now()
    machine.true += 8 * 3_600
    machine.slept = 8 * 3_600  # a steady clock stands still meanwhile
    assert machine.clock.now() == pytest.approx(machine.true)
