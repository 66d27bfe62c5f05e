"""Commands to the server and their replies, several in one round trip.

A connection of redis-py packs, sends, reads, looks after its health and connects again; this holds idle ones, and
nothing more. What redis-py's client does around each command is not here (a pool that tries a connection before it
lends it, measurements, callbacks by command): of the 44 µs that a call took, 27.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from redis.exceptions import ResponseError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from redis.connection import ConnectionPool

Argument = str | int | float | bytes
Command = tuple[Argument, ...]


class Wire:
    """Connections that are lent to one thread at a time; after a fork the child opens its own."""

    def __init__(self, pool: ConnectionPool) -> None:
        self._pool = pool
        self._idle: list[Any] = []
        self._process = os.getpid()

    def ask(self, commands: Sequence[Command], *, decode: bool = True) -> list[Any]:
        """Return the reply to each command; what the server refuses is a ResponseError in its place.

        Without `decode` texts are bytes. All are tried again as the connection's policy says, so each must be harmless
        when it is done twice. Raises ConnectionError and TimeoutError of redis-py.
        """
        connection = self._take()
        try:
            replies: list[Any] = connection.retry.call_with_retry(
                lambda: _exchange(connection, commands, decode=decode), lambda _error: connection.disconnect()
            )
        except BaseException:
            connection.disconnect()  # a reply that nobody reads would be taken for that to the next command
            raise
        finally:
            self._idle.append(connection)
        return replies

    def _take(self) -> Any:
        if self._process != os.getpid():
            self._idle, self._process = [], os.getpid()
        try:
            return self._idle.pop()
        except IndexError:
            return self._pool.get_connection()


def _exchange(connection: Any, commands: Sequence[Command], *, decode: bool) -> list[Any]:
    one = len(commands) == 1
    connection.send_packed_command(connection.pack_command(*commands[0]) if one else connection.pack_commands(commands))
    return [_reply(connection, decode=decode) for _ in commands]


def _reply(connection: Any, *, decode: bool) -> Any:
    try:
        return connection.read_response(disable_decoding=not decode)
    except ResponseError as refused:
        return refused


def fields(reply: Any) -> dict[str, str]:
    """The fields of a hash; older versions of the protocol answer them as a list of names and values."""
    return reply if isinstance(reply, dict) else dict(zip(reply[::2], reply[1::2], strict=True))
