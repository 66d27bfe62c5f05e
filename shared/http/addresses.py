"""Which addresses may be connected to. Pure.

`ipaddress.is_global` is not asked: on Python 3.11 it calls NAT64, 6to4, IPv4-compatible, multicast and other special
blocks global. IPv4 is what the IANA special-purpose registry leaves; IPv6 is 2000::/3, all that has ever been given out
as global unicast, less the special blocks inside it. What carries an IPv4 address in an IPv6 one is refused whole.
"""

from __future__ import annotations

import ipaddress

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

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


def refusal(address: Address, *, allow_loopback: bool = False) -> str:
    """Why no connection may be made to `address`, or the empty string if one may.

    `allow_loopback` lets in 127.0.0.0/8 and ::1, and nothing else: not 0.0.0.0, not ::ffff:127.0.0.1.
    """
    if allow_loopback and any(address in block for block in LOOPBACK):
        return ""
    if isinstance(address, ipaddress.IPv4Address):
        return next((name for block, name in SPECIAL_V4 if address in block), "")
    if address not in GLOBAL_UNICAST:
        return "not global unicast"
    return next((name for block, name in SPECIAL_V6 if address in block), "")
