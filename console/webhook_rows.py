"""Webhook endpoints as rows for people: how each stands, and what its consumer group still has to be given."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from console.words import plural
from shared.stores.groups import GroupStore
from shared.stores.webhooks import Standing, WebhookStore
from workers.deliver.core.endpoints import GROUP

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from shared.stores.connection import Database
    from shared.stores.groups import Group

SENDS, FAILING, PAUSED, DISABLED, ORPHAN = "sends", "failing", "paused", "disabled", "not configured"


@dataclass(frozen=True, kw_only=True)
class WebhookRow:
    """One endpoint. `undelivered` counts events, `oldest` is the age in seconds of the oldest of them."""

    name: str
    state: str
    stream: str
    group: str
    url: str = ""
    owner: str = ""
    undelivered: int = 0
    oldest: float | None = None
    dead: int = 0
    standing: Standing

    @property
    def ok(self) -> bool:
        """Whether it is sent to."""
        return self.state == SENDS

    @property
    def failed(self) -> int:
        """How many attempts failed."""
        return sum(count for outcome, count in self.standing.counts.items() if outcome != "delivered")

    @property
    def why(self) -> str:
        """What stands against it, in words; empty where nothing does."""
        if self.state == ORPHAN:
            return (
                f"no endpoint reads this group any more, and it holds the trim; `rarewire webhooks forget {self.name}`"
            )
        if self.state == DISABLED:
            return self.standing.disabled
        if self.state == SENDS:
            return ""
        return f"{plural(self.standing.failures, 'failure')} in a row, the last: {self.standing.detail}"


def rows(database: Database, streams: Iterable[str]) -> list[WebhookRow]:
    """Return the endpoints that the sender was told of, and groups of former ones, by name."""
    store, groups = WebhookStore(database), GroupStore(database)
    told, now = store.told(), database.time()
    standing = {name: store.standing(name) for name in told}
    states = [group for stream in streams for group in groups.states(stream)]
    by_place = {(group.stream, group.name): group for group in states}
    found = [
        _row(name, one, standing[name], by_place.get((one["stream"], one["group"])), now) for name, one in told.items()
    ]
    known = {(one["stream"], one["group"]) for one in told.values()}
    prefix = GROUP.format("")
    return found + [
        WebhookRow(
            name=group.name.removeprefix(prefix), state=ORPHAN, stream=group.stream, group=group.name,
            owner=group.owner, undelivered=group.lag + group.pending, oldest=group.oldest_unacked, dead=group.dead,
            standing=Standing(),
        )
        for place, group in by_place.items()
        if group.registered and group.name.startswith(prefix) and place not in known
    ]  # fmt: skip


def _row(name: str, told: Mapping[str, str], standing: Standing, group: Group | None, now: float) -> WebhookRow:
    return WebhookRow(
        name=name, state=_state(standing, now), stream=told["stream"], group=told["group"], url=told["url"],
        owner=told["owner"], undelivered=group.lag + group.pending if group else 0,
        oldest=group.oldest_unacked if group else None, dead=group.dead if group else 0, standing=standing,
    )  # fmt: skip


def _state(standing: Standing, now: float) -> str:
    if standing.disabled:
        return DISABLED
    if standing.paused_until > now:
        return PAUSED
    return FAILING if standing.failures else SENDS
