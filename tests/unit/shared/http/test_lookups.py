"""Names are looked up without anybody being held by a resolver that hangs."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest

from shared.http.lookups import SPARE, Lookups

ASKERS = 4


class Resolver:
    """A resolver that hangs on names that begin with `slow` until it is let go."""

    def __init__(self) -> None:
        self.asked: Counter[str] = Counter()
        self.go = threading.Event()

    def __call__(self, host: str, port: int) -> Sequence[str]:
        self.asked[host] += 1
        if host.startswith("slow"):
            assert self.go.wait(60)
        if host.startswith("nowhere"):
            raise OSError("no such name")
        return [f"192.0.2.{port}"]


@pytest.fixture
def resolver() -> Iterator[Resolver]:
    one = Resolver()
    yield one
    one.go.set()


@pytest.fixture
def lookups(resolver: Resolver) -> Iterator[Lookups]:
    one = Lookups(resolver, askers=ASKERS)
    yield one
    resolver.go.set()
    one.close()


def test_who_asks_for_a_name_that_hangs_leaves_when_the_time_is_over(lookups: Lookups) -> None:
    with pytest.raises(TimeoutError):
        lookups.look_up("slow.example", 1, seconds=0.01)


def test_a_name_that_hangs_is_looked_up_once_however_often_it_is_asked_for(
    lookups: Lookups, resolver: Resolver
) -> None:
    for _ in range(10 * ASKERS):
        with pytest.raises(TimeoutError):
            lookups.look_up("slow.example", 1, seconds=0.001)
    assert resolver.asked["slow.example"] == 1


def test_names_that_hang_keep_no_other_name_waiting(lookups: Lookups) -> None:
    for number in range(ASKERS * (SPARE - 1)):
        with pytest.raises(TimeoutError):
            lookups.look_up(f"slow{number}.example", 1, seconds=0.001)
    assert lookups.look_up("quick.example", 7, seconds=30) == ["192.0.2.7"]


def test_all_who_ask_at_once_share_one_answer(lookups: Lookups, resolver: Resolver) -> None:
    with ThreadPoolExecutor(ASKERS) as askers:
        answers = [askers.submit(lookups.look_up, "slow.example", 3, seconds=30) for _ in range(ASKERS)]
        resolver.go.set()
        assert [answer.result(30) for answer in answers] == [["192.0.2.3"]] * ASKERS


@pytest.mark.parametrize("host", ["quick.example", "nowhere.example"])
def test_no_answer_is_remembered(lookups: Lookups, resolver: Resolver, host: str) -> None:
    for _ in range(2):
        with suppress(OSError):
            lookups.look_up(host, 1, seconds=30)
    assert resolver.asked[host] == 2
