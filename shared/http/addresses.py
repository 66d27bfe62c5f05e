"""Which addresses may be connected to. Pure.

`ipaddress.is_global` is not asked: on Python 3.11 it calls NAT64, 6to4, IPv4-compatible, multicast and other special
blocks global. IPv4 is what the IANA special-purpose registry leaves; IPv6 is 2000::/3, all that has ever been given out
as global unicast, less the special blocks inside it. What carries an IPv4 address in an IPv6 one is refused whole.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

GLOBAL_UNICAST = ipaddress.IPv6Network("2000::/3")
LOOPBACK = (ipaddress.IPv4Network("127.0.0.0/8"), ipaddress.IPv6Network("::1/128"))

SPECIAL_V4 = tuple(
    (ipaddress.IPv4Network(block), name)
    for block, name in (
        ("0.0.0.0/8", "this network"),  # RFC 791; Linux connects 0.0.0.0 to itself
        ("10.0.0.0/8", "private"),  # RFC 1918
        ("100.64.0.0/10", "carrier-grade NAT"),  # RFC 6598; cloud metadata of Alibaba
        ("127.0.0.0/8", "loopback"),  # RFC 1122
        ("168.63.129.16/32", "cloud metadata"),  # Azure's wire server, a public address with private powers
        ("169.254.0.0/16", "link-local"),  # RFC 3927; cloud metadata of most
        ("172.16.0.0/12", "private"),  # RFC 1918
        ("192.0.0.0/24", "protocol assignments"),  # RFC 6890; cloud metadata of Oracle
        ("192.0.2.0/24", "documentation"),  # RFC 5737
        ("192.88.99.0/24", "6to4 relay"),  # RFC 7526
        ("192.168.0.0/16", "private"),  # RFC 1918
        ("198.18.0.0/15", "benchmarking"),  # RFC 2544
        ("198.51.100.0/24", "documentation"),  # RFC 5737
        ("203.0.113.0/24", "documentation"),  # RFC 5737
        ("224.0.0.0/4", "multicast"),  # RFC 5771
        ("240.0.0.0/4", "reserved"),  # RFC 1112, with the limited broadcast
    )
)

SPECIAL_V6 = tuple(
    (ipaddress.IPv6Network(block), name)
    for block, name in (
        ("2001::/23", "protocol assignments"),  # RFC 2928: Teredo, benchmarking, ORCHID
        ("2001:db8::/32", "documentation"),  # RFC 3849
        ("2002::/16", "6to4"),  # RFC 3056
        ("3ffe::/16", "6bone"),  # RFC 3701
        ("3fff::/20", "documentation"),  # RFC 9637
    )
)


# Where clouds hand out credentials inside blocks that are private otherwise; reached under no allowance.
METADATA = frozenset(map(ipaddress.ip_address, ("100.100.100.200", "fd00:ec2::254")))  # Alibaba, AWS

# What an operator may name as a network of their own.
PRIVATE: tuple[Network, ...] = (
    *LOOPBACK,
    *map(ipaddress.IPv4Network, ("10.0.0.0/8", "100.64.0.0/10", "172.16.0.0/12", "192.168.0.0/16")),
    ipaddress.IPv6Network("fc00::/7"),  # RFC 4193
)


def is_private(network: Network) -> bool:
    """Whether a network lies within one of the blocks that private networks are made of."""
    blocks = [block for block in PRIVATE if block.version == network.version]
    return any(network.subnet_of(block) for block in blocks)  # type: ignore[arg-type]  # of one version


def refusal(address: Address, *, allow_loopback: bool = False, only: Sequence[Network] = ()) -> str:
    """Why no connection may be made to `address`, or the empty string if one may.

    `allow_loopback` lets in 127.0.0.0/8 and ::1, and nothing else: not 0.0.0.0, not ::ffff:127.0.0.1.
    `only`, where given, are the networks that may be connected to, in the place of the public ones.
    """
    if only:
        inside = address not in METADATA and any(address in network for network in only)
        return "" if inside else "not in the networks that are allowed"
    if allow_loopback and any(address in block for block in LOOPBACK):
        return ""
    if isinstance(address, ipaddress.IPv4Address):
        return next((name for block, name in SPECIAL_V4 if address in block), "")
    if address not in GLOBAL_UNICAST:
        return "not global unicast"
    return next((name for block, name in SPECIAL_V6 if address in block), "")
