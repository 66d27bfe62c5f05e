"""`rarewire doctor`: is this machine and its server fit to run rarewire, and what to do where they are not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from console.doctor.findings import Finding, Level
from console.doctor.here import configuration, egress, feeds_file, rules, state_folder, webhooks
from console.doctor.outside import hosts
from console.doctor.server import broker, questions, server

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shared.settings import Settings

__all__ = ["Finding", "Level", "examine", "questions"]


def examine(settings: Settings, *, ask_outside: bool = False) -> Iterator[Finding]:
    """Yield what every check finds, in an order that puts causes before effects."""
    yield from configuration(settings)
    yield state_folder(settings.state_dir)
    yield feeds_file(settings.feeds_file)
    yield from (rules(topic) for topic in settings.topics)
    yield from webhooks(settings)
    yield egress(settings)
    if ask_outside:
        yield from hosts(settings)
    yield from server(settings)
    if settings.broker_url:
        yield broker(settings.broker())
