"""The guard inside Scrapy: every connection Twisted makes by name or by literal asks here, and gets only addresses the world allows.

`guard_settings(world)` is all a crawler needs. A refusal travels through the connection attempt to the request's errback as the guard's own
exception (OffLimits, NameNotFound, ResolverTimeout), not as a DNS error.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NoReturn, cast

from scrapy.core.downloader.contextfactory import _ScrapyClientContextFactory
from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler, _LenientHTTP11ClientProtocol
from twisted.internet.address import IPv4Address, IPv6Address
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IHostnameResolver, IHostResolution
from twisted.internet.threads import deferToThreadPool
from twisted.python.failure import Failure
from twisted.web._newclient import HEADER, STATUS, HTTP11ClientProtocol, ParseError
from twisted.web.client import HTTPConnectionPool, _HTTP11ClientFactory
from zope.interface import implementer  # type: ignore[import-untyped]

from crawler.lenient import speak_to_any
from crawler.netguard import OPEN_WORLD, Address, ResolverTimeout, World, lookup

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from scrapy.settings import BaseSettings

WORLD_SETTING = "KIEMCONG_WORLD"
CONNECT_SETTING = "KIEMCONG_CONNECT_SECONDS"
MOST_HEAD = 512 * 1024
"""Bytes of a response's head and of what came with its last part. Assumed; browsers take 256 KB."""


def guard_settings(world: World, *, dns_seconds: float = 10, connect_seconds: float = 10) -> dict[str, Any]:
    """The Scrapy settings under which nothing is contacted but what the world allows: its resolver and handler, no other scheme, no proxy."""
    handler = "crawler.resolver.GuardedHandler"
    return {
        WORLD_SETTING: world,
        CONNECT_SETTING: connect_seconds,
        "DNS_TIMEOUT": dns_seconds,
        "TWISTED_DNS_RESOLVER": "crawler.resolver.GuardedResolver",
        "DOWNLOAD_HANDLERS": {"http": handler, "https": handler, "ftp": None, "file": None, "s3": None, "data": None},
        "HTTPPROXY_ENABLED": False,
    }


class ConnectTimeout(Exception):
    """No connection came about within the time allowed for connecting: packets are dropped, or nobody is there."""


def world_of(settings: BaseSettings) -> World:
    """The world a crawler runs in; the open one where its settings name none."""
    world = settings.get(WORLD_SETTING) or OPEN_WORLD
    assert isinstance(world, World)
    return world


@implementer(IHostResolution)
class _Resolution:
    def __init__(self, name: str) -> None:
        self.name = name

    def cancel(self) -> NoReturn:
        raise NotImplementedError


class _Refusal(IPv4Address):
    """An address nobody can connect to: reading its host raises why. An empty answer would pass for a DNS failure instead."""

    def __init__(self, problem: BaseException) -> None:
        self._problem = problem

    @property
    def host(self) -> str:  # type: ignore[override]
        raise self._problem


@implementer(IHostnameResolver)
class GuardedResolver:
    """Twisted's name resolver with the world's rules: one look-up decides, and its answer is what is connected to."""

    def __init__(self, reactor: Any, world: World, seconds: float) -> None:
        self._reactor = reactor
        self._world = world
        self._seconds = seconds

    @classmethod
    def from_crawler(cls, crawler: Crawler, reactor: Any) -> GuardedResolver:
        return cls(reactor, world_of(crawler.settings), crawler.settings.getfloat("DNS_TIMEOUT"))

    def install_on_reactor(self) -> None:
        self._reactor.installNameResolver(self)

    def resolveHostName(  # noqa: N802 — Twisted's name
        self,
        resolutionReceiver: Any,  # noqa: N803
        hostName: str,  # noqa: N803
        portNumber: int = 0,  # noqa: N803
        addressTypes: Sequence[type[Any]] | None = None,  # noqa: N803, ARG002
        transportSemantics: str = "TCP",  # noqa: N803, ARG002
    ) -> _Resolution:
        """Hand over the allowed addresses, with the port `--resolve` gives where it does, or one that raises the refusal."""
        resolution = _Resolution(hostName)
        resolutionReceiver.resolutionBegan(resolution)
        answer: Deferred[Any] = deferToThreadPool(
            self._reactor, self._reactor.getThreadPool(), lookup, self._world, hostName, portNumber
        )
        answer.addTimeout(self._seconds, self._reactor, onTimeoutCancel=_no_answer)
        answer.addCallbacks(
            lambda found: _hand_over(resolutionReceiver, [_twisted(address) for address in found]),
            lambda failure: _hand_over(resolutionReceiver, [_Refusal(failure.value)]),
        )
        return resolution


def _hand_over(receiver: Any, addresses: Sequence[Any]) -> None:
    for address in addresses:
        receiver.addressResolved(address)
    receiver.resolutionComplete()


def _no_answer(_result: object, seconds: float) -> Failure:
    return Failure(ResolverTimeout(f"the resolver gave no answer in {seconds:g} s"))  # type: ignore[no-untyped-call]


def _twisted(address: Address) -> IPv4Address | IPv6Address:
    return (IPv6Address if address.is_v6 else IPv4Address)("TCP", address.ip, address.port)


class _BoundedHead(_LenientHTTP11ClientProtocol):
    """Scrapy's side of a connection, that gives up on a response whose head does not end: Twisted itself would keep all of it."""

    _head = 0

    def request(self, request: Any) -> Deferred[Any]:
        self._head = 0
        return super().request(request)

    def dataReceived(self, data: bytes) -> None:  # noqa: N802 — Twisted's name
        if self._parser is not None and self._parser.state in (STATUS, HEADER):
            self._head += len(data)
            if self._head > MOST_HEAD:
                self._giveUp(Failure(ParseError(f"a head of more than {MOST_HEAD} bytes", b"")))  # type: ignore[no-untyped-call]
                return
        super().dataReceived(data)  # type: ignore[no-untyped-call]


class _BoundedHeads(_HTTP11ClientFactory):
    """Builds the above."""

    noisy = False

    def buildProtocol(self, addr: Any) -> HTTP11ClientProtocol:  # noqa: N802, ARG002 — Twisted's name
        return _BoundedHead(self._quiescentCallback)  # type: ignore[no-untyped-call]


class _AnyTls(_ScrapyClientContextFactory):
    """Scrapy's TLS, that also speaks to servers of an old protocol; where certificates are to be verified it is Scrapy's own."""

    def _get_cert_options(self) -> Any:
        options = super()._get_cert_options()
        speak_to_any(options.getContext())
        return options


class _ConnectPool(HTTPConnectionPool):
    """Twisted's pool with a time-out of its own for connecting, so that a dead host is told from a slow one."""

    seconds: float = 10

    def getConnection(self, key: Any, endpoint: Any) -> Deferred[Any]:  # noqa: N802 — Twisted's name
        connection: Deferred[Any] = super().getConnection(key, endpoint)
        connection.addTimeout(self.seconds, self._reactor, onTimeoutCancel=_not_connected)
        return connection


def _not_connected(_result: object, seconds: float) -> Failure:
    return Failure(ConnectTimeout(f"no connection within {seconds:g} s"))  # type: ignore[no-untyped-call]


class GuardedHandler(HTTP11DownloadHandler):
    """Scrapy's HTTP handler with the pool and the protocol above."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        settings = crawler.settings
        plain = self._pool
        self._pool = _ConnectPool(plain._reactor, persistent=True)  # type: ignore[no-untyped-call]
        self._pool.maxPersistentPerHost = plain.maxPersistentPerHost
        self._pool._factory = _BoundedHeads
        self._contextFactory = cast("Any", _AnyTls.from_crawler(crawler))
        self._pool.seconds = settings.getfloat("DNS_TIMEOUT") + settings.getfloat(CONNECT_SETTING, 10)
