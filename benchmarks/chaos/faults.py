"""The faults and how often each is drawn. Kills lead, as the count of kills is what a run is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.chaos import server_faults, system_faults
from benchmarks.chaos.process_faults import killing, stopping

if TYPE_CHECKING:
    import random

    from benchmarks.chaos.target import Fault

FAULTS: tuple[tuple[int, Fault], ...] = (
    (22, killing("text", child=True)),
    (10, killing("text")),
    (14, killing("web")),
    (8, killing("scheduler")),
    (8, killing("beat")),
    (10, killing("server")),
    (3, killing("console")),
    (3, stopping("text")),
    (3, stopping("web")),
    (3, stopping("scheduler")),
    (3, stopping("beat")),
    (2, stopping("server")),
    (1, stopping("server", for_good=True)),
    (1, stopping("web", for_good=True)),
    (1, stopping("text", for_good=True)),
    (1, stopping("beat", for_good=True)),
    (3, server_faults.twice),
    (2, server_faults.while_it_rewrites),
    (2, server_faults.away),
    (4, server_faults.cut),
    (3, server_faults.black_hole),
    (1, server_faults.long_black_hole),
    (2, server_faults.scripts_forgotten),
    (2, server_faults.password_changed),
    (2, server_faults.out_of_memory),
    (3, server_faults.disk_full),
    (2, system_faults.power_cut),
    (1, system_faults.supervisor_killed),
    (1, system_faults.orderly_stop),
    (1, system_faults.ticks_gone),
    (2, system_faults.network_silent),
    (1, system_faults.feeds_file_broken),
    (2, system_faults.doorbells),
    (2, system_faults.foreign_messages),
)


def draw(rng: random.Random) -> Fault:
    """Choose a fault by its weight."""
    return rng.choices([fault for _, fault in FAULTS], [weight for weight, _ in FAULTS])[0]
