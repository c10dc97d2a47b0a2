"""What the guard lets through, by address and by name."""

from __future__ import annotations

import ipaddress
import socket
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.netguard import (
    OPEN_WORLD,
    Address,
    NameNotFound,
    OffLimits,
    ResolverTimeout,
    World,
    allowed,
    host_key,
    lookup,
    world_from_options,
)
from crawler.problems import BadInput

CLOSED = World(only_networks=("127.0.0.0/8",), resolve={"danang.gov.vn": "127.0.0.1:8080"})


def answers(*ips: str) -> Any:
    """A resolver that gives these addresses, counting how often it is asked."""

    def ask(host: str, port: int, **_: object) -> list[Any]:
        ask.asked.append(host)  # type: ignore[attr-defined]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, port)) for ip in ips]

    ask.asked = []  # type: ignore[attr-defined]
    return ask


@pytest.mark.parametrize(
    ("ip", "what"),
    [
        ("127.0.0.1", "loopback"),
        ("127.8.9.10", "loopback"),
        ("::1", "loopback"),
        ("10.1.2.3", "private"),
        ("172.31.255.255", "private"),
        ("192.168.1.1", "private"),
        ("169.254.169.254", "link-local"),
        ("fe80::1%eth0", "link-local"),
        ("100.64.0.1", "NAT"),
        ("224.0.0.1", "multicast"),
        ("239.255.255.250", "multicast"),
        ("ff02::1", "multicast"),
        ("0.0.0.0", "unspecified"),
        ("::", "unspecified"),
        ("255.255.255.255", "reserved"),
        ("192.0.2.1", "documentation"),
        ("203.0.113.7", "documentation"),
        ("2001:db8::1", "documentation"),
        ("fd00::1", "private"),
        ("::ffff:127.0.0.1", "loopback"),
        ("::ffff:10.0.0.1", "private"),
        ("::127.0.0.1", "loopback"),
        ("2002:7f00:0001::", "loopback"),
        ("2002:0a00:0001::1", "private"),
        ("64:ff9b::7f00:1", "loopback"),
        ("64:ff9b::a00:1", "private"),
    ],
)
def test_the_open_world_refuses_what_is_not_the_public_internet(ip: str, what: str) -> None:
    assert what in allowed(OPEN_WORLD, ip)


@pytest.mark.parametrize(
    "ip", ["203.162.0.181", "1.1.1.1", "172.32.0.1", "2405:4800::1", "64:ff9b::cba2:b5", "::ffff:1.1.1.1"]
)
def test_the_open_world_allows_the_public_internet(ip: str) -> None:
    assert allowed(OPEN_WORLD, ip) == ""


@given(st.ip_addresses())
def test_the_open_world_agrees_with_the_standard_library(ip: ipaddress.IPv4Address | ipaddress.IPv6Address) -> None:
    """Whatever the standard library calls private, loopback, link-local or multicast is refused."""
    if ip.is_loopback or ip.is_link_local or ip.is_multicast or ip.is_unspecified:
        assert allowed(OPEN_WORLD, str(ip))
    if isinstance(ip, ipaddress.IPv4Address) and ip.is_private:
        assert allowed(OPEN_WORLD, str(ip))


@given(st.ip_addresses(v=4))
def test_an_ipv4_address_is_judged_alike_in_every_ipv6_dress(ip: ipaddress.IPv4Address) -> None:
    number = int(ip)
    dresses = [
        ipaddress.IPv6Address(0xFFFF << 32 | number),
        ipaddress.IPv6Address(0x64FF9B << 96 | number),
        ipaddress.IPv6Address(0x2002 << 112 | number << 80),
    ]
    for world in (OPEN_WORLD, World(only_networks=("10.0.0.0/8",))):
        assert {bool(allowed(world, str(dress))) for dress in dresses} == {bool(allowed(world, str(ip)))}


def test_a_closed_world_allows_its_networks_and_nothing_else() -> None:
    assert allowed(CLOSED, "127.0.0.1") == ""
    assert allowed(CLOSED, "::ffff:127.0.0.1") == ""
    assert "closed world" in allowed(CLOSED, "203.162.0.181")
    assert "closed world" in allowed(CLOSED, "10.0.0.1")
    assert "closed world" in allowed(CLOSED, "::1")


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "0x7f.1", "2130706433", "0177.0.0.1", "127.1", "[::ffff:127.0.0.1]", "[::1]", "127.0.0.1.", "localhost", "LOCALHOST."]
)  # fmt: skip
def test_odd_notations_of_loopback_are_refused_in_the_open_world(host: str) -> None:
    with pytest.raises(OffLimits):
        lookup(OPEN_WORLD, host, 80)


def test_the_system_reads_odd_notations_the_same_way_in_a_closed_world() -> None:
    assert lookup(CLOSED, "0x7f.1", 81) == (Address("127.0.0.1", 81),)
    assert lookup(CLOSED, "2130706433", 81) == (Address("127.0.0.1", 81),)


def test_one_look_up_decides_and_only_allowed_addresses_come_out() -> None:
    ask = answers("10.0.0.1", "203.162.0.181", "127.0.0.1", "203.162.0.181")
    assert lookup(OPEN_WORLD, "mixed.gov.vn", 443, ask) == (Address("203.162.0.181", 443),)
    assert ask.asked == ["mixed.gov.vn"]


def test_mapped_names_are_not_asked_of_a_resolver_and_take_the_mapped_port() -> None:
    ask = answers("203.162.0.181")
    assert lookup(CLOSED, "Danang.gov.vn.", 443, ask) == (Address("127.0.0.1", 8080),)
    assert ask.asked == []


def test_a_mapping_opens_no_way_out_of_its_world() -> None:
    with pytest.raises(OffLimits):
        lookup(World(resolve={"danang.gov.vn": "127.0.0.1:8080"}), "danang.gov.vn", 80)


def test_in_a_mapped_closed_world_other_names_are_off_limits_unasked() -> None:
    ask = answers("127.0.0.1")
    with pytest.raises(OffLimits, match="closed world"):
        lookup(CLOSED, "vbpl.vn", 80, ask)
    assert ask.asked == []


def failing(code: int) -> Any:
    def ask(*_: object, **__: object) -> Any:
        raise socket.gaierror(code, "says the resolver")

    return ask


def test_resolver_failures_are_told_apart() -> None:
    with pytest.raises(NameNotFound):
        lookup(OPEN_WORLD, "khong-co.gov.vn", 80, failing(socket.EAI_NONAME))
    with pytest.raises(ResolverTimeout):
        lookup(OPEN_WORLD, "khong-dap.gov.vn", 80, failing(socket.EAI_AGAIN))
    with pytest.raises(NameNotFound):
        lookup(OPEN_WORLD, "rong.gov.vn", 80, answers())
    with pytest.raises(OffLimits):
        lookup(World(only_networks=("127.0.0.0/8",)), "khong-co.gov.vn", 80, failing(socket.EAI_NONAME))


def test_a_name_that_is_none_is_not_found() -> None:
    with pytest.raises(NameNotFound):
        lookup(OPEN_WORLD, "a" * 64 + ".gov.vn", 80)


def test_host_keys_compare_equal_however_written() -> None:
    assert host_key("ĐÀNẴNG.vn.") == host_key("đànẵng.vn") == "xn--nng-8ka8v493n.vn"
    assert host_key("[2001:DB8::1]") == "2001:db8::1"


def test_options_make_a_world() -> None:
    world = world_from_options(
        ["127.0.0.1", "10.1.0.0/16"], ["Danang.gov.vn=127.0.0.1:8080", "hue.gov.vn=[::1]:81", "x.vn=10.1.2.3"]
    )
    assert world.closed
    assert world.only_networks == ("127.0.0.1/32", "10.1.0.0/16")
    assert world.resolve == {"danang.gov.vn": "127.0.0.1:8080", "hue.gov.vn": "[::1]:81", "x.vn": "10.1.2.3"}
    assert not world_from_options().closed


def test_every_bad_option_is_told_at_once() -> None:
    with pytest.raises(BadInput) as caught:
        world_from_options(
            ["10.0.0.0/33", "mạng"],
            ["danang.gov.vn", "=1.2.3.4", "a.vn=host:80", "a.vn=1.2.3.4:99999", "b.vn=1.2.3.4:8080"],
        )
    assert [problem.field for problem in caught.value.problems] == ["--only-network"] * 2 + ["--resolve"] * 4
