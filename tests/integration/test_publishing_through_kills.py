"""The server is killed under publishing load, its last second lost: one event id for each version, and nothing lost for good.

`python -m benchmarks.publishing_kills` is the same for longer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from benchmarks.publishing_kills import Run
from tests.servers import KINDS, Kind, binary

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.integration, pytest.mark.timeout(300)]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_no_version_gets_a_second_id_and_nothing_is_lost_when_the_server_is_killed(kind: Kind, tmp_path: Path) -> None:
    program = binary(kind)
    if program is None:
        pytest.skip(f"no {kind.name} on this machine: {kind.how}")
    report = Run(tmp_path, seed=7, binary=program).go(3)
    assert (report.second_ids, report.backwards, report.gaps) == (0, 0, 0)
    assert (report.lost, report.stale, report.dead) == (0, 0, ())
    assert report.cuts >= 1
    assert report.versions > report.articles > 50
