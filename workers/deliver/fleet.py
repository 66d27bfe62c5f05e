"""All endpoints' senders in one process: a thread each (or several, where an endpoint says so), started and stopped."""

from __future__ import annotations

import os
import platform
import threading
import time
from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING

import structlog

from shared.http_client import HTTPClient, Reach, user_agent
from shared.life import mark
from shared.stores.connection import RedisError, connect
from shared.stores.vitals import VitalStore
from shared.stores.webhooks import WebhookStore
from workers.deliver import catalogue, step
from workers.deliver.core import SecretError
from workers.deliver.sender import Sender, register

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shared.settings import Settings
    from shared.stores.connection import Database
    from workers.deliver.core import Endpoint

PULSE = "webhooks"
BEAT = 5.0
STILL = 60.0  # seconds beyond two timeouts in which a sender must have looked
PATIENCE = 10.0  # seconds that senders are given to end

log = structlog.get_logger()


def client(endpoint: Endpoint, settings: Settings) -> HTTPClient:
    """Return a client that reaches what the endpoint may be at, on its port, and nothing else."""
    reach = Reach(ports=frozenset({endpoint.port}), only=endpoint.allow_networks)
    agent = user_agent(version("rarewire"), settings.contact)
    return HTTPClient(agent=agent, reach=reach, threads=endpoint.parallel)


@dataclass(kw_only=True)
class Fleet:
    """The senders of a process."""

    settings: Settings
    endpoints: Sequence[Endpoint]

    def run(self, stop: threading.Event) -> None:
        """Send until `stop` is set; shows life as long as every sender does."""
        threads = sum(endpoint.parallel for endpoint in self.endpoints)
        database = connect(self.settings.redis(), connections=threads + 10)
        self._prepare(database, stop)
        senders = [] if stop.is_set() else self._senders(database)
        running = [threading.Thread(target=one.run, name=one.member, daemon=True) for one in senders]
        for thread in running:
            thread.start()
        while not stop.is_set():
            self._show_life(database, senders)
            stop.wait(BEAT)
        for sender in senders:
            sender.stop()
        end = time.monotonic() + PATIENCE
        for thread in running:
            thread.join(max(end - time.monotonic(), 0.0))

    def _prepare(self, database: Database, stop: threading.Event) -> None:
        """Register the groups, however long the server is away."""
        for endpoint in self.endpoints:
            try:
                catalogue.keys_of(endpoint)
            except SecretError as error:
                log.warning("secret_unusable", endpoint=endpoint.name, why=str(error))
        told = {
            one.name: {"stream": one.stream, "group": one.group, "url": one.shown_url, "owner": one.owner}
            for one in self.endpoints
        }
        while not stop.is_set():
            try:
                for endpoint in self.endpoints:
                    register(database, endpoint)
                WebhookStore(database).tell(told)
            except RedisError as error:
                log.warning("server_away", error=str(error))
                stop.wait(1.0)
            else:
                return

    def _senders(self, database: Database) -> list[Sender]:
        own, senders = f"{platform.node()}-{os.getpid()}", []
        for endpoint in self.endpoints:
            http = client(endpoint, self.settings)
            if not endpoint.allow_networks:
                http.self_test()
            ports = step.Ports(http=http, keys_of=catalogue.keys_of, clock=time.time)
            senders += [
                Sender(
                    database=database, endpoint=endpoint, ports=ports, member=f"{own}-{number}",
                    scale=self.settings.retry_scale,
                )
                for number in range(endpoint.parallel)
            ]  # fmt: skip
        return senders

    def _show_life(self, database: Database, senders: Sequence[Sender]) -> None:
        now = time.monotonic()
        still = [one for one in senders if now - one.seen > STILL + 2 * one.endpoint.timeout]
        if still:
            log.error("sender_still", endpoint=still[0].endpoint.name)
            return
        mark(self.settings.state_dir, PULSE)
        try:
            VitalStore(database).beat(PULSE)
        except RedisError as error:
            log.warning("server_away", error=str(error))
