"""The simulation of `benchmarks.polling_simulation`, small enough for every run of the suite."""

from __future__ import annotations

import pytest

from benchmarks.polling_simulation import simulate


@pytest.mark.parametrize("seed", [11, 12])
def test_a_fortnight_of_forty_feeds_breaks_no_promise(seed: int) -> None:
    report = simulate(feeds=40, days=14.0, seed=seed)
    assert report.complaints == []
    assert (report.early_polls, report.needless_unconditional_gets, report.requests_past_a_hosts_limit) == (0, 0, 0)
    assert (report.entries_missed, report.entries_taken_twice) == (0, 0)
    assert (report.feeds_dead, report.feeds_marked_by_our_outages, report.honest_called_liars) == (0, 0, 0)
    assert report.feeds_parked == report.feeds_gone
    assert report.liars_found == report.liars
    assert report.entries_taken > 0.8 * report.entries_published
    assert report.not_modified > 0.2 * report.polls
