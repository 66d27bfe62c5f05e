"""When failed work is tried again."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from shared.retry import RetryPolicy, delay

POLICY = RetryPolicy(tries=5, first=30.0, factor=4.0, most=600.0)
fractions = st.floats(0, 1, exclude_max=True)


@given(tries=st.integers(1, 4), random=fractions)
def test_the_wait_grows_with_the_tries_and_stays_under_its_ceiling(tries: int, random: float) -> None:
    wait = delay(POLICY, tries=tries, retry_after=None, random=random)
    ceiling = min(30.0 * 4.0 ** (tries - 1), 600.0)
    assert wait is not None
    assert ceiling / 2 <= wait <= ceiling


@given(tries=st.integers(5, 50), wish=st.none() | st.floats(0, 1e6), random=fractions)
def test_it_gives_up_after_its_tries_whatever_the_server_wishes(tries: int, wish: float | None, random: float) -> None:
    assert delay(POLICY, tries=tries, retry_after=wish, random=random) is None


@given(wish=st.floats(0, 31 * 86_400), random=fractions)
def test_a_servers_wish_is_honoured_in_full(wish: float, random: float) -> None:
    wait = delay(POLICY, tries=1, retry_after=wish, random=random)
    assert wait is not None
    assert wish <= wait <= wish * 1.1
