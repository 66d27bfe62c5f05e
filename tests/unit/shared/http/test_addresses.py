"""Which addresses may be connected to."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.http.addresses import GLOBAL_UNICAST, METADATA, PRIVATE, is_private, refusal


def why(text: str, *, allow_loopback: bool = False) -> str:
    return refusal(ipaddress.ip_address(text), allow_loopback=allow_loopback)


@pytest.mark.parametrize(
    "text",
    [
        "1.1.1.1",
        "93.184.215.14",
        "172.32.0.1",
        "100.128.0.1",
        "192.0.1.1",
        "198.20.0.1",
        "223.255.255.255",
        "2606:4700::1111",
        "2a00:1450:4001::1",
        "2001:200::1",
    ],
)
def test_a_public_address_is_allowed(text: str) -> None:
    assert why(text) == ""


@pytest.mark.parametrize(
    "text",
    [
        "127.0.0.1",
        "10.1.2.3",
        "169.254.169.254",
        "0.0.0.0",
        "::",
        "::1",
        "fe80::1",
        "2002::1",
        "64:ff9b::1",
        "::ffff:1.1.1.1",
        "::1.1.1.1",
        "fec0::1",
        "ff0e::1",
        "4000::1",
    ],
)
def test_a_special_address_is_refused_with_its_kind(text: str) -> None:
    assert why(text)


@pytest.mark.parametrize("text", ["127.0.0.1", "127.255.255.255", "::1"])
def test_loopback_is_let_in_only_when_it_is_allowed(text: str) -> None:
    assert why(text)
    assert why(text, allow_loopback=True) == ""


@pytest.mark.parametrize("text", ["0.0.0.0", "::", "::ffff:127.0.0.1", "169.254.169.254", "10.0.0.1", "fe80::1"])
def test_allowing_loopback_lets_in_nothing_else(text: str) -> None:
    assert why(text, allow_loopback=True)


@given(st.ip_addresses(v=4))
def test_no_ipv4_address_that_python_knows_as_special_is_allowed(address: ipaddress.IPv4Address) -> None:
    if not refusal(address):
        assert address.is_global
        assert not address.is_multicast


@given(st.ip_addresses(v=6))
def test_only_global_unicast_is_allowed_of_ipv6(address: ipaddress.IPv6Address) -> None:
    if not refusal(address):
        assert address in GLOBAL_UNICAST
        assert address.is_global
        assert address.sixtofour is None
        assert address.teredo is None
        assert address.ipv4_mapped is None


@pytest.mark.parametrize(
    ("network", "private"),
    [
        ("127.0.0.0/8", True), ("10.1.0.0/16", True), ("192.168.1.7/32", True), ("fd12::/16", True), ("::1/128", True),
        ("0.0.0.0/0", False), ("10.0.0.0/7", False), ("169.254.0.0/16", False), ("8.8.8.8/32", False), ("::/0", False),
        ("fe80::/10", False), ("224.0.0.0/4", False),
    ],
)  # fmt: skip
def test_only_parts_of_private_blocks_are_networks_of_one_s_own(network: str, private: bool) -> None:
    assert is_private(ipaddress.ip_network(network)) is private


def test_named_networks_take_the_place_of_the_public_ones_but_for_where_clouds_keep_credentials() -> None:
    allowed = (ipaddress.ip_network("10.1.0.0/16"),)
    assert refusal(ipaddress.ip_address("10.1.2.3"), only=allowed) == ""
    for text in ("10.2.0.1", "1.1.1.1", "127.0.0.1", "::ffff:10.1.2.3"):
        assert refusal(ipaddress.ip_address(text), only=allowed)
    for address in METADATA:
        assert refusal(address, only=PRIVATE)
