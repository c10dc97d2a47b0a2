"""A Scrapy download handler that tells how long each phase of a request took: name, connection, TLS, first byte, transfer.

Every request has a connection of its own, to an address the guard's one look-up allows. The phases stand in request.meta["phases"], in seconds,
those that were reached; request.meta["phases_note"] says where certificates were not what they should be and the page was read all the same.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import ssl
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from datetime import UTC, datetime
from functools import cache
from http.client import HTTPConnection
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import msgspec
from cryptography import x509
from scrapy.exceptions import DownloadCancelledError
from scrapy.http import Headers, Response

from crawler.lenient import EVERY_CIPHER, LEGACY_SERVER_CONNECT
from crawler.netguard import World, lookup
from crawler.resolver import CONNECT_SETTING, ConnectTimeout, world_of

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler

THREADS = 64
CHUNK = 1 << 16

UNKNOWN_ISSUER = frozenset({18, 19, 20, 21})
"""OpenSSL's codes for a self-signed certificate or one whose issuer we do not know: that may be our own list's fault."""

EXPIRED = 10


class Limits(msgspec.Struct, frozen=True):
    """Seconds for connecting and TLS each, seconds for the whole answer, and the most bytes of it."""

    connect: float
    answer: float
    size: int


class TimedHandler:
    """The handler Scrapy is told of. Its threads end with it."""

    lazy = False

    def __init__(self, world: World, limits: Limits) -> None:
        self._world = world
        self._limits = limits
        self._threads = ThreadPoolExecutor(THREADS, "probe")

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> TimedHandler:
        settings = crawler.settings
        limits = Limits(
            settings.getfloat(CONNECT_SETTING, 10),
            settings.getfloat("DOWNLOAD_TIMEOUT"),
            settings.getint("DOWNLOAD_MAXSIZE"),
        )
        return cls(world_of(settings), limits)

    async def download_request(self, request: Request) -> Response:
        """The answer; raises what the network did."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, exchange, self._world, request, self._limits)

    async def close(self) -> None:
        """Let the threads end."""
        self._threads.shutdown(wait=False, cancel_futures=True)


def exchange(world: World, request: Request, limits: Limits) -> Response:
    """One request and its answer over a connection of its own. Blocks. Raises the guard's refusals, ConnectTimeout, OSError, ssl.SSLError,
    http.client.HTTPException, TimeoutError, DownloadCancelledError."""
    parts = urlsplit(request.url)
    host = parts.hostname or ""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    phases: dict[str, float] = {}
    request.meta["phases"] = phases
    clock = _Clock(phases)
    addresses = lookup(world, host, port)
    clock.reached("dns")
    places = [(address.ip, address.port) for address in addresses]
    connection = connect(places, limits.connect)
    clock.reached("connect")
    try:
        if parts.scheme == "https":
            connection, note = secure(connection, places, host, limits.connect)
            request.meta["phases_note"] = note
            clock.reached("tls")
        peer = connection.getpeername()[0]
        with closing(HTTPConnection(host, port)) as talk:
            talk.sock = connection
            talk.default_port = 443 if parts.scheme == "https" else 80
            return answer(talk, request, limits, clock, peer)
    finally:
        with suppress(OSError):
            connection.close()


class _Clock:
    """Notes how long ago the phase before was reached."""

    def __init__(self, phases: dict[str, float]) -> None:
        self._phases = phases
        self._last = time.perf_counter()

    def reached(self, phase: str) -> None:
        now = time.perf_counter()
        self._phases[phase] = round(now - self._last, 4)
        self._last = now


def connect(places: list[tuple[str, int]], seconds: float) -> socket.socket:
    """A connection to the first of these addresses that takes one. Raises what the last of them did."""
    problem: OSError = ConnectionRefusedError("no address")
    for place in places:
        try:
            return socket.create_connection(place, timeout=seconds)
        except TimeoutError as silent:
            problem = silent
        except OSError as refused:
            problem = refused
    if isinstance(problem, TimeoutError):
        raise ConnectTimeout(f"no connection within {seconds:g} s") from None
    raise problem


def secure(plain: socket.socket, places: list[tuple[str, int]], host: str, seconds: float) -> tuple[ssl.SSLSocket, str]:
    """The connection under TLS, and what is wrong with its certificate that may be our fault ('' for nothing).

    An unknown issuer or an old protocol is let pass on a second connection, since a citizen's browser may know it; an expired certificate or
    one of another name is not.
    """
    try:
        return strict().wrap_socket(plain, server_hostname=host), ""
    except ssl.SSLCertVerificationError as problem:
        plain.close()
        if problem.verify_code not in UNKNOWN_ISSUER:
            raise
        note = "tls-issuer"
    except ssl.SSLError:
        plain.close()
        note = "tls-old"
    secured = lenient().wrap_socket(connect(places, seconds), server_hostname=host)
    certificate = secured.getpeercert(binary_form=True)
    if certificate and x509.load_der_x509_certificate(certificate).not_valid_after_utc < datetime.now(UTC):
        secured.close()
        expired = ssl.SSLCertVerificationError("certificate has expired")
        expired.verify_code = EXPIRED
        raise expired
    return secured, note


@cache
def strict() -> ssl.SSLContext:
    """A context that asks of a certificate what a browser asks. Made once: reading the list of issuers takes longer than a handshake."""
    return ssl.create_default_context()


@cache
def lenient() -> ssl.SSLContext:
    """A context that reads what it is given, whoever signed it and however old its protocol."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    context.set_ciphers(EVERY_CIPHER)
    context.options |= LEGACY_SERVER_CONNECT
    return context


def answer(talk: HTTPConnection, request: Request, limits: Limits, clock: _Clock, peer: str) -> Response:
    """The request sent, its answer read to the end or to the limits."""
    until = time.monotonic() + limits.answer
    parts = urlsplit(request.url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    talk.sock.settimeout(limits.answer)
    talk.putrequest(request.method, target, skip_accept_encoding=True)
    for name, values in request.headers.items():
        for value in values:
            talk.putheader(name.decode("latin-1"), value)
    talk.putheader("Connection", "close")
    talk.endheaders(request.body or None)
    # Kept, as the connection lets go of it once the answer says it will close.
    connection = talk.sock
    got = talk.getresponse()
    clock.reached("first_byte")
    request.meta["download_latency"] = time.monotonic() - until + limits.answer
    body = bytearray()
    while chunk := got.read1(CHUNK):
        body += chunk
        if len(body) > limits.size:
            raise DownloadCancelledError(f"more than {limits.size} bytes")
        left = until - time.monotonic()
        if left <= 0:
            raise TimeoutError(f"the answer was not whole within {limits.answer:g} s")
        connection.settimeout(left)
    if got.length:
        raise ConnectionResetError(f"{got.length} bytes of the answer are missing")
    clock.reached("transfer")
    headers: Any = Headers()
    for field, content in got.getheaders():
        headers.appendlist(field, content.encode("latin-1", "replace"))
    return Response(
        request.url,
        status=got.status,
        headers=headers,
        body=bytes(body),
        request=request,
        ip_address=ipaddress.ip_address(peer.partition("%")[0]),
        protocol="HTTP/1.1" if got.version == 11 else "HTTP/1.0",
    )
