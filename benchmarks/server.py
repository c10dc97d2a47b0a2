"""Serves the made-up portal on loopback, one process of its own, so that none of its work is counted against a crawler.

`python -m benchmarks.server PAGES ADDRESS...` prints one line with the ports, one a loopback address, and serves until its standard input ends.
"""

from __future__ import annotations

import asyncio
import re
import sys
from functools import lru_cache

from benchmarks.pages import page

PATH = re.compile(rb"GET (?:https?://[^/ ]+)?(/[^ ]*) HTTP/1\.[01]\r\n")
OWN = re.compile(rb"/(?:trang/(\d+)\.html)?")


@lru_cache(maxsize=6_000)
def answer(path: bytes, pages: int) -> bytes:
    """The whole HTTP response to a GET of that path: a page, the menu's own pages, or 404."""
    if path.startswith((b"/robots.txt", b"/khong-co")):
        return b"HTTP/1.1 404 Not Found\r\nContent-Type: text/plain\r\nContent-Length: 0\r\n\r\n"
    own = OWN.fullmatch(path)
    number = int(own[1] or 0) if own else pages + sum(path)
    body = page(number, pages)
    return b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: %d\r\n\r\n" % len(body) + body


class Portal(asyncio.Protocol):
    """One keep-alive connection; requests have no bodies."""

    def __init__(self, pages: int) -> None:
        self.pages = pages
        self.received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.received += data
        while b"\r\n\r\n" in self.received:
            request, self.received = self.received.split(b"\r\n\r\n", 1)
            asked = PATH.match(request + b"\r\n")
            if asked is None:
                self.transport.close()
                return
            self.transport.write(answer(asked[1], self.pages))


async def serve(pages: int, addresses: list[str]) -> None:
    """Listen on a free port of each address; the ports are printed, and the end of standard input ends it."""
    loop = asyncio.get_running_loop()
    servers = [await loop.create_server(lambda: Portal(pages), address, 0) for address in addresses]
    print(*(server.sockets[0].getsockname()[1] for server in servers), flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    for server in servers:
        server.close()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), sys.argv[2:]))
