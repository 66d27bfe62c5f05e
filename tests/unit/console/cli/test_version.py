"""`rarewire --version` needs no command beside it."""

from __future__ import annotations

from importlib.metadata import version

from typer.testing import CliRunner

from console.cli.main import app


def test_the_version_is_told_without_a_command():
    answer = CliRunner().invoke(app, ["--version"])
    assert (answer.exit_code, answer.stdout) == (0, f"rarewire {version('rarewire')}\n")
