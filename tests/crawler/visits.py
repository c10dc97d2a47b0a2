"""Whole visits to small sites on loopback, without Scrapy's engine and without pauses, for tests."""

from __future__ import annotations

import asyncio
import http.client
from pathlib import Path
from urllib.parse import urlsplit

import msgspec
from scrapy import Request
from scrapy.http import Response

from crawler.browser import Browser
from crawler.dossier import read_dossier
from crawler.model import Dossier, TargetSet, Vantage, VisitRequest
from crawler.underway import Tools
from crawler.visiting import Sealed, visit


class Straight:
    """A downloader that asks the one port of loopback where every host of the test answers."""

    def __init__(self, port: int) -> None:
        self._port = port

    async def download_async(self, request: Request) -> Response:
        return await asyncio.to_thread(self._get, request)

    def _get(self, request: Request) -> Response:
        parts = urlsplit(request.url)
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=10)
        try:
            connection.request(
                "GET", parts.path + (f"?{parts.query}" if parts.query else ""), headers={"Host": parts.netloc}
            )
            answer = connection.getresponse()
            body = answer.read()
        finally:
            connection.close()
        return Response(request.url, answer.status, dict(answer.getheaders()), body, request=request)


class Open:
    """A gate that never makes anyone wait, and counts who asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def wait(self, url: str) -> None:
        self.asked.append(url)

    async def resting(self, url: str) -> float:
        return 0.0

    async def rest(self, url: str, seconds: float | None) -> None: ...

    async def well(self, url: str) -> None: ...

    def ask_gap(self, url: str, seconds: float) -> None: ...


class Visited(msgspec.Struct, frozen=True):
    """A sealed visit, what can be judged of it, and the addresses paced."""

    sealed: Sealed
    dossier: Dossier
    paced: list[str]


async def visited(
    folder: Path, port: int, request: VisitRequest, targets: TargetSet, browser: Browser | None = None
) -> Visited:
    """One visit to the sites that answer at a port, sealed in a folder."""
    gate = Open()
    tools = Tools(Straight(port), gate, folder, browser, Vantage(), "KiemCong (thu)")
    sealed = await visit(request, targets, tools)
    return Visited(sealed, read_dossier(Path(sealed.folder)), gate.asked)
