"""Structured logs: one JSON line an event, a static event name with key=value; never bodies or secrets."""

from __future__ import annotations

import json
import logging
import re
import sys
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from functools import cache
from typing import TYPE_CHECKING, cast

import structlog

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping
    from typing import Any, TextIO

# What stands between `//` and `@` of a URL: passwords of servers and brokers come into libraries' error texts.
CREDENTIALS = re.compile(r"(?<=://)[^/\s@'\"]+@")

_subject: ContextVar[Callable[[], Mapping[str, Any]] | None] = ContextVar("subject", default=None)


@contextmanager
def about(subject: Callable[[], Mapping[str, Any]]) -> Iterator[None]:
    """While this block runs, all that is logged is about this; asked for only when something is logged."""
    token = _subject.set(subject)
    try:
        yield
    finally:
        _subject.reset(token)


class Unfailing:
    """A stream whose writing never fails: on a full disk lines are lost, and the work that wrote them goes on."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Write, or lose it."""
        with suppress(OSError):
            return self._stream.write(text)
        return 0

    def flush(self) -> None:
        """Flush, or lose what was to be flushed."""
        with suppress(OSError):
            self._stream.flush()


def configure(*, level: str, as_json: bool) -> None:
    """Send our events and the libraries' warnings to standard error, in one format."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        with_subject,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    clean: list[structlog.typing.Processor] = [structlog.processors.format_exc_info, without_credentials]
    render: structlog.typing.Processor = (
        structlog.processors.JSONRenderer(serializer=_json) if as_json else structlog.dev.ConsoleRenderer(colors=False)
    )
    structlog.configure(
        processors=[*shared, *clean, lines(render)],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level)),
        logger_factory=structlog.WriteLoggerFactory(file=cast("TextIO", Unfailing(sys.stderr))),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, structlog.stdlib.add_logger_name],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                *clean,
                render,
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING if level == "INFO" else level)
    # The engine reports each odd page; the pipeline says it once, with a reason.
    for noisy in ("trafilatura", "htmldate", "courlan", "justext"):
        logging.getLogger(noisy).setLevel(logging.CRITICAL)


def without_credentials(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Leave user names and passwords out of the URLs in an event's texts."""
    for name, value in event.items():
        if isinstance(value, str) and "://" in value:
            event[name] = CREDENTIALS.sub("…@", value)
    return event


@cache
def _encoder(fallback: Callable[[Any], Any]) -> json.JSONEncoder:
    return json.JSONEncoder(default=fallback)


def _json(event: Any, *, default: Callable[[Any], Any]) -> str:
    """As `json.dumps`, which makes an encoder a line."""
    return _encoder(default).encode(event)


def with_subject(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Say what an event is about."""
    subject = _subject.get()
    if subject:
        for name, value in subject().items():
            event.setdefault(name, value)
    return event


def lines(render: structlog.typing.Processor) -> structlog.typing.Processor:
    """Render an event with `each` as a line for each of these mappings (ids and words), which are written together."""

    def rendered(logger: Any, method: str, event: MutableMapping[str, Any]) -> str:
        each: Iterable[Mapping[str, Any]] = event.pop("each", None) or ({},)
        return "\n".join(str(render(logger, method, {**event, **one})) for one in each)

    return rendered
