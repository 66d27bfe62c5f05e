"""Where connections are made: resolve once, check every address, connect to a checked one.

httpcore asks this backend for each new connection, TLS or not, first request or redirect. The name is never looked up
a second time, so an answer that changes between check and connect (DNS rebinding) changes nothing. TLS is verified
against the name, on the connection to the checked address.
"""

from __future__ import annotations

import errno
import ipaddress
import select
import socket
import ssl
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from shared.errors import PermanentError, RetryableError
from shared.http.addresses import LOOPBACK, Address, Network, refusal
from shared.http.budget import Budget
from shared.http.lookups import Lookups, Resolve
from shared.outcomes import Reason

TRIED = 4  # addresses of a host that are tried before giving up
NO_WAIT = 0
# This machine's trouble, no host's: it has no file descriptor, memory or buffer for a socket.
OWN_TROUBLE = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.ENOBUFS})
LOOK_UP = 10.0  # seconds that a name is given; what a resolver has not found by then it does not find


def system_resolve(host: str, port: int) -> Sequence[str]:
    """The addresses by the system's resolver. Bytes are passed so that Python's own IDNA codec stays out of it."""
    found = socket.getaddrinfo(host.encode("ascii"), port, type=socket.SOCK_STREAM)
    return [str(address[0]) for *_, address in found]


@dataclass(frozen=True, kw_only=True)
class Reach:
    """What may be connected to. No `ports` means any; `only` are networks that take the place of the public ones."""

    ports: frozenset[int] = frozenset({80, 443})
    allow_loopback: bool = False
    only: tuple[Network, ...] = ()


class GuardedStream:
    """A connected socket that obeys the budget which comes in the place of a timeout."""

    def __init__(self, sock: socket.socket, core: Any) -> None:
        self._sock = sock
        self._core = core

    def read(self, max_bytes: int, timeout: Budget) -> bytes:
        """At most `max_bytes` bytes; none means that the other side is done."""
        try:
            self._sock.settimeout(timeout.left())
            data = self._sock.recv(max_bytes)
        except TimeoutError as error:
            raise RetryableError(Reason.TIMEOUT, "the server fell silent") from error
        except OSError as error:
            raise self._core.ReadError(str(error)) from error
        timeout.spend(len(data))
        return data

    def write(self, buffer: bytes, timeout: Budget) -> None:
        """Send all of `buffer`."""
        view = memoryview(buffer)
        try:
            while view:
                self._sock.settimeout(timeout.left())
                view = view[self._sock.send(view) :]
        except TimeoutError as error:
            raise RetryableError(Reason.TIMEOUT, "the server took no more of the request") from error
        except OSError as error:
            # httpcore reads on after this one: a server may answer and close before it has read the request.
            raise self._core.WriteError(str(error)) from error

    def close(self) -> None:
        """Close the socket."""
        self._sock.close()

    def start_tls(self, ssl_context: ssl.SSLContext, server_hostname: str, timeout: Budget) -> GuardedStream:
        """The same connection under TLS, verified for `server_hostname`."""
        try:
            self._sock.settimeout(timeout.left())
            secured = ssl_context.wrap_socket(self._sock, server_hostname=server_hostname.rstrip("."))
        except TimeoutError as error:
            self.close()
            raise RetryableError(Reason.TIMEOUT, "the TLS handshake took too long") from error
        except (OSError, ValueError) as error:
            self.close()
            raise RetryableError(Reason.TLS, str(error)[:200]) from error
        return GuardedStream(secured, self._core)

    def get_extra_info(self, info: str) -> Any:
        """What httpcore asks of a stream; None for what it need not know."""
        if info == "is_readable":
            return _is_readable(self._sock)
        if info == "ssl_object" and isinstance(self._sock, ssl.SSLSocket):
            return self._sock._sslobj  # type: ignore[attr-defined]  # noqa: SLF001 - as httpcore's own stream does
        return None


def _is_readable(sock: socket.socket) -> bool:
    """Whether an idle connection has something to say, which can only be that it is over."""
    if sock.fileno() < 0:
        return True
    poll = select.poll()
    poll.register(sock, select.POLLIN)
    return bool(poll.poll(NO_WAIT))


class GuardedBackend:
    """A network backend for httpcore that reaches public addresses only. Shared by threads."""

    def __init__(self, reach: Reach, core: Any, *, resolve: Resolve = system_resolve, threads: int = 64) -> None:
        self._reach = reach
        self._core = core
        self._lookups = Lookups(resolve, askers=threads)

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: Budget,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> GuardedStream:
        """A connection to a checked address of `host`; the signature is httpcore's."""
        del local_address, socket_options
        timeout.connected = True
        addresses = self._checked(host, port, timeout)
        return GuardedStream(self._connect_first(addresses, port, timeout), self._core)

    def close(self) -> None:
        """Let the resolver threads go."""
        self._lookups.close()

    def _checked(self, host: str, port: int, budget: Budget) -> list[Address]:
        """All addresses of the host, if every one of them may be connected to: one bad one spoils the answer."""
        addresses = [_address(text) for text in self._look_up(host, port, budget)]
        if not addresses:
            raise RetryableError(Reason.DNS, f"{host} has no address")
        for address in addresses:
            why = refusal(address, allow_loopback=self._reach.allow_loopback, only=self._reach.only)
            if why:
                raise PermanentError(Reason.FORBIDDEN_ADDRESS, f"{host} is at {address}: {why}")
        if not self._port_allowed(port, addresses):
            raise PermanentError(Reason.FORBIDDEN_ADDRESS, f"port {port} is not among the allowed ones")
        return addresses

    def _port_allowed(self, port: int, addresses: list[Address]) -> bool:
        """On a loopback that was let in any port will do: that is where demo and test servers are."""
        if not self._reach.ports or port in self._reach.ports:
            return True
        return all(any(address in block for block in LOOPBACK) for address in addresses)

    def _look_up(self, host: str, port: int, budget: Budget) -> Sequence[str]:
        literal = _literal(host)
        if literal:
            return [literal]
        try:
            return self._lookups.look_up(host, port, seconds=min(budget.left(), LOOK_UP))
        except TimeoutError as error:
            raise RetryableError(Reason.DNS, f"looking up {host} took too long") from error
        except UnicodeError as error:
            raise PermanentError(Reason.BAD_URL, f"no host name: {host[:100]!r}") from error
        except OSError as error:
            raise RetryableError(Reason.DNS, f"{host}: {error}") from error

    def _connect_first(self, addresses: list[Address], port: int, budget: Budget) -> socket.socket:
        """A socket to the first address that answers; each is given its share of the time that is left."""
        tried = addresses[:TRIED]
        failure: OSError | None = None
        for index, address in enumerate(tried):
            try:
                return _connect(address, port, budget.left() / (len(tried) - index))
            except OSError as error:
                if error.errno in OWN_TROUBLE:
                    raise
                failure = error
        reason = Reason.TIMEOUT if isinstance(failure, TimeoutError) else Reason.CONNECT
        raise RetryableError(reason, f"connecting to {tried[-1]} port {port}: {failure}") from failure


def _connect(address: Address, port: int, seconds: float) -> socket.socket:
    family = socket.AF_INET if isinstance(address, ipaddress.IPv4Address) else socket.AF_INET6
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.settimeout(seconds)
        sock.connect((str(address), port))
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    except BaseException:
        sock.close()
        raise
    return sock


def _literal(host: str) -> str:
    """The address that a host is when it is no name, else the empty string."""
    try:
        return str(ipaddress.ip_address(host.strip("[]")))
    except ValueError:
        return ""


def _address(text: str) -> Address:
    """An address of a resolver's answer; one that cannot be read is refused like a forbidden one."""
    try:
        return ipaddress.ip_address(text)
    except ValueError as error:
        raise PermanentError(Reason.FORBIDDEN_ADDRESS, f"not an address: {text[:60]!r}") from error
