"""What became of a request, from the exception or the response that came of it. The only place that knows Twisted's, Scrapy's and Playwright's errors."""

from __future__ import annotations

import asyncio
import errno
import http.client
import re
import socket
import ssl
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import playwright.async_api as pw
import scrapy.exceptions as sx
from OpenSSL import SSL
from service_identity import VerificationError
from twisted.internet import defer
from twisted.internet import error as tx
from twisted.web._newclient import ParseError, RequestTransmissionFailed, ResponseFailed

from crawler.model import VisitStatus
from crawler.netguard import NameNotFound, OffLimits, ResolverTimeout
from crawler.resolver import ConnectTimeout
from crawler.walls import wall_rules

Headers = Iterable[tuple[str, str]]
"""Response headers as (name, value) pairs, names in any case."""

_BY_TYPE: tuple[tuple[type[BaseException], VisitStatus], ...] = (
    (OffLimits, VisitStatus.OFF_LIMITS),
    (NameNotFound, VisitStatus.DNS_FAILURE),
    (ResolverTimeout, VisitStatus.RESOLVER_TIMEOUT),
    (ConnectTimeout, VisitStatus.CONNECT_TIMEOUT),
    (sx.DownloadConnectionRefusedError, VisitStatus.REFUSED),
    (tx.ConnectionRefusedError, VisitStatus.REFUSED),
    (ConnectionRefusedError, VisitStatus.REFUSED),
    (sx.CannotResolveHostError, VisitStatus.DNS_FAILURE),
    (tx.DNSLookupError, VisitStatus.DNS_FAILURE),
    (socket.gaierror, VisitStatus.DNS_FAILURE),
    (sx.DownloadCancelledError, VisitStatus.TOO_LARGE),
    (tx.TCPTimedOutError, VisitStatus.CONNECT_TIMEOUT),
    (tx.TimeoutError, VisitStatus.CONNECT_TIMEOUT),
    (tx.NoRouteError, VisitStatus.UNREACHABLE),
    (VerificationError, VisitStatus.TLS_NAME),
    (SSL.Error, VisitStatus.TLS_PROTOCOL),
    (ssl.SSLError, VisitStatus.TLS_PROTOCOL),
    (ParseError, VisitStatus.SERVER_ERROR),
    (sx.ResponseDataLossError, VisitStatus.RESET),
    (tx.ConnectionClosed, VisitStatus.RESET),
    (ConnectionError, VisitStatus.RESET),
    (asyncio.IncompleteReadError, VisitStatus.RESET),
    (sx.UnsupportedURLSchemeError, VisitStatus.OFF_LIMITS),
    (sx.NotSupported, VisitStatus.OFF_LIMITS),
    (http.client.IncompleteRead, VisitStatus.RESET),
    (http.client.HTTPException, VisitStatus.SERVER_ERROR),
)
"""First match wins, over the exception and everything it was raised from."""

_BY_WORDS: tuple[tuple[str, VisitStatus], ...] = (
    ("Forbidden by robots.txt", VisitStatus.ROBOTS),
    ("max redirections reached", VisitStatus.REDIRECT_LOOP),
    ("during decompression", VisitStatus.DECOMPRESSION_BOMB),
    ("invalid hostname", VisitStatus.DNS_FAILURE),
)
"""Sentences of Scrapy's and Twisted's where the exception's type does not tell."""

_BY_ERRNO: dict[int, VisitStatus] = {
    errno.ECONNREFUSED: VisitStatus.REFUSED,
    errno.ECONNRESET: VisitStatus.RESET,
    errno.EPIPE: VisitStatus.RESET,
    errno.ETIMEDOUT: VisitStatus.CONNECT_TIMEOUT,
    errno.ENETUNREACH: VisitStatus.UNREACHABLE,
    errno.EHOSTUNREACH: VisitStatus.UNREACHABLE,
}

_BY_CERTIFICATE_CODE: dict[int, VisitStatus] = {
    9: VisitStatus.TLS_EXPIRED,
    10: VisitStatus.TLS_EXPIRED,
    18: VisitStatus.TLS_ISSUER,
    19: VisitStatus.TLS_ISSUER,
    20: VisitStatus.TLS_ISSUER,
    21: VisitStatus.TLS_ISSUER,
    62: VisitStatus.TLS_NAME,
    64: VisitStatus.TLS_NAME,
}
"""OpenSSL's X509_V_ERR_*: not yet valid, expired; self-signed (18, 19), issuer missing (20, 21: unknown or chain incomplete); host, IP mismatch."""

_BY_NET_ERROR: dict[str, VisitStatus] = {
    "NAME_NOT_RESOLVED": VisitStatus.DNS_FAILURE,
    "NAME_RESOLUTION_FAILED": VisitStatus.DNS_FAILURE,
    "CONNECTION_REFUSED": VisitStatus.REFUSED,
    "CONNECTION_RESET": VisitStatus.RESET,
    "CONNECTION_CLOSED": VisitStatus.RESET,
    "CONNECTION_ABORTED": VisitStatus.RESET,
    "EMPTY_RESPONSE": VisitStatus.RESET,
    "CONTENT_LENGTH_MISMATCH": VisitStatus.RESET,
    "INCOMPLETE_CHUNKED_ENCODING": VisitStatus.RESET,
    "CONNECTION_TIMED_OUT": VisitStatus.CONNECT_TIMEOUT,
    "TIMED_OUT": VisitStatus.SLOW_FIRST_BYTE,
    "ADDRESS_UNREACHABLE": VisitStatus.UNREACHABLE,
    "TUNNEL_CONNECTION_FAILED": VisitStatus.UNREACHABLE,
    "TOO_MANY_REDIRECTS": VisitStatus.REDIRECT_LOOP,
    "CERT_DATE_INVALID": VisitStatus.TLS_EXPIRED,
    "CERT_COMMON_NAME_INVALID": VisitStatus.TLS_NAME,
    "CERT_AUTHORITY_INVALID": VisitStatus.TLS_ISSUER,
    "SSL_PROTOCOL_ERROR": VisitStatus.TLS_PROTOCOL,
    "SSL_VERSION_OR_CIPHER_MISMATCH": VisitStatus.TLS_PROTOCOL,
    "INVALID_RESPONSE": VisitStatus.SERVER_ERROR,
    "INVALID_HTTP_RESPONSE": VisitStatus.SERVER_ERROR,
    "UNSAFE_PORT": VisitStatus.OFF_LIMITS,
    "DISALLOWED_URL_SCHEME": VisitStatus.OFF_LIMITS,
    "UNKNOWN_URL_SCHEME": VisitStatus.OFF_LIMITS,
    "INVALID_URL": VisitStatus.OFF_LIMITS,
    "PROXY_CONNECTION_FAILED": VisitStatus.OURS,
    "INTERNET_DISCONNECTED": VisitStatus.OURS,
    "INSUFFICIENT_RESOURCES": VisitStatus.OURS,
}
"""Chromium's net::ERR_* names."""

_CRASHES = ("crashed", "Target page, context or browser has been closed", "Browser has been closed")


class BrowserCrash(Exception):
    """The browser, or the page's own process, died or stopped answering. Says nothing sure about the portal."""


def status_of_failure(problem: BaseException, *, first_byte: bool = False) -> tuple[VisitStatus, str]:
    """What an exception means for the request that raised it, and a line in English saying so. An unknown one is `ours`, never the portal's.

    first_byte: the response's head had come (Scrapy: "download_latency" in request.meta), so a time-out was the body's.
    """
    chain = tuple(_causes(problem))
    text = _one_line(problem)
    for status in (
        _timed_out(chain, first_byte),
        _tls(chain),
        _browser(chain),
        _by_words(chain),
        _by_type(chain),
        _by_errno(chain),
    ):
        if status is not None:
            return status, text
    return VisitStatus.OURS, text


def status_of_response(http_status: int, headers: Headers = ()) -> VisitStatus:
    """What an HTTP status and headers say. A 403 is only a client error here unless a firewall put its mark on it: "blocked" takes two signals
    (crawler.walls); maintenance and soft 404 take the page."""
    values = {name.lower(): value for name, value in headers}
    if values.get("cf-mitigated") == "challenge":  # Cloudflare marks its own challenge pages so
        return VisitStatus.CAPTCHA
    rules = wall_rules()
    if http_status in rules.refusing and rules.headers & values.keys():
        return VisitStatus.BLOCKED
    if http_status in _BY_HTTP_STATUS:
        return _BY_HTTP_STATUS[http_status]
    if 200 <= http_status < 300:
        return VisitStatus.OK
    return VisitStatus.CLIENT_ERROR if 400 <= http_status < 500 else VisitStatus.SERVER_ERROR


_BY_HTTP_STATUS: dict[int, VisitStatus] = {
    401: VisitStatus.LOGIN_WALL,
    404: VisitStatus.NOT_FOUND,
    407: VisitStatus.OURS,
    408: VisitStatus.SLOW_FIRST_BYTE,
    410: VisitStatus.NOT_FOUND,
    413: VisitStatus.OURS,
    429: VisitStatus.RATE_LIMITED,
}
"""Statuses that mean more than their class. 3xx without a way on counts as the server's error."""


def retry_after(headers: Headers, now: datetime) -> float | None:
    """Seconds the server asks us to stay away, at least 0, or None where it does not say. Seconds or an HTTP date (RFC 9110, 10.2.3)."""
    value = next((value.strip() for name, value in headers if name.lower() == "retry-after"), "")
    if re.fullmatch(r"\d{1,9}", value, re.ASCII):
        return float(value)
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (aware - now).total_seconds())


def _causes(problem: BaseException) -> Iterator[BaseException]:
    """The exception, what it was raised from, and the reasons Twisted bundles in it; outermost first, each once."""
    queue: list[BaseException] = [problem]
    seen: set[int] = set()
    while queue:
        current = queue.pop(0)
        if id(current) in seen:
            continue
        seen.add(id(current))
        yield current
        if isinstance(current, ResponseFailed | RequestTransmissionFailed):
            queue += [reason.value for reason in current.reasons if reason.value is not None]
        if current.__cause__ is not None:
            queue.append(current.__cause__)


def _timed_out(chain: tuple[BaseException, ...], first_byte: bool) -> VisitStatus | None:
    if any(
        isinstance(cause, tx.TimeoutError | tx.TCPTimedOutError)
        or (isinstance(cause, TimeoutError) and cause.errno == errno.ETIMEDOUT)
        for cause in chain
    ):
        return VisitStatus.CONNECT_TIMEOUT
    if any(isinstance(cause, sx.DownloadTimeoutError | pw.TimeoutError | TimeoutError) for cause in chain):
        return VisitStatus.SLOW_BODY if first_byte else VisitStatus.SLOW_FIRST_BYTE
    return None


def _tls(chain: tuple[BaseException, ...]) -> VisitStatus | None:
    verified = [cause for cause in chain if isinstance(cause, ssl.SSLCertVerificationError)]
    if verified:
        return _BY_CERTIFICATE_CODE.get(verified[0].verify_code, VisitStatus.TLS_ISSUER)
    said = " ".join(repr(cause) for cause in chain if isinstance(cause, SSL.Error | ssl.SSLError))
    if "certificate verify failed" in said:
        return VisitStatus.TLS_ISSUER
    cut_off = any(isinstance(cause, SSL.SysCallError | ssl.SSLEOFError) for cause in chain) or "unexpected eof" in said
    return VisitStatus.RESET if cut_off else None


def _browser(chain: tuple[BaseException, ...]) -> VisitStatus | None:
    if any(isinstance(cause, BrowserCrash) for cause in chain):
        return VisitStatus.BROWSER_CRASH
    for cause in chain:
        if isinstance(cause, pw.Error):
            text = str(cause)
            name = re.search(r"net::ERR_([A-Z0-9_]+)", text)
            if name:
                return _BY_NET_ERROR.get(name[1], VisitStatus.UNREACHABLE)
            return VisitStatus.BROWSER_CRASH if any(word in text for word in _CRASHES) else VisitStatus.OURS
    return None


def _by_words(chain: tuple[BaseException, ...]) -> VisitStatus | None:
    text = " ".join(str(cause) for cause in chain if isinstance(cause, sx.IgnoreRequest | ValueError))
    return next((status for words, status in _BY_WORDS if words in text), None)


def _by_type(chain: tuple[BaseException, ...]) -> VisitStatus | None:
    """The kind of the first cause that has one; a bare OSError with an errno of its own is left to the errno."""
    for kind, status in _BY_TYPE:
        if any(isinstance(cause, kind) for cause in chain):
            return status
    return VisitStatus.OURS if any(isinstance(cause, defer.CancelledError) for cause in chain) else None


def _by_errno(chain: tuple[BaseException, ...]) -> VisitStatus | None:
    numbers = [getattr(cause, "osError", None) or getattr(cause, "errno", None) for cause in chain]
    return next((_BY_ERRNO[number] for number in numbers if number in _BY_ERRNO), None)


def _one_line(problem: BaseException) -> str:
    """The exception's type and first line, without the libraries' call logs."""
    text = next((line.strip() for line in str(problem).splitlines() if line.strip()), "")
    return f"{type(problem).__name__}: {text}"[:300] if text else type(problem).__name__
