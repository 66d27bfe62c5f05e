"""The `rarewire` command: one module a noun."""

from console.cli.streams import open_closed

open_closed()  # before any module asks standard output whether it is a terminal
