"""Tables: whole in a pipe, and at a terminal with names that can be copied."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[4]
LONG = "https://example.org/" + "a" * 300


def test_a_row_in_a_pipe_is_one_line_and_nothing_of_it_is_cut_off() -> None:
    script = (
        "from console.cli.output import print_table\n"
        f"print_table(('id', 'name', 'url'), [('0123456789abcdef', 'x' * 90, {LONG!r})], empty='')"
    )
    done = subprocess.run(
        (sys.executable, "-c", script), cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
    )
    _, row = done.stdout.splitlines()
    assert row.split() == ["0123456789abcdef", "x" * 90, LONG]


def test_an_empty_table_is_said_in_words_beside_the_data() -> None:
    script = "from console.cli.output import print_table; print_table(('id',), [], empty='nothing here')"
    done = subprocess.run((sys.executable, "-c", script), cwd=ROOT, capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("", "nothing here\n")
