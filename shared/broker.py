"""Celery, for doorbells only: the one place that makes its app and sends to a stage's queue.

JSON only, no result backend, no events. Messages are acknowledged early on purpose: a lost doorbell is rung again by
the next tick, and an unacknowledged one would come back only to find nothing to do. No message has a time after which
it is not heard: Celery judges that by the hearer's clock, and a worker whose clock is ahead would hear nothing.
"""

from __future__ import annotations

from functools import cache
from typing import Any, Self

import structlog
from celery import Celery
from kombu import Connection
from kombu.exceptions import OperationalError

from shared import sentinel
from shared.topology import TICK_QUEUE, TOPOLOGY, Stage

log = structlog.get_logger()

CHILD_LIMIT = 75.0  # seconds after which a pool child stands still: a doorbell's budget and a batch of slow pages
RETRY_MOST = 1.0  # seconds between two tries to reach the broker


# What kombu raises for a message that is no envelope of its own: not JSON, not an object, without its parts.
FOREIGN = (ValueError, KeyError, TypeError, AttributeError)


@cache
def _unshaken(transport: Any) -> Any:
    """Return a Redis transport whose channel skips what is no message; as kombu is, each one would end a worker.

    Other brokers' transports stay as they are: they have no such channel, some of them (AMQP) no channel of their own.
    """
    if not hasattr(getattr(transport, "Channel", None), "_brpop_read"):
        return transport

    class Channel(transport.Channel):  # type: ignore[misc]
        def _brpop_read(self, **options: Any) -> Any:
            try:
                return super()._brpop_read(**options)
            except FOREIGN as error:
                log.warning("foreign_message_skipped", error=f"{type(error).__name__}: {error}"[:200])
                return True

    return type("Transport", (transport,), {"Channel": Channel})


class PatientConnection(Connection):
    """A connection that is tried again every second; kombu's own waits grow to 30 s, long after the broker is back."""

    def get_transport_cls(self) -> Any:
        """Return the transport, for Redis one that survives what others put into our queues."""
        found: Any = super().get_transport_cls()
        return _unshaken(found)

    def ensure_connection(self, *args: Any, **kwargs: Any) -> Self:
        """Connect, however long it takes."""
        pace = {"interval_start": 0.2, "interval_step": 0.4, "interval_max": RETRY_MOST}
        super().ensure_connection(*args, **(pace | kwargs))
        return self


def make_app(name: str, broker_url: str) -> Celery:
    """Make a Celery app; nothing is connected before the first message."""
    app = Celery(name, broker=kombu_url(broker_url), set_as_current=False)
    app.conf.update(
        task_serializer="json",
        accept_content=["json"],
        result_backend=None,
        task_ignore_result=True,
        task_store_errors_even_if_ignored=False,
        worker_send_task_events=False,
        worker_prefetch_multiplier=1,
        task_create_missing_queues=True,
        task_default_queue=TICK_QUEUE,
        task_default_delivery_mode="transient",
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_channel_error_retry=True,  # a server whose disk or memory is full refuses; the worker stays
        broker_pool_limit=4,
        broker_transport_options=_transport(broker_url),
        worker_cancel_long_running_tasks_on_connection_loss=False,
        worker_hijack_root_logger=False,
        worker_max_memory_per_child=400_000,  # KiB; a child that has grown is replaced between two tasks
        worker_proc_alive_timeout=20.0,
        task_time_limit=CHILD_LIMIT,  # for pool children; threads know none
        enable_utc=True,
        beat_max_loop_interval=1,
        # In memory: a file remembers when ticks were sent, and after a clock that was ahead no tick would be due.
        beat_scheduler="celery.beat:Scheduler",
    )
    app.amqp.Connection = PatientConnection
    if (behind := sentinel.parse(broker_url)) and behind.tls:
        app.conf.broker_use_ssl = _tls(behind)
    return app


def kombu_url(url: str) -> str:
    """Return a broker's URL as kombu writes it; Redis behind Sentinel and by socket are spelled differently there."""
    if behind := sentinel.parse(url):
        return behind.kombu
    if url.startswith("rediss://") and "ssl_cert_reqs=" not in url:
        # What redis-py takes for granted; kombu would connect without looking at the certificate.
        return f"{url}{'&' if '?' in url else '?'}ssl_cert_reqs=required"
    return url.replace("unix://", "redis+socket://")


def _transport(broker_url: str) -> dict[str, object]:
    if not broker_url.startswith(("redis", "unix")):
        return {}
    behind = sentinel.parse(broker_url)
    extra: dict[str, object] = {"master_name": behind.service} if behind else {}
    if behind:
        # What kombu passes on to the sentinels themselves; the rest is for the server that they name.
        tls: dict[str, object] = {"ssl": True, **_tls(behind)} if behind.tls else {}
        password = {"password": behind.sentinel_password} if behind.sentinel_password else {}
        # One that is away is not asked again, the next one is; and one that hangs is given five seconds.
        patience = {"retry": None, "socket_timeout": 5, "socket_connect_timeout": 5}
        extra["sentinel_kwargs"] = {**patience, **tls, **password}
    return {
        **extra,
        "global_keyprefix": "rarewire:broker:",
        "visibility_timeout": 300,
        "unacked_restore_interval": 5,
        "unacked_mutex_expire": 15,
        "health_check_interval": 10,
        "socket_keepalive": True,
        "socket_connect_timeout": 5,
        "priority_steps": [0],
        "queue_order_strategy": "round_robin",
    }


def _tls(address: sentinel.SentinelAddress) -> dict[str, object]:
    authorities = {"ssl_ca_certs": address.ca_file} if address.ca_file else {}
    return {"ssl_cert_reqs": "required", **authorities}


def refused_by(url: str) -> str:
    """Return why a broker does not let us in, or ''; asks it once, within some seconds."""
    try:
        with Connection(kombu_url(url), connect_timeout=4, transport_options=_transport(url)) as connection:
            known = (OperationalError, *connection.connection_errors, *connection.channel_errors)
            try:
                connection.ensure_connection(max_retries=1, timeout=5)
            except known as error:  # type: ignore[misc]  # kombu types these as any BaseException
                return str(error) or type(error).__name__
    except (LookupError, ValueError, ImportError) as error:
        return f"this is no broker's address: {error}"
    return ""


def ring(app: Celery, stage: Stage) -> None:
    """Send a doorbell to a stage's queue.

    Where the broker is away it is not rung, which is no error of the work in hand: the next tick rings again.
    """
    row = TOPOLOGY[stage]
    try:
        app.send_task(row.task, queue=row.queue, ignore_result=True, retry=False)
    except OperationalError as error:
        log.warning("bell_not_rung", stage=stage.value, error=str(error))


def empty(app: Celery, queue: str) -> None:
    """Throw away what waits in a queue that nobody reads; one that is not there, or a broker that is away, is left."""
    with app.connection_for_write() as opened:
        connection: Any = opened
        try:
            connection.ensure_connection(max_retries=1)
            thrown = connection.default_channel.queue_purge(queue)
        except (OperationalError, *connection.channel_errors) as error:
            log.warning("queue_not_emptied", queue=queue, error=str(error))
        else:
            log.warning("queue_emptied", queue=queue, messages=thrown, why="nobody hears it")
