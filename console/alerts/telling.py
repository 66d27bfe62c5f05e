"""Sends what is to be told to the addresses of the settings, through apprise; loaded only where there are any."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

from console.words import duration

if TYPE_CHECKING:
    from collections.abc import Iterable

    from console.alerts.hysteresis import Telling
    from shared.settings import Settings

log = structlog.get_logger()


def words(telling: Telling, *, console: str = "") -> tuple[str, str]:
    """Return the subject and the body of a message."""
    state = "recovered" if telling.recovered else telling.severity
    lasted = f"It lasted {duration(telling.lasted)}." if telling.recovered else f"Since {duration(telling.lasted)}."
    link = f"\n{console.rstrip('/')}{telling.href}" if console else ""
    guide = f"\nWhat to do: docs/operations.md, {telling.rule}"
    return f"[rarewire] {state}: {telling.title}", f"{telling.detail}\n{lasted}{guide}{link}"


def send(settings: Settings, tellings: Iterable[Telling]) -> int:
    """Send each telling to every address; returns how many were taken. What cannot be sent is logged."""
    if not settings.notify_urls:
        return 0
    import apprise  # noqa: PLC0415 - loads a hundred plugins, for nothing where nobody is told

    sender = apprise.Apprise()
    for url in settings.notify_urls:
        sender.add(url.get_secret_value())
    taken = 0
    for telling in tellings:
        kind = apprise.NotifyType.SUCCESS if telling.recovered else apprise.NotifyType.WARNING
        subject, body = words(telling, console=settings.console_url)
        if sender.notify(title=subject, body=body, notify_type=kind):
            taken += 1
        else:
            log.error("notice_not_sent", title=telling.title)
    return taken
