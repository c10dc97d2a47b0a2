"""The heads of HTTP messages as the guard's proxy reads, checks and hands them on."""

from __future__ import annotations

import asyncio
from urllib.parse import urlsplit

import msgspec

from crawler.netguard import host_key

REFUSED_HEADER = "X-Kiemcong-Refused"
"""Names, in an answer of the proxy's own, the VisitStatus it stands for. Taken off whatever a portal sends."""

KEPT_KINDS = ("image/", "font/", "text/css", "text/javascript", "application/javascript", "application/x-javascript")
"""Subresources the browser may keep for the visit whatever the portal says, so that they are fetched once."""

CLOSE = ("Connection", "close")

_DROPPED_FROM_REQUEST = frozenset(
    {"connection", "proxy-connection", "proxy-authorization", "keep-alive", "upgrade", "expect", "te"}
)
_DROPPED_FROM_RESPONSE = frozenset(
    {"connection", "proxy-connection", "keep-alive", "proxy-authenticate", "upgrade", "alt-svc", REFUSED_HEADER.lower()}
)
_ABOUT_KEEPING = frozenset({"cache-control", "expires", "pragma", "vary"})
_METHODS = frozenset({"GET", "HEAD", "POST", "OPTIONS"})


class Malformed(Exception):
    """What came is no HTTP the proxy serves."""


class Head(msgspec.Struct, frozen=True):
    """A request or status line and the headers under it, as sent."""

    first: str
    headers: tuple[tuple[str, str], ...]

    def value(self, name: str) -> str:
        """The first header of that lower-case name, '' where there is none."""
        return next((value for key, value in self.headers if key.lower() == name), "")

    @property
    def status(self) -> int:
        """The status of a response; Malformed where the line holds none."""
        parts = self.first.split(None, 2)
        if len(parts) < 2 or not parts[0].startswith("HTTP/") or not parts[1].isdecimal():
            raise Malformed("the answer is no HTTP")
        return int(parts[1])


class Wanted(msgspec.Struct, frozen=True):
    """What the browser asks the proxy for; path is empty for CONNECT."""

    method: str
    host: str
    port: int
    path: str


async def read_head(reader: asyncio.StreamReader) -> Head | None:
    """The head of a message, or None where the connection ended before one; header lines without a colon are skipped as browsers do."""
    try:
        raw = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError as end:
        if not end.partial.strip():
            return None
        raise
    except asyncio.LimitOverrunError as problem:
        raise Malformed("the head is too long") from problem
    first, *lines = raw.decode("latin-1").strip("\r\n").split("\r\n")
    pairs = (line.split(":", 1) for line in lines if ":" in line)
    return Head(first, tuple((name.strip(), value.strip()) for name, value in pairs))


def wanted(head: Head) -> Wanted:
    """What a request line asks for. Raises Malformed on anything but CONNECT host:port or METHOD http://host/path."""
    parts = head.first.split(" ")
    if len(parts) != 3:
        raise Malformed("no request line")
    method, target, _version = parts
    tunnel = method == "CONNECT"
    try:
        url = urlsplit(f"//{target}" if tunnel else target)
        port = url.port or (443 if tunnel else 80)
    except ValueError as problem:
        raise Malformed(f"no address: {target[:200]}") from problem
    if not url.hostname or (not tunnel and (url.scheme != "http" or method not in _METHODS)):
        raise Malformed(f"not served: {method} {target[:200]}")
    path = "" if tunnel else (url.path or "/") + (f"?{url.query}" if url.query else "")
    return Wanted(method, host_key(url.hostname), port, path)


def onward_request(head: Head, asked: Wanted) -> bytes:
    """The request as the host gets it: over a connection of its own, without what was meant for the proxy."""
    headers = [pair for pair in head.headers if pair[0].lower() not in _DROPPED_FROM_REQUEST]
    if not head.value("host"):
        headers.append(("Host", asked.host))
    return head_bytes(f"{asked.method} {asked.path} HTTP/1.1", [*headers, CLOSE])


def onward_response(request: Head, head: Head) -> bytes:
    """The response's head as the browser gets it: what a page is made of may be kept for the visit, and so may the lack of it."""
    headers = [pair for pair in head.headers if pair[0].lower() not in _DROPPED_FROM_RESPONSE]
    is_part = request.first.startswith("GET ") and "text/html" not in request.value("accept")
    kept_kind = head.status == 200 and head.value("content-type").lower().startswith(KEPT_KINDS)
    if is_part and (kept_kind or head.status in (404, 410)):
        headers = [pair for pair in headers if pair[0].lower() not in _ABOUT_KEEPING]
        headers.append(("Cache-Control", "max-age=3600"))
    return head_bytes(head.first, [*headers, CLOSE])


def head_bytes(first: str, headers: list[tuple[str, str]]) -> bytes:
    """A head as sent over the wire."""
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers)
    return f"{first}\r\n{lines}\r\n".encode("latin-1", "replace")
