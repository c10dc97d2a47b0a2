"""Which addresses may be contacted at all: one look-up decides and is the one connected to, so a name cannot change its mind in between.

Two worlds. In the open one everything on the public internet may be contacted and nothing else. A closed world (demo, tests, accuracy runs)
names its networks; everything else is off limits there, the public internet included.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from crawler.problems import BadInput, Problem

Ip = ipaddress.IPv4Address | ipaddress.IPv6Address

SPECIAL_NETWORKS: tuple[tuple[str, str], ...] = (
    ("0.0.0.0/8", "unspecified"),
    ("10.0.0.0/8", "private"),
    ("100.64.0.0/10", "shared by a carrier's NAT"),
    ("127.0.0.0/8", "loopback"),
    ("169.254.0.0/16", "link-local"),
    ("172.16.0.0/12", "private"),
    ("192.0.0.0/24", "reserved"),
    ("192.0.2.0/24", "documentation"),
    ("192.88.99.0/24", "reserved"),
    ("192.168.0.0/16", "private"),
    ("198.18.0.0/15", "reserved for benchmarks"),
    ("198.51.100.0/24", "documentation"),
    ("203.0.113.0/24", "documentation"),
    ("224.0.0.0/4", "multicast"),
    ("240.0.0.0/4", "reserved"),
    ("::/128", "unspecified"),
    ("::1/128", "loopback"),
    ("64:ff9b:1::/48", "private"),
    ("100::/64", "reserved"),
    ("2001::/23", "reserved"),
    ("2001:db8::/32", "documentation"),
    ("3fff::/20", "documentation"),
    ("5f00::/16", "reserved"),
    ("fc00::/7", "private"),
    ("fe80::/10", "link-local"),
    ("fec0::/10", "private"),
    ("ff00::/8", "multicast"),
)
"""Networks that are not the public internet, and what they are. Source: IANA special-purpose address registries (RFC 6890 and its updates)."""

_SPECIAL = tuple((ipaddress.ip_network(cidr), what) for cidr, what in SPECIAL_NETWORKS)
_EMBEDS_AT_END = tuple(
    ipaddress.IPv6Network(cidr) for cidr in ("::/96", "::ffff:0:0/96", "::ffff:0:0:0/96", "64:ff9b::/96")
)
"""IPv6 prefixes whose last 32 bits are an IPv4 address: compatible, mapped, translated (SIIT), NAT64 (RFC 4291, 2765, 6052)."""
_SIX_TO_FOUR = ipaddress.IPv6Network("2002::/16")


class OffLimits(Exception):
    """The guard refuses this address; `reason` says which rule. Says nothing about the portal."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


class NameNotFound(Exception):
    """The resolver answered that there is no such name, or no address under it."""


class ResolverTimeout(Exception):
    """The resolver gave no answer in time: it may be the portal's name servers, it may be ours."""


class Address(msgspec.Struct, frozen=True):
    """Where to connect: an IP address as text, and a port."""

    ip: str
    port: int

    @property
    def is_v6(self) -> bool:
        return ":" in self.ip


class World(msgspec.Struct, frozen=True, kw_only=True):
    """What may be contacted. only_networks (CIDR) closes the world; resolve maps a lower-case host name to "IP" or "IP:PORT" ("[V6]:PORT")."""

    only_networks: tuple[str, ...] = ()
    resolve: dict[str, str] = {}

    @property
    def closed(self) -> bool:
        return bool(self.only_networks)

    def __str__(self) -> str:
        pairs = [f"{host}={address}" for host, address in sorted(self.resolve.items())]
        return " ".join([*self.only_networks, *pairs])


OPEN_WORLD = World()


def world_from_options(only_networks: Iterable[str] = (), resolve: Iterable[str] = ()) -> World:
    """The world that `--only-network CIDR` and `--resolve HOST=IP:PORT` describe; BadInput names every bad value at once."""
    problems: list[Problem] = []
    networks = [_network(text, problems) for text in only_networks]
    pairs = [_mapping(text, problems) for text in resolve]
    if problems:
        raise BadInput(problems)
    return World(only_networks=tuple(networks), resolve=dict(pairs))


def allowed(world: World, ip: str) -> str:
    """'' where the address may be contacted in this world, else the reason why not. IPv4 inside IPv6 is judged as the IPv4 it reaches."""
    address = _unwrapped(ip)
    if world.closed:
        networks = [ipaddress.ip_network(cidr) for cidr in world.only_networks]
        inside = any(address in network for network in networks)
        return "" if inside else f"{address} is outside this closed world"
    what = next((what for network, what in _SPECIAL if address in network), "")
    return f"{address} is {what}, not the public internet" if what else ""


def lookup(
    world: World, host: str, port: int, ask: Callable[..., Iterable[Any]] = socket.getaddrinfo
) -> tuple[Address, ...]:
    """The addresses to connect to for a host and port, all of them allowed. Blocks while the system's resolver answers.

    Raises OffLimits, NameNotFound or ResolverTimeout. Where --resolve is given in a closed world it is the whole name space: no other name is
    asked of a resolver, and an unknown name is off limits there, never a dead link.
    """
    name = host_key(host)
    mapped = world.resolve.get(name)
    if mapped is not None:
        found: tuple[Address, ...] = (_address(mapped, port),)
    elif world.closed and world.resolve and not _is_literal(name) and not _is_localhost(name):
        raise OffLimits(f"{name} is outside this closed world")
    else:
        found = _asked(world, name, port, ask)
    refusals = [allowed(world, address.ip) for address in found]
    good = tuple(address for address, refusal in zip(found, refusals, strict=True) if not refusal)
    if not good:
        raise OffLimits(refusals[0])
    return good


def host_key(host: str) -> str:
    """A host as the guard compares it: lower case, ASCII (IDNA), without brackets, trailing dot or white space."""
    bare = host.strip().removeprefix("[").removesuffix("]").rstrip(".").lower()
    if bare.isascii():
        return bare
    try:
        return bare.encode("idna").decode("ascii")
    except UnicodeError:
        return bare


def _asked(world: World, name: str, port: int, ask: Callable[..., Iterable[Any]]) -> tuple[Address, ...]:
    try:
        answers = list(ask(name, port, type=socket.SOCK_STREAM))
    except socket.gaierror as problem:
        if world.closed:
            raise OffLimits(f"{name} is outside this closed world") from problem
        if problem.errno == socket.EAI_AGAIN:
            raise ResolverTimeout(f"no answer about {name}") from problem
        raise NameNotFound(f"no such name: {name}") from problem
    except (UnicodeError, ValueError) as problem:
        raise NameNotFound(f"not a host name: {name!r}") from problem
    found = dict.fromkeys(Address(str(sockaddr[0]), port) for *_, sockaddr in answers)
    if not found:
        raise NameNotFound(f"no address under {name}")
    return tuple(found)


def _unwrapped(ip: str) -> Ip:
    """The address that is really reached: an IPv4 address carried inside an IPv6 one is taken out. Raises ValueError on what is no address."""
    address = ipaddress.ip_address(ip.partition("%")[0])
    if isinstance(address, ipaddress.IPv4Address) or int(address) <= 1:
        return address
    if address in _SIX_TO_FOUR:
        return ipaddress.IPv4Address(int(address) >> 80 & 0xFFFFFFFF)
    if any(address in network for network in _EMBEDS_AT_END):
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address


def _is_literal(name: str) -> bool:
    """Whether the C library would read the name as a number: 127.1 and 0x7f000001 are addresses, whatever they look like."""
    try:
        socket.getaddrinfo(name, None, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
    except (OSError, UnicodeError, ValueError):
        return False
    return True


def _is_localhost(name: str) -> bool:
    return name == "localhost" or name.endswith(".localhost")


def _address(text: str, port: int) -> Address:
    """An "IP" or "IP:PORT" as an address; the given port holds where the text names none. Raises ValueError."""
    if text.startswith("["):
        ip, _, rest = text[1:].partition("]")
        if rest and not rest.startswith(":"):
            raise ValueError(text)
        digits = rest[1:]
    elif text.count(":") == 1:
        ip, _, digits = text.partition(":")
    else:
        ip, digits = text, ""
    number = int(digits) if digits else port
    if not 0 < number < 65536:
        raise ValueError(f"no such port: {number}")
    return Address(str(ipaddress.ip_address(ip)), number)


def _network(text: str, problems: list[Problem]) -> str:
    try:
        return str(ipaddress.ip_network(text.strip(), strict=False))
    except ValueError as problem:
        problems.append(_option_problem("--only-network", str(problem), "give a network as 10.1.0.0/16 or 127.0.0.1"))
        return text


def _mapping(text: str, problems: list[Problem]) -> tuple[str, str]:
    host, equals, address = (part.strip() for part in text.partition("="))
    try:
        if not equals or not host:
            raise ValueError(f"{text!r} is no HOST=IP:PORT")
        _address(address, 80)
    except ValueError as problem:
        mend = "write it as danang.gov.vn=127.0.0.1:8080 or danang.gov.vn=[::1]:8080"
        problems.append(_option_problem("--resolve", str(problem), mend))
    return host_key(host), address


def _option_problem(option: str, message: str, mend: str) -> Problem:
    return Problem(file="command line", line=0, field=option, message=message, mend=mend)
