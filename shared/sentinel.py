"""Addresses of a server behind Redis Sentinel, for the state and for the broker alike. Pure.

`redis+sentinel://user:password@host1:26379,host2:26379/service/0` names the sentinels, the service they watch and its
database; `rediss+sentinel://` speaks TLS to all of them. User and password are those of the server. A sentinel that
wants a password of its own is given it as `?sentinel_password=…`.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import parse_qs, quote, unquote, urlsplit

SCHEMES = ("redis+sentinel", "rediss+sentinel")
PORT = 26_379


@dataclass(frozen=True, kw_only=True)
class SentinelAddress:
    """Who is asked (host, port), for what, and how the server that they name is spoken to."""

    hosts: tuple[tuple[str, int], ...]
    service: str
    db: int = 0
    username: str = ""
    password: str = ""
    sentinel_password: str = ""
    tls: bool = False
    ca_file: str = ""

    @property
    def kombu(self) -> str:
        """The same for kombu: one sentinel:// URL each, separated by semicolons."""
        user = f"{quote(self.username, safe='')}:{quote(self.password, safe='')}@" if self.password else ""
        return ";".join(f"sentinel://{user}{_bracketed(host)}:{port}/{self.db}" for host, port in self.hosts)


def parse(url: str) -> SentinelAddress | None:
    """Return the address, or None where the URL names no sentinel. Raises ValueError, with the form it should have."""
    scheme, _, rest = url.partition("://")
    if scheme not in SCHEMES:
        return None
    authority, _, path = rest.partition("/")
    user, _, hosts = authority.rpartition("@")
    username, _, password = user.partition(":")
    service, _, db = path.partition("?")[0].partition("/")
    options = {name: values[-1] for name, values in parse_qs(path.partition("?")[2]).items()}
    if not hosts or not service or not (db or "0").isdecimal():
        raise ValueError(f"a Sentinel address reads {scheme}://:password@host1:26379,host2:26379/service/0")
    return SentinelAddress(
        hosts=tuple(_host(one) for one in hosts.split(",")),
        service=unquote(service),
        db=int(db or 0),
        username=unquote(username),
        password=unquote(password),
        sentinel_password=options.get("sentinel_password", ""),
        tls=scheme.startswith("rediss"),
        ca_file=options.get("ssl_ca_certs", ""),
    )


def _host(text: str) -> tuple[str, int]:
    parts = urlsplit(f"//{text}")
    if not parts.hostname:
        raise ValueError(f"{text!r} is no host of a Sentinel")
    return parts.hostname, parts.port or PORT


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
