"""A pool child can be ended from outside its Python code, and cannot take the machine's memory with it."""

from __future__ import annotations

import signal
import subprocess
import sys

CONTAINED = "from workers.containment import contain, deadline; contain({memory})\n"


def run(code: str, *, memory: int = 1024) -> subprocess.CompletedProcess[str]:
    script = CONTAINED.format(memory=memory) + code
    return subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False)


def test_work_that_outlasts_its_deadline_inside_c_code_ends_the_process() -> None:
    # One match that takes longer than anybody lives; no Python handler runs inside it.
    ended = run("import re\nwith deadline(0.3): re.match('(a+)+$', 'a' * 64 + 'b')")
    assert ended.returncode == -signal.SIGALRM


def test_work_that_is_done_in_time_disarms_the_alarm() -> None:
    ended = run("import signal\nwith deadline(30): pass\nprint(signal.getitimer(signal.ITIMER_REAL))")
    assert ended.stdout.strip() == "(0.0, 0.0)"


def test_work_that_fails_disarms_the_alarm_too() -> None:
    code = "import signal\ntry:\n    with deadline(30): raise ValueError\nexcept ValueError: print(signal.getitimer(signal.ITIMER_REAL))"
    assert run(code).stdout.strip() == "(0.0, 0.0)"


def test_memory_beyond_the_limit_is_an_error_and_not_the_machines_problem() -> None:
    ended = run("try:\n    bytearray(900 * 1024 * 1024)\nexcept MemoryError: print('refused')", memory=512)
    assert ended.stdout.strip() == "refused"
